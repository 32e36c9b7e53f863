"""Paints what a pane shows into one array: image, scores, mask. Pure functions of arrays, no Qt.

Everything is computed at the resolution of the screen or of the evidence, whichever is coarser, so a frame costs what
the pane has pixels, not what the photograph has. Scores are interpolated before they are coloured or compared with
the threshold: interpolating colours would show scores that the model never gave.
"""

from __future__ import annotations

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


def compose(planes: Planes, settings: LayerSettings | None, *, window: Window, line_px: int = 1) -> NDArray[np.uint8]:
    """Paint the image and its layers: uint8 (rows, columns, 4) in Qt's RGB32 order (blue, green, red, 255).

    Args:
        planes: arrays of the scene.
        settings: layers to paint; None paints the bare image.
        window: samples to paint; all of them lie within the image.
        line_px: width of each of the contour's two strokes in samples.
    """
    magnified = window.scale >= 1
    image = planes.pyramid.size
    work = pixels_of(window, image=image) if magnified else window
    canvas, mask = _paint(planes, settings, window=work)
    if magnified and work.size != window.size:
        rows = window.rows(image.height) - int(work.top)
        columns = window.columns(image.width) - int(work.left)
        canvas = _expand(canvas.view(np.uint32)[..., 0], rows, columns)[..., None].view(np.uint8)
        mask = None if mask is None else _expand(mask, rows, columns)
    if mask is not None and settings is not None and settings.contour_visible and cv2.hasNonZero(mask):
        _paint_contour(canvas, mask, line_px=line_px)
    return canvas


def _paint(
    planes: Planes, settings: LayerSettings | None, *, window: Window
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Paint image, heatmap and fill, strip by strip; also return the mask if it is asked for.

    Returns:
        Canvas, uint8 (rows, columns, 4), and mask, uint8 (rows, columns) of 0 and 255, or None.
    """
    asked = settings is not None and (settings.contour_visible or settings.fill_visible)
    canvas = np.empty((*window.size.shape, 4), np.uint8)
    mask = np.empty(window.size.shape, np.uint8) if asked and planes.scores is not None else None
    rows = max(1, _STRIP_PIXELS // window.size.width)
    for top in range(0, window.size.height, rows):
        strip = slice(top, top + rows)
        size = Size(window.size.width, min(rows, window.size.height - top))
        part = replace(window, top=window.top + top / window.scale, size=size)
        canvas[strip] = sample_image(planes.pyramid, part)
        if settings is not None:
            _paint_layers(canvas[strip], None if mask is None else mask[strip], planes, settings, window=part)
    return canvas, mask


def _paint_layers(
    canvas: NDArray[np.uint8],
    mask: NDArray[np.uint8] | None,
    planes: Planes,
    settings: LayerSettings,
    *,
    window: Window,
) -> None:
    """Paint heatmap and fill of a strip on `canvas`, and write the strip's mask."""
    image = planes.pyramid.size
    scores = None if mask is None or planes.scores is None else sample_grid(planes.scores, image=image, window=window)
    if settings.heatmap_visible and planes.painted is not None:
        shared = scores is not None and planes.painted is planes.scores
        painted = scores if shared else sample_grid(planes.painted, image=image, window=window)
        levels = cv2.convertScaleAbs(painted, alpha=255.0).reshape(canvas.shape[:2])
        colours = np.take(_rgb32_table(settings.colormap), levels)
        _blend(canvas, colours[..., None].view(np.uint8), opacity=settings.heatmap_opacity)
    if scores is None or mask is None:
        return
    cv2.compare(scores, _float32_below(settings.threshold), cv2.CMP_GT, dst=mask)
    if settings.fill_visible and cv2.hasNonZero(mask):
        fill = np.full((*mask.shape, 1), _rgb32(FILL_RGB)).view(np.uint8)
        _blend(fill, canvas, opacity=1 - settings.fill_opacity)
        cv2.copyTo(fill, mask, canvas)


def _paint_contour(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], *, line_px: int) -> None:
    """Paint the mask's outline, light within and dark without, so that it is seen on any image."""
    x, y, width, height = cv2.boundingRect(mask)
    around = (slice(max(0, y - line_px), y + height + line_px), slice(max(0, x - line_px), x + width + line_px))
    mask, pixels = mask[around], canvas.view(np.uint32)[..., 0][around]
    side = 2 * line_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # A border of the pane or the image is no border of the mask: OpenCV's default border leaves it open.
    inside = cv2.subtract(mask, cv2.erode(mask, kernel))
    outside = cv2.subtract(cv2.dilate(mask, kernel), mask)
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
