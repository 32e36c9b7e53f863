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
from forensic_gui.services import engine


def fill(outlines: Sequence[NDArray[np.float64]], size: Size) -> NDArray[np.bool_]:
    """Pixels inside any of the outlines, each filled by the even-odd rule, as datasets to learn from are read.

    Args:
        outlines: corners (n, 2) as (x, y), finite; parts outside of the image are cut off.
        size: of the image.

    Raises:
        ValueError: an outline crosses far more rows than any real one.
    """
    return engine.fill_outlines(outlines, size)


def disc(centre: NDArray[np.float64], radius: float, size: Size) -> NDArray[np.bool_]:
    """Pixels whose centre lies within a circle; `centre` as (x, y)."""
    rows = np.arange(size.height)[:, None] + 0.5 - centre[1]
    columns = np.arange(size.width)[None, :] + 0.5 - centre[0]
    return np.asarray(np.hypot(columns, rows) <= radius)
