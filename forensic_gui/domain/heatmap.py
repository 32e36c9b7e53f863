"""Heatmaps and masks: what a localizer says of every evidence pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Point, Size


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Model scores on the localizer's own grid, and the evidence they describe.

    The score of an evidence pixel is the bilinear interpolation of the grid at the pixel's centre, half-pixel
    centres on both sides, clamped at the border: `score_at` is the definition, `services.rendering` the fast path.

    Attributes:
        grid: float32 (h, w) in [0, 1], C-contiguous, in the orientation of the stored evidence.
        size: size of the evidence in evidence pixels.
    """

    grid: NDArray[np.float32]
    size: Size

    def __post_init__(self) -> None:
        if self.grid.dtype != np.float32 or self.grid.ndim != 2:
            raise ValueError(f"a heatmap grid is float32 (h, w), not {self.grid.dtype} {self.grid.shape}")

    def score_at(self, point: Point) -> float:
        """Model score in [0, 1] of the evidence pixel that holds `point`.

        Raises:
            ValueError: the point lies outside the evidence.
        """
        row, column = point.pixel
        if not (0 <= row < self.size.height and 0 <= column < self.size.width):
            raise ValueError(f"({point.x}, {point.y}) lies outside {self.size.width}x{self.size.height}")
        rows, columns = self.grid.shape
        y = np.clip((row + 0.5) * rows / self.size.height - 0.5, 0, rows - 1)
        x = np.clip((column + 0.5) * columns / self.size.width - 0.5, 0, columns - 1)
        top, left = int(y), int(x)
        bottom, right = min(top + 1, rows - 1), min(left + 1, columns - 1)
        fy, fx = y - top, x - left
        upper = self.grid[top, left] * (1 - fx) + self.grid[top, right] * fx
        lower = self.grid[bottom, left] * (1 - fx) + self.grid[bottom, right] * fx
        return float(upper * (1 - fy) + lower * fy)


@dataclass(frozen=True, slots=True, eq=False)
class Localization:
    """What one run of a localizer returns for one image.

    Attributes:
        heatmap: the refined response A_refined (paper, refinement after Eq. 4).
        gate_map: float32 (h, w) in [0, 1], the mean gate G_avg, stored orientation; None if not asked for.
        memory_response: float32 (h, w) in [0, 1], the long-term prior A_mem; None without memory or not asked for.
        stage_seconds: seconds by stage, as {"preprocess": ..., "forward": ...}.
        tiles: number of tiles of native resolution that were looked at; 0 for a student's fast view.
    """

    heatmap: Heatmap
    gate_map: NDArray[np.float32] | None = None
    memory_response: NDArray[np.float32] | None = None
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    tiles: int = 0
