"""Sizes, points, boxes and orientation: the only place that converts coordinates.

Points are (x, y) in evidence pixels, the origin at the top-left corner of the top-left pixel, so the centre of the
first pixel is (0.5, 0.5). Arrays are (row, column). *Evidence pixels* are the pixels as stored in the file; the *view*
is the evidence with its EXIF orientation applied.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size is at least 1x1, not {self.width}x{self.height}")

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.width * self.height

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns), the order of arrays."""
        return (self.height, self.width)

    @classmethod
    def of(cls, array: NDArray[Any]) -> Size:
        """Size of an array (H, W, ...)."""
        return cls(width=int(array.shape[1]), height=int(array.shape[0]))


@dataclass(frozen=True, slots=True)
class Point:
    """A position in pixels; which pixels (evidence, view or grid) the name of the variable says."""

    x: float
    y: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.x) and math.isfinite(self.y)):
            raise ValueError(f"a point has finite coordinates, not {self.x},{self.y}")

    @property
    def pixel(self) -> tuple[int, int]:
        """(row, column) of the pixel that holds this point."""
        return (int(np.floor(self.y)), int(np.floor(self.x)))


@dataclass(frozen=True, slots=True)
class Box:
    """Half-open rectangle [x0, x1) x [y0, y1) in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        is_finite = all(map(math.isfinite, (self.x0, self.y0, self.x1, self.y1)))
        if not (is_finite and self.x0 < self.x1 and self.y0 < self.y1):
            raise ValueError(f"a box has finite x0 < x1 and y0 < y1, not {self.x0},{self.y0},{self.x1},{self.y1}")


class Orientation(IntEnum):
    """EXIF orientation (tag 0x0112, EXIF 2.32 section 4.6.4): how stored pixels turn into the view."""

    UPRIGHT = 1
    MIRRORED = 2
    ROTATED_180 = 3
    FLIPPED = 4
    TRANSPOSED = 5
    ROTATED_90_CW = 6
    TRANSVERSED = 7
    ROTATED_90_CCW = 8

    @property
    def swaps_axes(self) -> bool:
        """Whether width and height change places."""
        return self >= Orientation.TRANSPOSED

    @property
    def inverse(self) -> Orientation:
        """The orientation that turns the view back into stored pixels."""
        return _INVERSE.get(self, self)

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Turn stored pixels (H, W, ...) into the view, as a strided view of the same memory."""
        turned = array.swapaxes(0, 1) if self.swaps_axes else array
        flip_rows, flip_columns = _FLIPS[self]
        return turned[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]

    def size_in_view(self, stored: Size) -> Size:
        """Size of the view of an image stored with `stored` size."""
        return Size(stored.height, stored.width) if self.swaps_axes else stored

    def to_view(self, point: Point, *, stored: Size) -> Point:
        """Map a point from evidence pixels to the view."""
        x, y = (point.y, point.x) if self.swaps_axes else (point.x, point.y)
        view = self.size_in_view(stored)
        flip_rows, flip_columns = _FLIPS[self]
        return Point(view.width - x if flip_columns else x, view.height - y if flip_rows else y)

    def to_stored(self, point: Point, *, stored: Size) -> Point:
        """Map a point from the view back to evidence pixels."""
        return self.inverse.to_view(point, stored=self.size_in_view(stored))


# After the optional swap of axes: (flip rows, flip columns).
_FLIPS = {
    Orientation.UPRIGHT: (False, False),
    Orientation.MIRRORED: (False, True),
    Orientation.ROTATED_180: (True, True),
    Orientation.FLIPPED: (True, False),
    Orientation.TRANSPOSED: (False, False),
    Orientation.ROTATED_90_CW: (False, True),
    Orientation.TRANSVERSED: (True, True),
    Orientation.ROTATED_90_CCW: (True, False),
}
_INVERSE = {
    Orientation.ROTATED_90_CW: Orientation.ROTATED_90_CCW,
    Orientation.ROTATED_90_CCW: Orientation.ROTATED_90_CW,
}
