"""Statistics of a cell's pixels: how they were sampled and denoised, and where a block grid shows in them.

Every function takes planes, float32 (B, 1, H, W) in grey levels with H and W multiples of the cell, and returns one or
more channels on the grid of cells, float32 (B, n, H/8, W/8). Sources: high-pass residuals after J. Fridrich and J.
Kodovský, IEEE TIFS 7(3), 2012; steps by phase after W. Li, Y. Yuan and N. Yu, Signal Processing 89, 2009. How they are
reduced to a number a cell is ours.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CELL_PX = 8
"""Side of a cell, and of a JPEG block."""

# Added before a logarithm: well under one grey level, so that flat cells stay finite and near each other.
_LEAST = 0.05


def pooled(plane: Tensor) -> Tensor:
    """Mean over each cell."""
    return functional.avg_pool2d(plane, CELL_PX)


def log_level(cells: Tensor) -> Tensor:
    """Logarithm of a magnitude in grey levels, finite at 0."""
    return torch.log(cells + _LEAST)


def residuals(plane: Tensor) -> Tensor:
    """What is left of a plane once each pixel is predicted from its neighbours: float (B, 3, H, W), grey levels.

    The 3×3 square kernel of the rich models, then their second-order line kernel across and down
    (`boxprompt.traces.srm`), composed of differences; borders are repeated, so that the frame is no edge.
    """
    across = _second_difference(plane, dim=-1)
    down = _second_difference(plane, dim=-2)
    return torch.cat([_second_difference(across, dim=-2) / -4, across / 2, down / 2], dim=1)


def residual_levels(left: Tensor) -> Tensor:
    """Log mean magnitude of each of `residuals`, then its share of near-zeros: (B, 6, h, w)."""
    size = left.abs()
    return torch.cat([log_level(pooled(size)), pooled((size < 0.5).float())], dim=1)


def flattest_noise(residual: Tensor) -> Tensor:
    """Level of a residual in the quarter of the cell where it is least: noise where there is least texture."""
    quarters = functional.avg_pool2d(residual.abs(), CELL_PX // 2)
    return log_level(-functional.max_pool2d(-quarters, 2))


def half_scale_noise(luma: Tensor) -> Tensor:
    """Level of the square residual of the image at half its size: what shrinking leaves of the noise."""
    halved = functional.avg_pool2d(luma, 2)
    square = _second_difference(_second_difference(halved, dim=-1), dim=-2) / -4
    return log_level(functional.avg_pool2d(square.abs(), CELL_PX // 2))


def grid_phases(luma: Tensor) -> Tensor:
    """Steps after each of the eight columns, then after each of the eight rows, against their mean: (B, 16, h, w).

    A step is a difference of neighbours less the mean of the two beside it, so that a slope is none. Compression in
    blocks leaves steps at one phase; where a piece brought its own grid, at another. Log ratios.
    """
    columns = _steps(luma, dim=-1)
    rows = _steps(luma, dim=-2)
    batch, _, height, width = luma.shape
    shape = (batch, height // CELL_PX, CELL_PX, width // CELL_PX, CELL_PX)
    by_column = columns.reshape(shape).mean(dim=2).permute(0, 3, 1, 2)
    by_row = rows.reshape(shape).mean(dim=4).permute(0, 2, 1, 3)
    return torch.cat([_against_mean(by_column), _against_mean(by_row)], dim=1)


def clipped(levels: Tensor) -> Tensor:
    """Share of values at either end of the range, (B, 1, h, w), from RGB (B, 3, H, W)."""
    ends = ((levels < 3) | (levels > 252)).float()
    return pooled(ends.mean(dim=1, keepdim=True))


def _second_difference(plane: Tensor, *, dim: int) -> Tensor:
    length = plane.shape[dim]
    framed = functional.pad(plane, (1, 1, 0, 0) if dim == -1 else (0, 0, 1, 1), mode="replicate")
    return framed.narrow(dim, 0, length) + framed.narrow(dim, 2, length) - 2 * plane


def _steps(luma: Tensor, *, dim: int) -> Tensor:
    framed = functional.pad(luma, (1, 2, 0, 0) if dim == -1 else (0, 0, 1, 2), mode="replicate")
    difference = framed.diff(dim=dim)
    length = luma.shape[dim]
    before, at, after = (difference.narrow(dim, start, length) for start in range(3))
    return (at - (before + after) / 2).abs()


def _against_mean(phases: Tensor) -> Tensor:
    return torch.log(phases + 0.5) - torch.log(phases.mean(dim=1, keepdim=True) + 0.5)
