"""Outlines as pixels: a pixel is inside where its centre is.

Corners are in pixels with the origin at the top-left corner of the top-left pixel, as COCO and labelme write them.
Their own rasterisers put pixels on the border in or out by rules of their own, which differ from each other; the centre
rule has no bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size

MAX_CROSSINGS = 1 << 26
"""Most crossings of outlines with rows of pixels; a real outline has a few for each row."""


def fill(outlines: Sequence[NDArray[np.float64]], size: Size) -> NDArray[np.bool_]:
    """Pixels inside any of the outlines, each filled by the even-odd rule.

    Args:
        outlines: corners (n, 2) as (x, y), finite; parts outside of the image are cut off.
        size: of the image.

    Raises:
        ValueError: an outline crosses far more rows than any real one.
    """
    inside = np.zeros(size.shape, dtype=np.bool_)
    for outline in outlines:
        inside |= _fill_one(outline, size)
    return inside


def disc(centre: NDArray[np.float64], radius: float, size: Size) -> NDArray[np.bool_]:
    """Pixels whose centre lies within a circle; `centre` as (x, y)."""
    rows = np.arange(size.height)[:, None] + 0.5 - centre[1]
    columns = np.arange(size.width)[None, :] + 0.5 - centre[0]
    return np.asarray(np.hypot(columns, rows) <= radius)


def _fill_one(outline: NDArray[np.float64], size: Size) -> NDArray[np.bool_]:
    starts, ends = outline, np.roll(outline, -1, axis=0)
    upper, lower = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    # Rows whose centre (row + 0.5) lies in [upper, lower): half-open, so that a corner between two edges counts once.
    first = np.clip(np.ceil(upper - 0.5), 0, size.height).astype(np.int64)
    after = np.clip(np.ceil(lower - 0.5), 0, size.height).astype(np.int64)
    counts = after - first
    total = int(counts.sum())
    if total > MAX_CROSSINGS:
        raise ValueError(f"it crosses rows of pixels {total:,} times")
    edges = np.repeat(np.arange(len(outline)), counts)
    rows = first[edges] + np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    slope = (ends - starts)[edges]
    x = starts[edges, 0] + (rows + 0.5 - starts[edges, 1]) * slope[:, 0] / slope[:, 1]
    columns = np.clip(np.ceil(x - 0.5), 0, size.width).astype(np.int64)
    # Every crossing turns the pixels from its column on; the last column, beyond the image, takes those right of it.
    turns = np.zeros((size.height, size.width + 1), dtype=np.bool_)
    np.logical_xor.at(turns, (rows, columns), True)
    return np.logical_xor.accumulate(turns[:, :-1], axis=1)
