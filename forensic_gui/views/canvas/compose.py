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
from forensic_gui.views.canvas.inking import around, blend, paint_fill, paint_line
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
        return paint_ground(planes, painted=None, scored=False, window=window).pixels
    ground = paint_ground(planes, painted=settings.painted, scored=settings.scored, window=window)
    return paint_mask(ground, settings, line_px=line_px)


def paint_ground(planes: Planes, *, painted: tuple[float, str] | None, scored: bool, window: Window) -> Ground:
    """Paint what does not depend on the threshold, strip by strip.

    Args:
        planes: arrays of the scene.
        painted: opacity and colormap of the map; None paints none.
        scored: whether the scores are kept for a mask.
        window: samples to paint; all of them lie within the image.
    """
    image = planes.pyramid.size
    work = pixels_of(window, image=image) if window.scale >= 1 else window
    pixels = np.empty((*work.size.shape, 4), np.uint8)
    scores = np.empty(work.size.shape, np.float32) if scored and planes.scores is not None else None
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
    mask = model_mask(ground, settings) if settings.masked else None
    part = None if mask is None else around(mask, margin=line_px)
    if mask is None or part is None:
        return ground.pixels
    pixels = ground.pixels.copy()
    if settings.fill_visible:
        paint_fill(pixels[part], mask[part], FILL_RGB, opacity=settings.fill_opacity)
    if settings.contour_visible:
        paint_line(pixels[part], mask[part], inside=LINE_INSIDE_RGB, outside=LINE_OUTSIDE_RGB, line_px=line_px)
    return pixels


def model_mask(ground: Ground, settings: LayerSettings) -> NDArray[np.uint8] | None:
    """The model's mask at the samples of a ground: uint8 (rows, columns), 255 inside; None without scores."""
    if ground.scores is None:
        return None
    mask: NDArray[np.uint8] = cv2.compare(ground.scores, _float32_below(settings.threshold), cv2.CMP_GT)
    if ground.rows is not None and ground.columns is not None:
        mask = _expand(mask, ground.rows, ground.columns)
    return mask


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
    blend(canvas, colours[..., None].view(np.uint8), opacity=opacity)


def _float32_below(threshold: float) -> float:
    """Largest float32 that is not greater: float32 scores are over it exactly when they are over `threshold`."""
    rounded = np.float32(threshold)
    return float(rounded if float(rounded) <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def _expand(array: NDArray[_Pixels], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[_Pixels]:
    """Nearest-neighbour magnification of (h, w)."""
    return np.take(np.take(array, columns, axis=1), rows, axis=0)


def _rgb32_table(colormap: str) -> NDArray[np.uint32]:
    """The colormap as 256 pixels in RGB32 order."""
    return to_rgb32(colormap_lut(colormap)[:, None]).view(np.uint32).reshape(256)
