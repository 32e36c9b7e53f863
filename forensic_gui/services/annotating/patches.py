"""Small rectangles of large masks: what a stroke touches is worked on, never all twelve megapixels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Box, Size
from forensic_gui.domain.mask import Mask, MaskPatch, PixelBox

Inside = NDArray[np.bool_]


def placed(inside: Inside, *, left: int, top: int, size: Size) -> Mask:
    """The mask of an image that holds the pixels of a small array, and no others.

    Takes time by the array, not by the image.

    Args:
        inside: bool (h, w), wholly within the image.
        left: column of its first column.
        top: row of its first row.
        size: of the image.
    """
    # An empty row below ends every run at the end of its column, so that each lies in one column of the image too.
    closed = np.pad(inside, ((0, 1), (0, 0)))
    flat = closed.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat, prepend=False))
    column, row = np.divmod(edges, closed.shape[0])
    position = (left + column) * size.height + top + row
    # Where the array is as high as the image, a run may end where the next one begins: they are one.
    meets = np.flatnonzero(np.diff(position) == 0)
    position = np.delete(position, np.concatenate((meets, meets + 1)))
    lengths = np.diff(position, prepend=0, append=size.pixels)
    if lengths.size > 1 and lengths[-1] == 0:
        lengths = lengths[:-1]
    return Mask(size, lengths.astype("<u4").tobytes())


def cut(mask: Mask, box: PixelBox) -> Inside:
    """The pixels of a mask in a box within its image: bool (h, w). Takes time by the box's columns and the runs."""
    height = mask.size.height
    first, last = box.left * height, (box.left + box.width) * height
    edges = np.cumsum(mask.lengths, dtype=np.int64)
    begin, end = np.searchsorted(edges, first, side="right"), np.searchsorted(edges, last, side="left")
    bounds = np.concatenate(([first], edges[begin:end], [last]))
    values = np.arange(begin, end + 1) % 2 == 1
    columns = np.repeat(values, np.diff(bounds)).reshape(box.width, height).T
    return np.ascontiguousarray(columns[box.top : box.top + box.height])


def patch(mask: Mask, box: PixelBox, after: Inside) -> MaskPatch | None:
    """The smallest patch that puts pixels into a box of a mask; None where they are there already.

    Args:
        mask: what is changed.
        box: where, within its image.
        after: bool (h, w) of the box's size: what is to be there.
    """
    before = cut(mask, box)
    changed = bounds(before ^ after)
    if changed is None:
        return None
    return MaskPatch(
        box.left + changed.left,
        box.top + changed.top,
        Mask.of(before[changed.slices]),
        Mask.of(after[changed.slices]),
    )


def bounds(inside: Inside) -> PixelBox | None:
    """Smallest box around the pixels of an array; None where there is none."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        return None
    return PixelBox(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)


def widened(box: PixelBox, by_px: int, *, size: Size) -> PixelBox:
    """A box and so many pixels around it, as far as the image goes."""
    left, top = max(0, box.left - by_px), max(0, box.top - by_px)
    right = min(size.width, box.left + box.width + by_px)
    bottom = min(size.height, box.top + box.height + by_px)
    return PixelBox(left, top, right - left, bottom - top)


def pixels_of(box: Box, *, size: Size) -> PixelBox | None:
    """The pixels of the image whose centres lie in a box; None where it holds none."""
    left, top = max(0, math.ceil(box.x0 - 0.5)), max(0, math.ceil(box.y0 - 0.5))
    right, bottom = min(size.width, math.ceil(box.x1 - 0.5)), min(size.height, math.ceil(box.y1 - 0.5))
    return PixelBox(left, top, right - left, bottom - top) if left < right and top < bottom else None


def around(x: NDArray[np.float64], y: NDArray[np.float64], *, margin: float, size: Size) -> PixelBox | None:
    """The pixels of the image that may lie within a margin of points; None where all are off the image."""
    left, top = max(0, math.floor(x.min() - margin)), max(0, math.floor(y.min() - margin))
    right = min(size.width, math.floor(x.max() + margin) + 1)
    bottom = min(size.height, math.floor(y.max() + margin) + 1)
    return PixelBox(left, top, right - left, bottom - top) if left < right and top < bottom else None
