"""Paints what a pane shows into one array: image, scores, mask. Pure functions of arrays, no Qt.

Everything is computed at the resolution of the screen or of the evidence, whichever is coarser, so a frame costs what
the pane has pixels, not what the photograph has. Scores are interpolated before they are coloured or compared with
the threshold: interpolating colours would show scores that the model never gave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.views.canvas.colour import colormap_lut
from forensic_gui.views.canvas.pyramid import Pyramid
from forensic_gui.views.canvas.sampling import Window, pixels_of, sample_grid, sample_image, to_rgb32
from forensic_gui.views.canvas.scene import LayerSettings

FILL_RGB = (0, 229, 255)
LINE_INSIDE_RGB = (255, 255, 255)
LINE_OUTSIDE_RGB = (0, 0, 0)

# The passes over a strip of this many pixels stay in a core's cache: a third of the time of passes over a frame.
_STRIP_PIXELS = 1 << 16

_Pixels = TypeVar("_Pixels", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """The arrays of one scene, all in view orientation.

    Attributes:
        pyramid: the image at several sizes.
        scores: float32 (h, w), grid of model scores, or None.
        painted: float32 (h, w), grid that is coloured: the scores or an inspected map; None paints none.
    """

    pyramid: Pyramid
    scores: NDArray[np.float32] | None
    painted: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Image and heatmap, painted, with the scores that a mask is made of.

    Attributes:
        pixels: uint8 (rows, columns, 4) in Qt's RGB32 order (blue, green, red, 255).
        scores: float32 (h, w), model scores of whole view pixels or of screen pixels; None when no mask is wanted.
        rows: row of `scores` under each row of `pixels`; None when they are the same.
        columns: column of `scores` under each column of `pixels`; None when they are the same.
    """

    pixels: NDArray[np.uint8]
    scores: NDArray[np.float32] | None
    rows: NDArray[np.intp] | None
    columns: NDArray[np.intp] | None


def compose(planes: Planes, settings: LayerSettings | None, *, window: Window, line_px: int = 1) -> NDArray[np.uint8]:
    """Paint the image and its layers: uint8 (rows, columns, 4) in Qt's RGB32 order (blue, green, red, 255).

    Args:
        planes: arrays of the scene.
        settings: layers to paint; None paints the bare image.
        window: samples to paint; all of them lie within the image.
        line_px: width of each of the contour's two strokes in samples.
    """
    if settings is None:
        return paint_ground(planes, painted=None, masked=False, window=window).pixels
    ground = paint_ground(planes, painted=settings.painted, masked=settings.masked, window=window)
    return paint_mask(ground, settings, line_px=line_px)


def paint_ground(planes: Planes, *, painted: tuple[float, str] | None, masked: bool, window: Window) -> Ground:
    """Paint what does not depend on the threshold, strip by strip.

    Args:
        planes: arrays of the scene.
        painted: opacity and colormap of the map; None paints none.
        masked: whether the scores are kept for a mask.
        window: samples to paint; all of them lie within the image.
    """
    image = planes.pyramid.size
    work = pixels_of(window, image=image) if window.scale >= 1 else window
    pixels = np.empty((*work.size.shape, 4), np.uint8)
    scores = np.empty(work.size.shape, np.float32) if masked and planes.scores is not None else None
    for strip, part in _strips(work):
        pixels[strip] = sample_image(planes.pyramid, part)
        if scores is not None and planes.scores is not None:
            scores[strip] = sample_grid(planes.scores, image=image, window=part)
        if painted is not None and planes.painted is not None:
            if scores is not None and planes.painted is planes.scores:
                values = scores[strip]
            else:
                values = sample_grid(planes.painted, image=image, window=part)
            _paint_map(pixels[strip], values, opacity=painted[0], colormap=painted[1])
    if work.size == window.size:
        return Ground(pixels, scores, None, None)
    rows = window.rows(image.height) - int(work.top)
    columns = window.columns(image.width) - int(work.left)
    pixels = _expand(pixels.view(np.uint32)[..., 0], rows, columns)[..., None].view(np.uint8)
    return Ground(pixels, scores, rows, columns)


def paint_mask(ground: Ground, settings: LayerSettings, *, line_px: int) -> NDArray[np.uint8]:
    """Paint fill and contour over a ground; its own pixels are left as they are.

    Args:
        ground: image and heatmap.
        settings: threshold, and which parts of the mask are shown.
        line_px: width of each of the contour's two strokes in samples.

    Returns:
        uint8 (rows, columns, 4) in RGB32 order: the ground's own array where there is nothing to paint.
    """
    if ground.scores is None or not settings.masked:
        return ground.pixels
    mask = cv2.compare(ground.scores, _float32_below(settings.threshold), cv2.CMP_GT)
    if not cv2.hasNonZero(mask):
        return ground.pixels
    if ground.rows is not None and ground.columns is not None:
        mask = _expand(mask, ground.rows, ground.columns)
    pixels = ground.pixels.copy()
    x, y, width, height = cv2.boundingRect(mask)
    around = (slice(max(0, y - line_px), y + height + line_px), slice(max(0, x - line_px), x + width + line_px))
    if settings.fill_visible:
        _paint_fill(pixels[around], mask[around], opacity=settings.fill_opacity)
    if settings.contour_visible:
        _paint_contour(pixels[around], mask[around], line_px=line_px)
    return pixels


def _strips(window: Window) -> Iterator[tuple[slice, Window]]:
    """Rows of a window, and the window of these rows alone."""
    rows = max(1, _STRIP_PIXELS // window.size.width)
    for top in range(0, window.size.height, rows):
        size = Size(window.size.width, min(rows, window.size.height - top))
        yield slice(top, top + rows), replace(window, top=window.top + top / window.scale, size=size)


def _paint_map(canvas: NDArray[np.uint8], values: NDArray[np.float32], *, opacity: float, colormap: str) -> None:
    """Paint values in [0, 1] in colours over `canvas`."""
    levels = cv2.convertScaleAbs(values, alpha=255.0).reshape(values.shape)
    colours = np.take(_rgb32_table(colormap), levels)
    _blend(canvas, colours[..., None].view(np.uint8), opacity=opacity)


def _paint_fill(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], *, opacity: float) -> None:
    fill = np.full((*mask.shape, 1), _rgb32(FILL_RGB)).view(np.uint8)
    _blend(fill, canvas, opacity=1 - opacity)
    np.copyto(canvas.view(np.uint32)[..., 0], fill.view(np.uint32)[..., 0], where=mask != 0)


def _paint_contour(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], *, line_px: int) -> None:
    """Paint the mask's outline, light within and dark without, so that it is seen on any image."""
    side = 2 * line_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # A border of the pane or the image is no border of the mask: OpenCV's default border leaves it open.
    inside = cv2.subtract(mask, cv2.erode(mask, kernel))
    outside = cv2.subtract(cv2.dilate(mask, kernel), mask)
    pixels = canvas.view(np.uint32)[..., 0]
    np.copyto(pixels, _rgb32(LINE_OUTSIDE_RGB), where=outside != 0)
    np.copyto(pixels, _rgb32(LINE_INSIDE_RGB), where=inside != 0)


def _float32_below(threshold: float) -> float:
    """Largest float32 that is not greater: float32 scores are over it exactly when they are over `threshold`."""
    rounded = np.float32(threshold)
    return float(rounded if float(rounded) <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def _expand(array: NDArray[_Pixels], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[_Pixels]:
    """Nearest-neighbour magnification of (h, w)."""
    return np.take(np.take(array, columns, axis=1), rows, axis=0)


def _rgb32(rgb: tuple[int, int, int]) -> np.uint32:
    """One colour as a pixel in RGB32 order."""
    pixel: np.uint32 = np.array([*rgb[::-1], 255], np.uint8).view(np.uint32)[0]
    return pixel


def _rgb32_table(colormap: str) -> NDArray[np.uint32]:
    """The colormap as 256 pixels in RGB32 order."""
    return to_rgb32(colormap_lut(colormap)[:, None]).view(np.uint32).reshape(256)


def _blend(canvas: NDArray[np.uint8], colours: NDArray[np.uint8], *, opacity: float) -> None:
    cv2.addWeighted(colours, opacity, canvas, 1 - opacity, 0, dst=canvas)
