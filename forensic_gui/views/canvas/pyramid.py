"""Halved copies of an image, so that showing a large photograph small neither aliases nor crawls."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.services.progress import CancelToken

_COARSEST_SIDE_PX = 256
_PREVIEW_SIDE_PX = 512
# A level this much finer than the screen is passed over for the next coarser one: it would cost more than a
# frame may, and point samples of it would alias.
_FINEST_EXCESS = 2.02


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """An image at several sizes, each of which covers the whole of it.

    Attributes:
        levels: uint8 (h, w, 3) RGB, finest first; the first is the image itself.
    """

    levels: tuple[NDArray[np.uint8], ...]

    @property
    def size(self) -> Size:
        """Size of the image in view pixels."""
        return Size.of(self.levels[0])

    def level_for(self, scale: float) -> NDArray[np.uint8]:
        """The coarsest level that still has a pixel for every screen pixel at `scale`.

        Where only much finer ones have (a preview), the next coarser one.
        """
        longest = max(self.size.width, self.size.height)
        chosen = self.levels[-1]
        for level in reversed(self.levels):
            level_scale = max(level.shape[:2]) / longest
            if level_scale > _FINEST_EXCESS * scale:
                break
            chosen = level
            if level_scale >= scale:
                break
        return chosen


def preview_pyramid(image: NDArray[np.uint8]) -> Pyramid:
    """The image and one coarse copy made of single samples: fast enough for a GUI thread, good for a moment."""
    step = -(-max(image.shape[:2]) // _PREVIEW_SIDE_PX)
    if step <= 1:
        return Pyramid((image,))
    rows, columns = (_middles(length, count=-(-length // step)) for length in image.shape[:2])
    return Pyramid((image, image[np.ix_(rows, columns)]))


def build_pyramid(image: NDArray[np.uint8], *, cancel: CancelToken | None = None) -> Pyramid:
    """Halve the image by area averages until its longer side is small. Slow: not for a GUI thread.

    Args:
        image: uint8 (H, W, 3) RGB, maybe a strided view.
        cancel: looked at before each level.

    Raises:
        Cancelled: stopping was asked for.
    """
    finest = np.ascontiguousarray(image)  # crops of a turned photograph would cost a frame each
    levels = [finest]
    while max(finest.shape[:2]) > _COARSEST_SIDE_PX:
        if cancel is not None:
            cancel.raise_if_cancelled()
        height, width = finest.shape[:2]
        halved = ((width + 1) // 2, (height + 1) // 2)
        finest = cv2.resize(finest, halved, interpolation=cv2.INTER_AREA)
        levels.append(finest)
    return Pyramid(tuple(levels))


def _middles(length: int, *, count: int) -> NDArray[np.intp]:
    """Indices of the samples in the middle of `count` equal parts of `length` samples."""
    return ((np.arange(count) + 0.5) * length / count).astype(np.intp)
