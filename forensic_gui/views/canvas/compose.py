"""Paints what a pane shows into one array: image, scores, mask. Pure functions of arrays, no Qt.

Everything is computed at the resolution of the screen or of the evidence, whichever is coarser, so a frame costs what
the pane has pixels, not what the photograph has. Scores are interpolated before they are coloured or compared with
the threshold: interpolating colours would show scores that the model never gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.colour import colormap_lut
from forensic_gui.views.canvas.pyramid import Pyramid
from forensic_gui.views.canvas.scene import LayerSettings

FILL_RGB = (0, 229, 255)
LINE_INSIDE_RGB = (255, 255, 255)
LINE_OUTSIDE_RGB = (0, 0, 0)

_Samples = TypeVar("_Samples", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of samples laid over an image.

    Sample (row, column) has its centre at the view pixel position (left + (column + 0.5) / scale,
    top + (row + 0.5) / scale).

    Attributes:
        left: view pixel position of the left edge.
        top: view pixel position of the top edge.
        scale: samples per view pixel.
        size: number of columns and rows.
    """

    left: float
    top: float
    scale: float
    size: Size

    def columns(self, width: int) -> NDArray[np.intp]:
        """Column of the view pixel under each column of samples, within an image of `width`."""
        return _pixels_under(self.left, scale=self.scale, count=self.size.width, length=width)

    def rows(self, height: int) -> NDArray[np.intp]:
        """Row of the view pixel under each row of samples, within an image of `height`."""
        return _pixels_under(self.top, scale=self.scale, count=self.size.height, length=height)


@dataclass(frozen=True, slots=True)
class Placed:
    """A window and where it stands in its pane.

    Attributes:
        window: the part of the image that is seen.
        x: column of the pane (screen pixels) where it begins.
        y: row of the pane where it begins.
    """

    window: Window
    x: int
    y: int


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


def seen_by(camera: Camera, *, pane: Size, image: Size) -> Placed | None:
    """The part of `image` that a pane of screen pixels shows, on whole screen pixels; None when it shows none."""
    left = camera.centre.x - pane.width / 2 / camera.scale
    top = camera.centre.y - pane.height / 2 / camera.scale
    x0, x1 = _screen_span(-left * camera.scale, image.width * camera.scale, limit=pane.width)
    y0, y1 = _screen_span(-top * camera.scale, image.height * camera.scale, limit=pane.height)
    if x0 >= x1 or y0 >= y1:
        return None
    window = Window(left + x0 / camera.scale, top + y0 / camera.scale, camera.scale, Size(x1 - x0, y1 - y0))
    return Placed(window, x0, y0)


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
    work = _pixels_of(window, image=image) if magnified else window
    canvas = _sample_image(planes.pyramid, work)
    mask = None if settings is None else _paint_layers(canvas, planes, settings, window=work)
    if magnified:
        rows = window.rows(image.height) - int(work.top)
        columns = window.columns(image.width) - int(work.left)
        canvas = _expand(canvas.view(np.uint32)[..., 0], rows, columns)[..., None].view(np.uint8)
        mask = None if mask is None else _expand(mask, rows, columns)
    if mask is not None and settings is not None and settings.contour_visible:
        _paint_contour(canvas, mask, line_px=line_px)
    return canvas


def sample_grid(grid: NDArray[np.float32], *, image: Size, window: Window) -> NDArray[np.float32]:
    """Interpolate a grid that covers `image` at the samples of `window`: float32 (rows, columns).

    Bilinear with half-pixel centres on both sides, clamped at the border: `Heatmap.score_at` at view pixel centres.
    """
    rows, columns = grid.shape
    across, down = columns / image.width, rows / image.height
    mapping = np.array(
        [
            [across / window.scale, 0, (window.left + 0.5 / window.scale) * across - 0.5],
            [0, down / window.scale, (window.top + 0.5 / window.scale) * down - 0.5],
        ]
    )
    return _warp(grid, mapping, size=window.size)


def _sample_image(pyramid: Pyramid, window: Window) -> NDArray[np.uint8]:
    """Colours of the samples: uint8 (rows, columns, 4) in RGB32 order."""
    if window.scale == 1:
        top, left = int(window.top), int(window.left)
        crop = pyramid.levels[0][top : top + window.size.height, left : left + window.size.width]
        return _to_rgb32(crop)
    level = pyramid.level_for(window.scale)
    across = level.shape[1] / pyramid.size.width
    down = level.shape[0] / pyramid.size.height
    x0, x1 = _crop(window.left * across, window.size.width * across / window.scale, limit=level.shape[1])
    y0, y1 = _crop(window.top * down, window.size.height * down / window.scale, limit=level.shape[0])
    mapping = np.array(
        [
            [across / window.scale, 0, (window.left + 0.5 / window.scale) * across - 0.5 - x0],
            [0, down / window.scale, (window.top + 0.5 / window.scale) * down - 0.5 - y0],
        ]
    )
    return _warp(_to_rgb32(level[y0:y1, x0:x1]), mapping, size=window.size)


def _paint_layers(
    canvas: NDArray[np.uint8], planes: Planes, settings: LayerSettings, *, window: Window
) -> NDArray[np.uint8] | None:
    """Paint heatmap and fill on `canvas`; return the mask, uint8 (rows, columns) of 0 and 255, if it is asked for."""
    image = planes.pyramid.size
    scores = None
    if planes.scores is not None and (settings.contour_visible or settings.fill_visible):
        scores = sample_grid(planes.scores, image=image, window=window)
    if settings.heatmap_visible and planes.painted is not None:
        shared = scores is not None and planes.painted is planes.scores
        painted = scores if shared else sample_grid(planes.painted, image=image, window=window)
        levels = cv2.convertScaleAbs(painted, alpha=255.0)
        colours = np.take(_rgb32_table(settings.colormap), levels)
        _blend(canvas, colours[..., None].view(np.uint8), opacity=settings.heatmap_opacity)
    if scores is None:
        return None
    mask: NDArray[np.uint8] = cv2.compare(scores, _float32_below(settings.threshold), cv2.CMP_GT)
    if settings.fill_visible:
        filled = canvas.copy()
        _blend(filled, np.full_like(canvas, (*FILL_RGB[::-1], 255)), opacity=settings.fill_opacity)
        cv2.copyTo(filled, mask, canvas)
    return mask


def _paint_contour(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], *, line_px: int) -> None:
    """Paint the mask's outline, light within and dark without, so that it is seen on any image."""
    side = 2 * line_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # A border of the pane or the image is no border of the mask: OpenCV's default border leaves it open.
    inside = mask - cv2.erode(mask, kernel)
    outside = cv2.dilate(mask, kernel) - mask
    canvas[outside > 0] = (*LINE_OUTSIDE_RGB[::-1], 255)
    canvas[inside > 0] = (*LINE_INSIDE_RGB[::-1], 255)


def _float32_below(threshold: float) -> float:
    """Largest float32 that is not greater: float32 scores are over it exactly when they are over `threshold`."""
    rounded = np.float32(threshold)
    return float(rounded if float(rounded) <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def _pixels_of(window: Window, *, image: Size) -> Window:
    """The window of whole view pixels that the samples of `window` fall on."""
    columns, rows = window.columns(image.width), window.rows(image.height)
    left, top = int(columns[0]), int(rows[0])
    return Window(left, top, 1.0, Size(int(columns[-1]) - left + 1, int(rows[-1]) - top + 1))


def _expand(array: NDArray[_Samples], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[_Samples]:
    """Nearest-neighbour magnification of (h, w)."""
    return np.take(np.take(array, columns, axis=1), rows, axis=0)


def _pixels_under(start: float, *, scale: float, count: int, length: int) -> NDArray[np.intp]:
    positions = start + (np.arange(count) + 0.5) / scale
    pixels: NDArray[np.intp] = np.clip(np.floor(positions).astype(np.intp), 0, length - 1)
    return pixels


def _screen_span(start: float, length: float, *, limit: int) -> tuple[int, int]:
    """Whole screen pixels of an extent, at least one however thin it is, cut to the pane."""
    first = round(start)
    last = max(round(start + length), first + 1)
    return max(first, 0), min(last, limit)


def _crop(start: float, length: float, *, limit: int) -> tuple[int, int]:
    """Whole level pixels that bilinear samples of an extent touch."""
    first = min(max(int(start) - 1, 0), limit - 1)
    last = max(min(int(start + length) + 2, limit), first + 1)
    return first, last


def _warp(source: NDArray[_Samples], mapping: NDArray[np.float64], *, size: Size) -> NDArray[_Samples]:
    warped: NDArray[_Samples] = cv2.warpAffine(
        source,
        mapping,
        (size.width, size.height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return warped


def _to_rgb32(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    converted: NDArray[np.uint8] = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGRA)
    return converted


def _rgb32_table(colormap: str) -> NDArray[np.uint32]:
    """The colormap as 256 pixels in RGB32 order."""
    return _to_rgb32(colormap_lut(colormap)[:, None]).view(np.uint32).reshape(256)


def _blend(canvas: NDArray[np.uint8], colours: NDArray[np.uint8], *, opacity: float) -> None:
    cv2.addWeighted(colours, opacity, canvas, 1 - opacity, 0, dst=canvas)
