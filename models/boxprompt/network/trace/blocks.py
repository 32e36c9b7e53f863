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

BANDS = ((1, 2), (3, 5), (6, 14))
"""Of u + v, both ends included: low, middle and high frequencies."""

USUAL_COEFFICIENTS = (5, 15)
"""Of the lowest frequencies: to where the first, and the second, statistic of usual coefficients looks."""

_LEVELS = 64
_MARGIN = 6
_SIGMA = 3.0
_LEAST_SQUARE = 0.01

# ITU-T T.81, annex K, tables K.1 and K.2, in raster order.
_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *(((99,) * 8,) * 4),
)


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
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    base = torch.tensor(_CHROMA if chroma else _LUMA, dtype=torch.int64)
    return torch.clamp((base * scale + 50) // 100, 1, 255).float().reshape(CELL_PX**2, 1, 1)


def coefficients(plane: Tensor, transform: Tensor) -> Tensor:
    """DCT of each block of a plane, float (B, 1, H, W), H and W multiples of 8."""
    batch, _, height, width = plane.shape
    rows, columns = height // CELL_PX, width // CELL_PX
    cut = (plane - 128).reshape(batch, rows, CELL_PX, columns, CELL_PX).transpose(2, 3)
    # A matrix product: as a strided convolution it takes several times as long on a CPU.
    return (cut.reshape(batch, rows, columns, CELL_PX**2) @ transform.T).permute(0, 3, 1, 2)


def by_frequency() -> list[int]:
    """Channels of the 63 AC coefficients, lowest frequencies first."""
    return sorted(range(1, CELL_PX**2), key=lambda k: (k // CELL_PX + k % CELL_PX, k))


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


def histogram_levels(blocks: Tensor) -> Tensor:
    """Magnitudes of the low frequencies rounded to whole levels, int64 (B, 15, h, w), at most 63."""
    chosen = by_frequency()[: USUAL_COEFFICIENTS[-1]]
    return blocks[:, chosen].abs().round().clamp(max=_LEVELS - 1).long()


def usual(levels: Tensor) -> Tensor:
    """How much more often than its neighbouring values a block's coefficients occur in the image, (B, 2, h, w).

    Quantised twice, values pile up at some levels and miss others; a block whose values are those the image misses has
    another history than the rest. Mean over a block's coefficients of log(count) less the smoothed log(count), the
    block itself not counted, over the first five frequencies and over the next ten. Values near 0 (no information)
    and near the end of the histogram are left out.

    Args:
        levels: from `histogram_levels`, of the whole image.
    """
    batch, frequencies, height, width = levels.shape
    flat = levels.reshape(batch * frequencies, height * width)
    counts = flat.new_zeros(len(flat), _LEVELS, dtype=torch.float32)
    counts.scatter_add_(1, flat, torch.ones_like(flat, dtype=torch.float32))
    kernel = _bell().to(levels.device)
    log_counts = torch.log(counts + 1)
    smooth = functional.conv1d(functional.pad(log_counts[:, None], (_MARGIN,) * 2, mode="replicate"), kernel)[:, 0]
    own = torch.log(torch.clamp(torch.gather(counts, 1, flat), min=1))  # less itself, plus one
    excess = (own - torch.gather(smooth, 1, flat)).clamp(-3, 3)
    counted = ((flat >= 2) & (flat < _LEVELS - _MARGIN)).float()
    shape = (batch, frequencies, height, width)
    first = USUAL_COEFFICIENTS[0]
    excess, counted = (excess * counted).reshape(shape), counted.reshape(shape)
    means = [
        excess[:, part].sum(dim=1) / (counted[:, part].sum(dim=1) + 1)
        for part in (slice(0, first), slice(first, None))
    ]  # fmt: skip
    return torch.stack(means, dim=1)


def _bell() -> Tensor:
    offset = torch.arange(-_MARGIN, _MARGIN + 1, dtype=torch.float32)
    weights = torch.exp(-0.5 * (offset / _SIGMA).square())
    return (weights / weights.sum())[None, None]


def _band(low: int, high: int) -> list[int]:
    return [k for k in range(1, CELL_PX**2) if low <= k // CELL_PX + k % CELL_PX <= high]
