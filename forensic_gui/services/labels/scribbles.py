"""Scribbles as maps: what the analyst's strokes say, for methods that learn from strokes alone."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.labels import LabelledImage
from forensic_gui.domain.prompt import Scribble

UNLABELLED, MANIPULATED, UNTOUCHED = 0, 1, 2

_SHIFT_BITS = 4


def scribble_map(image: LabelledImage) -> NDArray[np.uint8] | None:
    """The strokes of an image: uint8 (H, W), 1 on strokes through regions, 2 on strokes beside them, 0 elsewhere.

    A stroke of one region may cross another one, and a mask may have been corrected since: what is 1 lies within the
    image's mask and what is 2 outside of it, the rest is left unlabelled.

    Returns:
        None where no stroke was drawn.
    """
    strokes = [stroke for region in image.regions for stroke in region.details.prompts.scribbles]
    if not strokes:
        return None
    size = image.annotation.size
    inside = image.mask.to_array()
    drawn = np.full(size.shape, UNLABELLED, dtype=np.uint8)
    drawn[_covered(size, (stroke for stroke in strokes if stroke.positive)) & inside] = MANIPULATED
    drawn[_covered(size, (stroke for stroke in strokes if not stroke.positive)) & ~inside] = UNTOUCHED
    return drawn


def _covered(size: Size, strokes: Iterable[Scribble]) -> NDArray[np.bool_]:
    canvas = np.zeros(size.shape, dtype=np.uint8)
    for stroke in strokes:
        # OpenCV's integer coordinates are centres of pixels, ours are half a pixel on.
        corners = np.array([[point.x - 0.5, point.y - 0.5] for point in stroke.points])
        fixed = np.rint(corners * (1 << _SHIFT_BITS)).astype(np.int32).reshape(-1, 1, 2)
        if len(stroke.points) == 1:
            fixed = np.repeat(fixed, 2, axis=0)
        width = max(1, round(stroke.width_px))
        cv2.polylines(canvas, [fixed], isClosed=False, color=1, thickness=width, shift=_SHIFT_BITS)
    return canvas.astype(np.bool_)
