"""Colours of score maps on the canvas and in its legend: those of the saved pictures."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from forensic_gui.services.rendering import Colormap, colormap_table


def colormap_names() -> tuple[str, ...]:
    """Names of the colormaps on offer, the default first."""
    return tuple(colormap.value for colormap in Colormap)


@cache
def colormap_lut(name: str) -> NDArray[np.uint8]:
    """Colours of the scores 0/255 to 255/255: uint8 (256, 3) RGB, read-only.

    Raises:
        ValueError: no colormap has this name.
    """
    lut = colormap_table(Colormap(name))
    lut.flags.writeable = False
    return lut


def colour_scores(scores: NDArray[np.float32], *, colormap: str, opacity: float = 1.0) -> NDArray[np.uint8]:
    """Colour scores on the fixed scale 0 to 1, for swatches and icons.

    Args:
        scores: float32 (H, W) in [0, 1].
        colormap: one of `colormap_names()`.
        opacity: alpha of every pixel, in [0, 1].

    Returns:
        uint8 (H, W, 4) RGBA, alpha not multiplied in.
    """
    rgba = np.empty((256, 4), np.uint8)
    rgba[:, :3] = colormap_lut(colormap)
    rgba[:, 3] = round(255 * opacity)
    coloured: NDArray[np.uint8] = rgba[np.rint(scores * 255).astype(np.uint8)]
    return coloured
