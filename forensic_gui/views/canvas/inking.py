"""Fills and outlines of masks in a painted frame. Pure functions of arrays, no Qt.

Canvases are uint8 (rows, columns, 4) in Qt's RGB32 order and are painted on; masks are uint8 (rows, columns), not zero
inside.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = tuple[int, int, int]

_STRIP_PIXELS = 1 << 15


def rgb32(rgb: Rgb) -> np.uint32:
    """One colour as a pixel in RGB32 order."""
    pixel: np.uint32 = np.array([*rgb[::-1], 255], np.uint8).view(np.uint32)[0]
    return pixel


def blend(canvas: NDArray[np.uint8], colours: NDArray[np.uint8], *, opacity: float) -> None:
    """Lay colours of the canvas's own shape over it."""
    cv2.addWeighted(colours, opacity, canvas, 1 - opacity, 0, dst=canvas)


def paint_fill(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], rgb: Rgb, *, opacity: float) -> None:
    """Fill a mask with a colour that the image shows through."""
    paint_numbers(canvas, mask, np.full(256, rgb32(rgb)), opacity=opacity)


def paint_numbers(
    canvas: NDArray[np.uint8], numbers: NDArray[np.uint8], table: NDArray[np.uint32], *, opacity: float
) -> None:
    """Fill areas with the colours of their numbers, uint32 (256,) in RGB32 order; the image shows through.

    Number 0 is not painted. Strip by strip, which stays in a core's cache, and only where there is something.
    """
    rows = max(1, _STRIP_PIXELS // max(1, numbers.shape[1]))
    for top in range(0, numbers.shape[0], rows):
        near = numbers[top : top + rows]
        part = around(near, margin=0)
        if part is None:
            continue
        pixels, areas = canvas[top : top + rows][part], near[part]
        colours = np.take(table, areas)[..., None].view(np.uint8)
        blend(colours, pixels, opacity=1 - opacity)
        cv2.copyTo(colours, areas, pixels)


def paint_line(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], *, inside: Rgb, outside: Rgb, line_px: int) -> None:
    """Paint a mask's outline in two colours, one within and one without, so that it is seen on any image."""
    within, without = _rims(mask, line_px=line_px)
    pixels = canvas.view(np.uint32)[..., 0]
    np.copyto(pixels, rgb32(outside), where=without != 0)
    np.copyto(pixels, rgb32(inside), where=within != 0)


def paint_dashes(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], *, first: Rgb, second: Rgb, line_px: int) -> None:
    """Paint a mask's outline in dashes of two colours, so that it is seen on any image and told from a line."""
    within, without = _rims(mask, line_px=line_px)
    # Only along the rim: a pattern over the whole frame would take longer than everything else in it.
    rows, columns = np.divmod(np.flatnonzero(cv2.bitwise_or(within, without) != 0), mask.shape[1])
    # Stripes that no axis and no diagonal follows: an outline along one would not be dashed.
    odd = ((3 * columns + 2 * rows) // (3 * _DASH_LINES * line_px)) % 2 == 1
    canvas.view(np.uint32)[rows, columns, 0] = np.where(odd, rgb32(second), rgb32(first))


def around(mask: NDArray[np.uint8], *, margin: int) -> tuple[slice, slice] | None:
    """Rows and columns of what is inside, with a margin; None for an empty mask."""
    x, y, width, height = cv2.boundingRect(mask)
    if not width:
        return None
    return (slice(max(0, y - margin), y + height + margin), slice(max(0, x - margin), x + width + margin))


# Length of a dash in widths of the line.
_DASH_LINES = 5


def _rims(mask: NDArray[np.uint8], *, line_px: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pixels within and without the border of a mask, or of areas of different numbers."""
    side = 2 * line_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # A border of the pane or the image is no border of the mask: OpenCV's default border leaves it open.
    least, most = cv2.erode(mask, kernel), cv2.dilate(mask, kernel)
    changing = cv2.compare(least, most, cv2.CMP_NE)
    inside = cv2.compare(mask, 0, cv2.CMP_GT)
    return cv2.bitwise_and(changing, inside), cv2.bitwise_and(changing, cv2.bitwise_not(inside))
