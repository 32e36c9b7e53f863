"""Pictures of a report as arrays: what of an image is shown, at what size, and what is painted over it.

Pure functions. Everything is computed in stored orientation at the picture's own size; nothing is enhanced. Colours are
those of the window, scores are always on the fixed scale 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Box, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask, PixelBox
from forensic_gui.domain.palette import ADDS_RGB, BOTH_RGB, DARK_RGB, LIGHT_RGB, MINE_ONLY_RGB, MODEL_ONLY_RGB
from forensic_gui.services import rendering
from forensic_gui.services.artifacts import OverlayStyle

Rgb = tuple[int, int, int]

WHOLE_PX = 640
"""Longest side of a picture of a whole item."""
OVERLAY = OverlayStyle()
"""As the files of an analysis are drawn."""
FILL_OPACITY = 0.35
DIFFERENCE_OPACITY = 0.65
_KERNEL = np.ones((3, 3), np.uint8)
_DASH_PX = 6
# A side of 8 pixels: one of 64 that is inside averages to 4 of 255.
_MOST_AVERAGED = 8


@dataclass(frozen=True, slots=True)
class Frame:
    """What a picture shows of an image.

    Attributes:
        image: size of the whole, evidence pixels, stored orientation.
        part: the evidence pixels that are shown.
        size: of the picture; never larger than the part.
    """

    image: Size
    part: PixelBox
    size: Size

    @classmethod
    def whole(cls, image: Size) -> Frame:
        """All of an image, its longest side reduced to `WHOLE_PX` where it is longer."""
        part = PixelBox(0, 0, image.width, image.height)
        return cls(image, part, _reduced(image, WHOLE_PX))

    @classmethod
    def of_box(cls, image: Size, box: Box, *, longest_px: int) -> Frame | None:
        """The pixels that a box touches, as they are where they are not more; None where it lies outside the image."""
        left, top = max(0, math.floor(box.x0)), max(0, math.floor(box.y0))
        right, bottom = min(image.width, math.ceil(box.x1)), min(image.height, math.ceil(box.y1))
        if left >= right or top >= bottom:
            return None
        part = PixelBox(left, top, right - left, bottom - top)
        return cls(image, part, _reduced(part.size, longest_px))

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the image is left out."""
        return (self.part.width, self.part.height) == (self.image.width, self.image.height)


def photograph(pixels: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """The image itself.

    Args:
        pixels: uint8 (H, W, 3) RGB: of the whole image, or reduced as the decoder did where the frame is whole.
        frame: what is shown.

    Returns:
        uint8 (rows, columns, 3) RGB of the frame's size.
    """
    part = pixels[frame.part.slices] if pixels.shape[:2] == frame.image.shape else pixels
    return _resized(part, frame.size)


def levels(heatmap: Heatmap, frame: Frame) -> NDArray[np.uint8]:
    """Model scores at the centres of the picture's pixels, in steps of 1/255: uint8 (rows, columns)."""
    rows, columns = heatmap.grid.shape
    y = _cells(frame.part.top, frame.part.height, frame.size.height, frame.image.height, rows)
    x = _cells(frame.part.left, frame.part.width, frame.size.width, frame.image.width, columns)
    across = _between(heatmap.grid, x, axis=1)
    scores = np.ascontiguousarray(_between(across, y, axis=0))
    steps: NDArray[np.uint8] = cv2.convertScaleAbs(scores, alpha=255.0).reshape(scores.shape)
    return steps


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A mask at a picture's size.

    Attributes:
        coverage: how much of each of the picture's pixels it covers: uint8 (rows, columns), 255 for all of it.
        touched: pixels in which there is anything of it: bool (rows, columns). However small, it is seen.
    """

    coverage: NDArray[np.uint8]
    touched: NDArray[np.bool_]

    @classmethod
    def of(cls, mask: Mask, frame: Frame) -> Shown:
        """The part of a mask that a frame shows."""
        if mask.is_empty:
            return cls(np.zeros(frame.size.shape, np.uint8), np.zeros(frame.size.shape, np.bool_))
        # Columns as rows, as masks have them: only the small picture is turned.
        columns = _full((mask if frame.is_whole else mask.crop(frame.part)).to_columns())
        turned = Size(frame.size.height, frame.size.width)
        first = _evenly_reduced(columns, turned)
        coverage = _resized(first, turned)
        if max(frame.part.width / frame.size.width, frame.part.height / frame.size.height) <= _MOST_AVERAGED:
            touched = coverage > 0
        else:
            touched = _touched(columns, turned)
        return cls(np.ascontiguousarray(coverage.T), np.ascontiguousarray(touched.T))


def coloured(steps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scores in steps of 1/255 in the colours of the fixed scale: uint8 (rows, columns, 3) RGB."""
    colours: NDArray[np.uint8] = cv2.applyColorMap(steps, rendering.colormap_table(OVERLAY.colormap)[:, None, :])
    return colours


def overlaid(image: NDArray[np.uint8], colours: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The image under the coloured scores, with the outline of the model's mask in white and black."""
    blended: NDArray[np.uint8] = cv2.addWeighted(image, 1.0 - OVERLAY.opacity, colours, OVERLAY.opacity, 0.0)
    _outline(blended, inside, within=LIGHT_RGB, without=DARK_RGB)
    return blended


def with_regions(
    image: NDArray[np.uint8], regions: Sequence[NDArray[np.bool_]], sources: Sequence[NDArray[np.bool_]]
) -> NDArray[np.uint8]:
    """The image with the analyst's regions filled and outlined; where copies were taken from is dashed."""
    painted = image.copy()
    for inside in regions:
        _fill(painted, inside, ADDS_RGB, FILL_OPACITY)
    for inside in regions:
        _outline(painted, inside, within=ADDS_RGB, without=LIGHT_RGB)
    for inside in sources:
        _dashes(painted, inside)
    return painted


def with_difference(
    image: NDArray[np.uint8], model: NDArray[np.bool_], analyst: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """The image with what the model alone, the analyst alone, and both flag, each in its colour."""
    painted = image.copy()
    _fill(painted, model & ~analyst, MODEL_ONLY_RGB, DIFFERENCE_OPACITY)
    _fill(painted, analyst & ~model, MINE_ONLY_RGB, DIFFERENCE_OPACITY)
    _fill(painted, model & analyst, BOTH_RGB, DIFFERENCE_OPACITY)
    return painted


def _touched(area: NDArray[np.uint8], size: Size) -> NDArray[np.bool_]:
    """Pixels of a reduced picture that have anything of an area, in steps: an average over too many rounds to 0."""
    while area.shape != size.shape:
        rows, columns = (
            max(wanted, math.ceil(side / _MOST_AVERAGED)) for side, wanted in zip(area.shape, size.shape, strict=True)
        )
        area = _full(_resized(area, Size(columns, rows)) > 0)
    inside: NDArray[np.bool_] = area > 0
    return inside


def _evenly_reduced(area: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """An area averaged by a whole number, the largest that leaves it no smaller than `size`: OpenCV is fast at that."""
    rows, columns = area.shape
    most = min(rows // size.height, columns // size.width, _MOST_AVERAGED)
    even = next((by for by in range(most, 1, -1) if not rows % by and not columns % by), 1)
    return _resized(area, Size(columns // even, rows // even))


def _full(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """An area as uint8, 255 inside, in the memory of `inside`."""
    area = inside.view(np.uint8)
    return np.multiply(area, np.uint8(255), out=area)


def _reduced(size: Size, longest_px: int) -> Size:
    longer = max(size.width, size.height)
    if longer <= longest_px:
        return size
    return Size(*(max(1, round(side * longest_px / longer)) for side in (size.width, size.height)))


def _resized(pixels: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Averaged down; one that is of this size already is handed back as it is."""
    if pixels.shape[:2] == size.shape:
        return np.ascontiguousarray(pixels)
    resized: NDArray[np.uint8] = cv2.resize(pixels, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return resized


def _cells(start: int, length: int, samples: int, image: int, cells: int) -> NDArray[np.float64]:
    """Where the centres of samples of a part of an axis lie among the centres of a grid's cells."""
    centres = start + (np.arange(samples) + 0.5) * length / samples
    position: NDArray[np.float64] = np.clip(centres * cells / image - 0.5, 0, cells - 1)
    return position


def _between(grid: NDArray[np.float32], position: NDArray[np.float64], *, axis: int) -> NDArray[np.float32]:
    before = position.astype(np.intp)
    after = np.minimum(before + 1, grid.shape[axis] - 1)
    share = (position - before).astype(np.float32)
    share = share if axis == 1 else share[:, None]
    low, high = np.take(grid, before, axis=axis), np.take(grid, after, axis=axis)
    between: NDArray[np.float32] = low + (high - low) * share
    return between


def _fill(canvas: NDArray[np.uint8], inside: NDArray[np.bool_], rgb: Rgb, opacity: float) -> None:
    if inside.any():
        canvas[inside] = cv2.addWeighted(
            canvas[inside], 1.0 - opacity, np.full((int(inside.sum()), 3), rgb, np.uint8), opacity, 0.0
        )


def _outline(canvas: NDArray[np.uint8], inside: NDArray[np.bool_], *, within: Rgb, without: Rgb) -> None:
    inner, outer = _rims(inside)
    canvas[outer] = without
    canvas[inner] = within


def _dashes(canvas: NDArray[np.uint8], inside: NDArray[np.bool_]) -> None:
    inner, outer = _rims(inside)
    rows, columns = np.nonzero(inner | outer)
    # Stripes that no axis and no diagonal follows: an outline along one would not be dashed.
    odd = ((3 * columns + 2 * rows) // (3 * _DASH_PX)) % 2 == 1
    canvas[rows, columns] = np.where(odd[:, None], LIGHT_RGB, ADDS_RGB)


def _rims(inside: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pixels within and without the border of an area; the picture's own border is none."""
    area = inside.view(np.uint8)
    inner = inside & (cv2.erode(area, _KERNEL) == 0)
    outer = ~inside & (cv2.dilate(area, _KERNEL) != 0)
    return inner, outer
