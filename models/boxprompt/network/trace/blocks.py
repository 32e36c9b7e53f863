"""Statistics of 8×8 DCT blocks on the grid that starts at the image's corner: what compression left in them.

Coefficients are recomputed from pixels, float32 (B, 64, h, w) in grey levels, orthonormal, channel 8u + v for the
vertical frequency u and the horizontal v; rounding to pixels spreads them by about half a level. Sources: the error of
one more quantisation, as in error level analysis (compare H. Farid, IEEE TIFS 4(1), 2009); how usual an image's own
quantised coefficients are (double quantisation: Z. Lin, J. He, X. Tang and C.-K. Tang, Pattern Recognition 42, 2009).
How they are reduced to a number a block is ours.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from boxprompt.network.trace.pixels import CELL_PX
from boxprompt.traces.jpeg_tables import quantisation_tables

BANDS = ((1, 2), (3, 5), (6, 14))
"""Of u + v, both ends included: low, middle and high frequencies."""

USUAL_BANDS = ((1, 3), (4, 5), (6, 7))
"""Of u + v, likewise: where coefficients are compared with the image's own; over them nearly all are nothing."""

USUAL_SIDES = (3, 5)
"""In how many blocks a side that comparison is also averaged: one block has few coefficients."""

# How the steps of the last quantisation are found: magnitudes in quarters of a grey level, steps of whole levels.
_BINS_PER_LEVEL = 4
_BINS = 400
_LARGEST_STEP = 60
_LEAST_FIT = 0.6
_FIT_MARGIN = 0.1
_LEAST_COUNT = 12
# Multiples of a step from here on are few in any photograph.
_MULTIPLES = 40
_FURTHEST_EXCESS = 2.0
_LEAST_SQUARE = 0.01


def cosines() -> Tensor:
    """The orthonormal DCT-II of blocks: float32 (64, 64), a row for each coefficient, a column for each pixel."""
    position = torch.arange(CELL_PX, dtype=torch.float64)
    frequency = position[:, None]
    rows = torch.cos(math.pi * (2 * position + 1) * frequency / (2 * CELL_PX)) * math.sqrt(2 / CELL_PX)
    rows[0] /= math.sqrt(2)
    kernels = torch.einsum("uy,vx->uvyx", rows, rows).reshape(CELL_PX**2, CELL_PX**2)
    return kernels.float()


def table(quality: int, *, chroma: bool = False) -> Tensor:
    """The standard's quantisation table as libjpeg scales it to a quality of 1 to 100: float32 (64, 1, 1)."""
    return torch.from_numpy(quantisation_tables(quality)[int(chroma)]).reshape(CELL_PX**2, 1, 1)


def coefficients(plane: Tensor, transform: Tensor) -> Tensor:
    """DCT of each block of a plane, float (B, 1, H, W), H and W multiples of 8."""
    batch, _, height, width = plane.shape
    rows, columns = height // CELL_PX, width // CELL_PX
    cut = (plane - 128).reshape(batch, rows, CELL_PX, columns, CELL_PX).transpose(2, 3)
    # A matrix product: as a strided convolution it takes several times as long on a CPU.
    return (cut.reshape(batch, rows, columns, CELL_PX**2) @ transform.T).permute(0, 3, 1, 2)


def energies_and_zeros(blocks: Tensor) -> Tensor:
    """Log energy of three bands, then the share of coefficients that are nothing in each: (B, 6, h, w)."""
    bands = [blocks[:, _band(low, high)] for low, high in BANDS]
    energy = [torch.log(band.square().mean(dim=1) + _LEAST_SQUARE) for band in bands]
    zeros = [(band.abs() < 1).float().mean(dim=1) for band in bands]
    return torch.stack([*energy, *zeros], dim=1)


def log_energy(blocks: Tensor) -> Tensor:
    """Log energy of all AC coefficients: (B, 1, h, w)."""
    return torch.log(blocks[:, 1:].square().mean(dim=1, keepdim=True) + _LEAST_SQUARE)


def requantisation_error(blocks: Tensor, steps: Tensor) -> Tensor:
    """Log mean square error of one more quantisation, (B, 1, h, w): error level analysis without the pixels."""
    error = blocks - steps * torch.round(blocks / steps)
    return torch.log(error.square().mean(dim=1, keepdim=True) + _LEAST_SQUARE)


def nothing(blocks: Tensor) -> Tensor:
    """Share of AC coefficients that are nothing but rounding: (B, 1, h, w).

    Of chroma at half its size it is what an earlier, coarser compression leaves behind under a finer one.
    """
    return (blocks[:, 1:].abs() < 0.5).float().mean(dim=1, keepdim=True)


def fine_energy(blocks: Tensor) -> Tensor:
    """Log energy of the upper half of the frequencies, either way: (B, 1, h, w).

    Of chroma at full size: what has ever been stored with chroma halved (4:2:0) has next to none.
    """
    upper = [k for k in range(CELL_PX**2) if max(k // CELL_PX, k % CELL_PX) >= CELL_PX // 2]
    return torch.log(blocks[:, upper].square().mean(dim=1, keepdim=True) + _LEAST_SQUARE)


def magnitudes(blocks: Tensor) -> Tensor:
    """What `usual` compares: magnitudes of the coefficients of its bands, float32 (B, 35, h, w)."""
    return blocks[:, _usual_coefficients()].abs()


def steps_of(values: Tensor) -> Tensor:
    """The steps that coefficients were last quantised with, as their values say: float32 (N,), 1 where none is found.

    The largest step whose multiples the values keep to nearly as well as to any other's, by the mean of
    cos(2π value / step) over values that are not quantised to nothing. Where they keep to a multiple of the step,
    having been quantised more coarsely before, that multiple is found, which serves as well.

    Args:
        values: float32 (N, n), magnitudes in grey levels of one frequency each.
    """
    bins = (values * _BINS_PER_LEVEL).long().clamp(max=_BINS)
    counts = _counted(bins, _BINS + 1)[:, :_BINS]  # what lies beyond says nothing: it keeps to no step
    level = (torch.arange(_BINS, device=values.device)[:, None] + 0.5) / _BINS_PER_LEVEL
    step = torch.arange(1, _LARGEST_STEP + 1, device=values.device).float()
    something = (level > 0.6 * step).float()
    seen = counts @ something
    fit = (counts @ (something * torch.cos(2 * math.pi * level / step))) / seen.clamp(min=1)
    fit = torch.where(seen < _LEAST_COUNT, 0.0, fit)
    least = (fit.amax(dim=1, keepdim=True) - _FIT_MARGIN).clamp(min=_LEAST_FIT)
    return ((fit > least) * step).amax(dim=1).clamp(min=1)


def usual(values: Tensor) -> Tensor:
    """How usual a block's quantised coefficients are in the image: (B, 6, h, w).

    Quantised twice, values pile up at some multiples of the last step and miss others; a block whose values are those
    that the image misses has another history than the rest. A coefficient that is not nothing counts with log(count of
    its value in the image, itself left out) less that of the two values beside it. Channels: the mean over a block's
    coefficients by band; over those of all bands in 3×3 and in 5×5 blocks; and the logarithm of their number.

    Args:
        values: from `magnitudes`, of the whole image.
    """
    batch, frequencies, height, width = values.shape
    flat = values.reshape(batch * frequencies, height * width)
    multiples = torch.round(flat / steps_of(flat)[:, None]).long().clamp(max=_MULTIPLES)
    counts = _counted(multiples, _MULTIPLES + 1)
    log_counts = functional.pad(torch.log(counts + 1)[:, None], (1, 1), mode="replicate")[:, 0]
    beside = (log_counts[:, :-2] + log_counts[:, 2:]) / 2
    own = torch.log(torch.gather(counts, 1, multiples).clamp(min=1))  # less itself, plus one
    excess = (own - torch.gather(beside, 1, multiples)).clamp(-_FURTHEST_EXCESS, _FURTHEST_EXCESS)
    known = (multiples >= 1) & (multiples < _MULTIPLES - 2)
    excess = (excess * known).reshape(values.shape)
    number = known.float().reshape(values.shape)
    sizes = [len(_band(low, high)) for low, high in USUAL_BANDS]
    sums = torch.stack([part.sum(dim=1) for part in excess.split(sizes, dim=1)], dim=1)
    numbers = torch.stack([part.sum(dim=1) for part in number.split(sizes, dim=1)], dim=1)
    total, in_all = sums.sum(dim=1, keepdim=True), numbers.sum(dim=1, keepdim=True)
    around = [_nearby(total, side) / (_nearby(in_all, side) + 1) for side in USUAL_SIDES]
    return torch.cat([sums / (numbers + 1), *around, torch.log1p(in_all)], dim=1)


def _nearby(cells: Tensor, side: int) -> Tensor:
    """Sum over side×side cells; there are none beyond the image."""
    return functional.avg_pool2d(cells, side, stride=1, padding=side // 2) * side**2


def _usual_coefficients() -> list[int]:
    return [k for low, high in USUAL_BANDS for k in _band(low, high)]


def _counted(indices: Tensor, length: int) -> Tensor:
    """Histogram of each row: float32 (N, length) from int64 (N, n)."""
    counts = torch.zeros(len(indices), length, device=indices.device)
    return counts.scatter_add_(1, indices, torch.ones_like(indices, dtype=torch.float32))


def _band(low: int, high: int) -> list[int]:
    return [k for k in range(1, CELL_PX**2) if low <= k // CELL_PX + k % CELL_PX <= high]
