"""Samples of images and grids on the pixels of a screen: where they lie, and what they are worth. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.pyramid import Pyramid

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


def pixels_of(window: Window, *, image: Size) -> Window:
    """The window of whole view pixels that the samples of `window` fall on."""
    columns, rows = window.columns(image.width), window.rows(image.height)
    left, top = int(columns[0]), int(rows[0])
    return Window(left, top, 1.0, Size(int(columns[-1]) - left + 1, int(rows[-1]) - top + 1))


def sample_grid(grid: NDArray[np.float32], *, image: Size, window: Window) -> NDArray[np.float32]:
    """Interpolate a grid that covers `image` at the samples of `window`: float32 (rows, columns).

    Bilinear with half-pixel centres on both sides, clamped at the border: `Heatmap.score_at` where a sample is a view
    pixel, in the steps of `services.rendering.strips`, so that an upright mask on screen is the saved one to the bit.
    """
    size, scale = window.size, window.scale
    left, across = _cells(window.left, scale=scale, count=size.width, length=image.width, cells=grid.shape[1])
    above, down = _cells(window.top, scale=scale, count=size.height, length=image.height, cells=grid.shape[0])
    first = int(above[0])
    near = grid[first : int(above[-1]) + 2]
    columns = np.take(near, left, axis=1) + np.take(np.diff(near, axis=1, append=near[:, -1:]), left, axis=1) * across
    scores = np.take(np.diff(columns, axis=0, append=columns[-1:]), above - first, axis=0)
    np.multiply(scores, down[:, None], out=scores)
    np.add(scores, np.take(columns, above - first, axis=0), out=scores)
    return scores


def sample_image(pyramid: Pyramid, window: Window) -> NDArray[np.uint8]:
    """Colours of the samples: uint8 (rows, columns, 4) in RGB32 order."""
    if window.scale == 1:
        top, left = int(window.top), int(window.left)
        crop = pyramid.levels[0][top : top + window.size.height, left : left + window.size.width]
        return to_rgb32(crop)
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
    return _warp(to_rgb32(level[y0:y1, x0:x1]), mapping, size=window.size)


def to_rgb32(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn uint8 (H, W, 3) RGB into Qt's RGB32 order: uint8 (H, W, 4), blue, green, red, 255."""
    converted: NDArray[np.uint8] = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGRA)
    return converted


def _pixels_under(start: float, *, scale: float, count: int, length: int) -> NDArray[np.intp]:
    positions = start + (np.arange(count) + 0.5) / scale
    pixels: NDArray[np.intp] = np.clip(np.floor(positions).astype(np.intp), 0, length - 1)
    return pixels


def _cells(
    start: float, *, scale: float, count: int, length: int, cells: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each sample along an axis, the cell before its centre and the fraction of the way to the next one."""
    centres = start + (np.arange(count) + 0.5) / scale
    position = np.clip(centres * cells / length - 0.5, 0, cells - 1)
    before = position.astype(np.intp)
    return before, (position - before).astype(np.float32)


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
