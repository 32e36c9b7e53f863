"""Paints what the analyst has drawn over a frame: regions, a copy-move's source, a proposal, the difference.

Pure functions of arrays, no Qt. As the model's mask, everything is sampled at the pixels of the screen: it costs what
the pane has pixels.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.palette import (
    ADDS_RGB,
    BOTH_RGB,
    DARK_RGB,
    LIGHT_RGB,
    MINE_ONLY_RGB,
    MODEL_ONLY_RGB,
    PROPOSED_RGB,
)
from forensic_gui.views.canvas.annotated import AnnotationLayer, PreviewLayer
from forensic_gui.views.canvas.inking import around, paint_dashes, paint_fill, paint_line, paint_numbers, rgb32
from forensic_gui.views.canvas.sampling import Window
from forensic_gui.views.canvas.scene import LayerSettings

_DIFFERENCE_OPACITY = 0.65
_PROPOSAL_OPACITY = 0.3
_SELECTED_LINES = 2
_MODEL, _MINE = 1, 2


def paint_annotation(
    pixels: NDArray[np.uint8],
    annotation: AnnotationLayer | None,
    settings: LayerSettings,
    *,
    window: Window,
    model_mask: NDArray[np.uint8] | None,
    line_px: int,
) -> NDArray[np.uint8]:
    """Paint the analyst's regions over a frame, whose own pixels are left as they are.

    Args:
        pixels: uint8 (rows, columns, 4) in RGB32 order.
        annotation: the regions, view orientation.
        settings: which of it is shown, and how.
        window: samples that `pixels` are.
        model_mask: uint8 (rows, columns), the model's mask at the samples, for the difference; None without scores.
        line_px: width of each of an outline's two strokes in samples.

    Returns:
        uint8 (rows, columns, 4) in RGB32 order: `pixels` itself where there is nothing to paint.
    """
    if annotation is None or not (settings.regions_visible or settings.difference_visible):
        return pixels
    painted = pixels.copy()
    labels = sample_labels(annotation.labels, window)
    if settings.difference_visible and model_mask is not None:
        _paint_difference(painted, model_mask, labels)
    if settings.regions_visible:
        _paint_regions(painted, labels, annotation, settings, window=window, line_px=line_px)
        _paint_source(painted, annotation, window, line_px=line_px)
    return painted


def paint_preview(
    pixels: NDArray[np.uint8], preview: PreviewLayer | None, *, window: Window, line_px: int
) -> NDArray[np.uint8]:
    """Paint a proposal over a frame, whose own pixels are left as they are; arguments as in `paint_annotation`."""
    if preview is None:
        return pixels
    mask = sample_labels(preview.mask.view(np.uint8), window)
    part = around(mask, margin=line_px)
    if part is None:
        return pixels
    painted = pixels.copy()
    paint_fill(painted[part], mask[part], PROPOSED_RGB, opacity=_PROPOSAL_OPACITY)
    paint_dashes(painted[part], mask[part], first=PROPOSED_RGB, second=DARK_RGB, line_px=line_px)
    return painted


def sample_labels(labels: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    """Numbers of the pixels under the samples, uint8 (rows, columns); `labels` covers the image."""
    image = Size.of(labels)
    rows, columns = window.rows(image.height), window.columns(image.width)
    first = int(columns[0])
    near = labels[:, first : int(columns[-1]) + 1]
    if window.scale < 1:
        return np.take(np.take(near, rows, axis=0), columns - first, axis=1)
    top = int(rows[0])
    near = near[top : int(rows[-1]) + 1]
    return np.take(np.take(near, columns - first, axis=1), rows - top, axis=0)


def _paint_difference(canvas: NDArray[np.uint8], model: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    mine = cv2.compare(labels, 0, cv2.CMP_GT)
    sides = cv2.bitwise_or(cv2.bitwise_and(model, _MODEL), cv2.bitwise_and(mine, _MINE))
    table = np.zeros(256, np.uint32)
    table[[_MODEL, _MINE, _MODEL | _MINE]] = [rgb32(rgb) for rgb in (MODEL_ONLY_RGB, MINE_ONLY_RGB, BOTH_RGB)]
    paint_numbers(canvas, sides, table, opacity=_DIFFERENCE_OPACITY)


def _paint_regions(
    canvas: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    annotation: AnnotationLayer,
    settings: LayerSettings,
    *,
    window: Window,
    line_px: int,
) -> None:
    if settings.regions_filled:
        paint_fill(canvas, labels, ADDS_RGB, opacity=settings.regions_opacity)
    planes = [labels if plane is annotation.labels else sample_labels(plane, window) for plane in annotation.planes]
    for numbers in planes:
        _paint_outline(canvas, numbers, line_px=line_px)
    if annotation.selected:
        # After every other line: the region that is worked on is seen whole, whatever lies over it.
        for numbers in planes:
            chosen = cv2.compare(numbers, annotation.selected, cv2.CMP_EQ)
            _paint_outline(canvas, chosen, line_px=_SELECTED_LINES * line_px)


def _paint_outline(canvas: NDArray[np.uint8], numbers: NDArray[np.uint8], *, line_px: int) -> None:
    part = around(numbers, margin=line_px)
    if part is not None:
        paint_line(canvas[part], numbers[part], inside=ADDS_RGB, outside=LIGHT_RGB, line_px=line_px)


def _paint_source(canvas: NDArray[np.uint8], annotation: AnnotationLayer, window: Window, *, line_px: int) -> None:
    if annotation.source is None:
        return
    source = sample_labels(annotation.source.view(np.uint8), window)
    part = around(source, margin=line_px)
    if part is not None:
        paint_dashes(canvas[part], source[part], first=ADDS_RGB, second=LIGHT_RGB, line_px=line_px)
