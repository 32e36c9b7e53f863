"""Strokes and outlines of the hand as masks: a pixel is inside when its centre is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.domain.mask import Mask, PixelBox
from forensic_gui.services.annotating import patches

_SHORTEST_PIECE_PX = 64.0
_Coordinates = NDArray[np.float64]


def stroke(points: Sequence[Point], *, width_px: float, size: Size) -> Mask:
    """What a round brush covers on its way.

    A pixel is covered when its centre is no further than half the width from the way, or when the way has a corner in
    it: the thinnest brush still paints where it touches.

    Args:
        points: corners of the way in evidence pixels, at least one; they may lie off the image.
        width_px: diameter, over 0.
        size: of the image.

    Returns:
        The mask; empty where the stroke lies off the image.

    Raises:
        ValueError: there is no point, or no width.
    """
    if not points or not width_px > 0:
        raise ValueError("a stroke has at least one point and some width")
    x, y = _coordinates(points)
    radius = width_px / 2
    box = patches.around(x, y, margin=radius, size=size)
    if box is None:
        return Mask.empty(size)
    covered = np.zeros(box.size.shape, np.bool_)
    for start, end in _pieces(x, y, longest_px=max(_SHORTEST_PIECE_PX, 2 * width_px)):
        _cover(covered, box, start, end, radius=radius)
    columns, rows = np.floor(x).astype(np.intp) - box.left, np.floor(y).astype(np.intp) - box.top
    on_image = (columns >= 0) & (columns < box.width) & (rows >= 0) & (rows < box.height)
    covered[rows[on_image], columns[on_image]] = True
    return patches.placed(covered, left=box.left, top=box.top, size=size)


def polygon(points: Sequence[Point], *, size: Size) -> Mask:
    """What a closed outline encloses, however often it crosses itself (nonzero winding).

    Args:
        points: corners in evidence pixels, at least three; they may lie off the image.
        size: of the image.

    Returns:
        The mask; empty where the outline encloses no pixel's centre.

    Raises:
        ValueError: fewer than three points.
    """
    if len(points) < 3:
        raise ValueError("an outline has at least three corners")
    x, y = _coordinates(points)
    box = patches.around(x, y, margin=0.0, size=size)
    if box is None:
        return Mask.empty(size)
    rows, columns, turns = _crossings(x, y, box)
    # Where an edge crosses the centres of a row, the winding number of all pixels to the right of it changes by one.
    winding = np.zeros((box.height, box.width + 1), np.int32)
    np.add.at(winding, (rows, columns), turns)
    inside = np.cumsum(winding, axis=1, dtype=np.int32)[:, :-1] != 0
    return patches.placed(inside, left=box.left, top=box.top, size=size)


def _coordinates(points: Sequence[Point]) -> tuple[_Coordinates, _Coordinates]:
    xy = np.array([(point.x, point.y) for point in points], np.float64)
    return xy[:, 0], xy[:, 1]


def _pieces(x: _Coordinates, y: _Coordinates, *, longest_px: float) -> Iterator[tuple[Point, Point]]:
    """The way in straight pieces: a long diagonal in one would have a box of most of the image."""
    if x.size == 1:
        here = Point(float(x[0]), float(y[0]))
        yield here, here
    for index in range(x.size - 1):
        count = max(1, math.ceil(math.hypot(x[index + 1] - x[index], y[index + 1] - y[index]) / longest_px))
        along_x = np.linspace(x[index], x[index + 1], count + 1).tolist()
        along_y = np.linspace(y[index], y[index + 1], count + 1).tolist()
        for piece in range(count):
            yield Point(along_x[piece], along_y[piece]), Point(along_x[piece + 1], along_y[piece + 1])


def _cover(covered: NDArray[np.bool_], box: PixelBox, start: Point, end: Point, *, radius: float) -> None:
    """Mark the pixels whose centres are no further than the radius from a straight piece."""
    near = patches.around(
        np.array([start.x, end.x]) - box.left, np.array([start.y, end.y]) - box.top, margin=radius, size=box.size
    )
    if near is None:
        return
    # Centres of the pixels, seen from the start.
    x = np.arange(near.left, near.left + near.width) + (0.5 + box.left - start.x)
    y = (np.arange(near.top, near.top + near.height) + (0.5 + box.top - start.y))[:, None]
    to_x, to_y = end.x - start.x, end.y - start.y
    squared_length = to_x * to_x + to_y * to_y
    if squared_length:
        share = np.clip((x * to_x + y * to_y) / squared_length, 0.0, 1.0)
        distance = (x - share * to_x) ** 2 + (y - share * to_y) ** 2
    else:
        distance = x**2 + y**2
    covered[near.slices] |= distance <= radius * radius


def _crossings(
    x: _Coordinates, y: _Coordinates, box: PixelBox
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int32]]:
    """Where the outline's edges cross the lines of the rows' centres.

    Returns:
        Row in the box; first column in the box whose centre is at the crossing or right of it, at most the width;
        +1 for an edge that goes down, -1 for one that goes up.
    """
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    upper, lower = np.minimum(y, next_y), np.maximum(y, next_y)
    # Half-open, so that a corner on a line counts for one of its two edges.
    first = np.clip(np.ceil(upper - 0.5) - box.top, 0, box.height).astype(np.intp)
    last = np.clip(np.ceil(lower - 0.5) - box.top, 0, box.height).astype(np.intp)
    counts = np.maximum(last - first, 0)
    edge = np.repeat(np.arange(x.size), counts)
    step = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = first[edge] + step
    share = (rows + 0.5 + box.top - y[edge]) / (next_y[edge] - y[edge])
    at = x[edge] + share * (next_x[edge] - x[edge])
    columns = np.clip(np.ceil(at - 0.5) - box.left, 0, box.width).astype(np.intp)
    turns = np.where(next_y[edge] > y[edge], 1, -1).astype(np.int32)
    return rows, columns, turns
