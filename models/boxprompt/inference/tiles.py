"""Overlapping tiles at native scale: where they lie and how their scores are blended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TilePlan:
    """Square tiles that cover an image.

    Attributes:
        side_px: side of a tile in image pixels.
        origins: (top, left) of every tile, row by row; the last row and column end at the image's border.
    """

    side_px: int
    origins: tuple[tuple[int, int], ...]


def plan_tiles(height: int, width: int, *, side_px: int, overlap_px: int) -> TilePlan:
    """Cover an image of `height` x `width` with evenly spaced tiles that overlap by at least `overlap_px`.

    An image with a side shorter than a tile gets no tiles: padding would show the network borders it never learned.

    Raises:
        ValueError: the overlap is not in [0, side).
    """
    if not 0 <= overlap_px < side_px:
        raise ValueError(f"overlap is in [0, {side_px}), not {overlap_px}")
    if height < side_px or width < side_px:
        return TilePlan(side_px, ())
    tops = _starts(height, side_px, side_px - overlap_px)
    lefts = _starts(width, side_px, side_px - overlap_px)
    return TilePlan(side_px, tuple((top, left) for top in tops for left in lefts))


def _starts(length: int, side: int, stride: int) -> list[int]:
    count = 1 + -(-(length - side) // stride)
    return [round(step * (length - side) / max(1, count - 1)) for step in range(count)]


class TileBlend:
    """Weighted mean of overlapping tile scores on a grid of cells about `stride_px` image pixels wide.

    A whole number of cells spans the image. A tile's weight falls towards its border (raised cosine), where the network
    sees least context.
    """

    def __init__(self, height: int, width: int, *, side_px: int, stride_px: int) -> None:
        self._cells = side_px // stride_px
        self._free_px = (height - side_px, width - side_px)
        self._shape = (max(self._cells, round(height / stride_px)), max(self._cells, round(width / stride_px)))
        self._sum = np.zeros(self._shape, dtype=np.float64)
        self._weight = np.zeros(self._shape, dtype=np.float64)
        ramp = np.sin(np.pi * (np.arange(self._cells) + 0.5) / self._cells) ** 2
        # A floor, so that the image's own corners, which only one tile sees, are still defined.
        self._window = np.maximum(np.outer(ramp, ramp), 1e-3)

    def add(self, scores: NDArray[np.float32], origin: tuple[int, int]) -> None:
        """Add one tile.

        Args:
            scores: float32 (side / stride, side / stride) in [0, 1].
            origin: (top, left) in image pixels; moved to the nearest cell, the borders of the image onto those of the
                grid (an error of at most one cell).
        """
        top, left = (
            round(start * (shape - self._cells) / free) if free else 0
            for start, shape, free in zip(origin, self._shape, self._free_px, strict=True)
        )
        window = (slice(top, top + self._cells), slice(left, left + self._cells))
        self._sum[window] += scores * self._window
        self._weight[window] += self._window

    def result(self) -> NDArray[np.float32]:
        """The blended scores, float32 (about H / stride, W / stride) in [0, 1], covering the whole image.

        Raises:
            ValueError: a cell that no tile covered.
        """
        if not self._weight.all():
            raise ValueError("the tiles added do not cover the image")
        return (self._sum / self._weight).astype(np.float32)
