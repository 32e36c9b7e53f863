"""From a finding's heatmap to what a report records of it: its mask, its hash, and the map on a coarse grid."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask, PixelBox
from forensic_gui.domain.reports.record import Difference, ModelMask
from forensic_gui.services import rendering
from forensic_gui.services.progress import CancelToken

COARSE_CELLS = 32
"""Most cells a side of the coarse grid."""

# Interpolation rounds: a score between two cells can be a few units of float32 over both.
_ROUNDING = np.float32(1e-5)


def record_of_mask(heatmap: Heatmap, *, threshold: float, cancel: CancelToken | None = None) -> tuple[ModelMask, Mask]:
    """What a report records of a localizer's mask, and the mask itself.

    Raises:
        Cancelled: stopping was asked for.
    """
    mask = mask_over(heatmap, threshold=threshold, cancel=cancel)
    rows, columns = heatmap.grid.shape
    record = ModelMask(
        threshold=threshold,
        area_px=mask.area,
        runs=mask.to_text(),
        heatmap_grid=(rows, columns),
        heatmap_sha256=grid_sha256(heatmap.grid),
        coarse=coarse_rows(heatmap.grid),
    )
    return record, mask


def mask_over(heatmap: Heatmap, *, threshold: float, cancel: CancelToken | None = None) -> Mask:
    """Evidence pixels whose model score is strictly over a threshold, as `rendering.threshold_mask` has them.

    Only the part of the image around cells that reach the threshold is looked at: elsewhere no score can be over it.

    Raises:
        Cancelled: stopping was asked for.
    """
    box = _reach(heatmap, threshold)
    if box is None:
        return Mask.empty(heatmap.size)
    rows, columns = box.slices
    inside = np.empty((box.height, box.width), np.bool_)
    for strip in rendering.strips(heatmap, band=range(rows.start, rows.stop), cancel=cancel):
        over = rendering.threshold_mask(strip.scores[:, columns], threshold)
        inside[strip.top - rows.start :][: len(over)] = over
    return Mask.empty(heatmap.size).with_part(Mask.of(inside), left=box.left, top=box.top)


def grid_sha256(grid: NDArray[np.float32]) -> str:
    """SHA-256 of a heatmap's own grid, float32 (h, w): its bytes little-endian, row by row."""
    return hashlib.sha256(np.ascontiguousarray(grid, dtype="<f4").tobytes()).hexdigest()


def coarse_rows(grid: NDArray[np.float32]) -> tuple[tuple[int, ...], ...]:
    """A grid averaged to at most `COARSE_CELLS` cells a side, as 16-bit values: rows of round(score * 65535)."""
    rows, columns = (min(side, COARSE_CELLS) for side in grid.shape)
    averaged = cv2.resize(grid, (columns, rows), interpolation=cv2.INTER_AREA)
    steps = np.rint(np.clip(averaged, 0, 1).astype(np.float64) * rendering.SCORE_STEPS).astype(int)
    return tuple(tuple(row) for row in steps.tolist())


def difference_of(model: Mask, analyst: Mask) -> Difference:
    """How a localizer's mask and the analyst's differ."""
    both, either = (model & analyst).area, (model | analyst).area
    return Difference(
        model_only_px=model.area - both,
        analyst_only_px=analyst.area - both,
        both_px=both,
        neither_px=model.size.pixels - either,
        iou=both / either if either else 1.0,
    )


def _reach(heatmap: Heatmap, threshold: float) -> PixelBox | None:
    """The smallest box that holds every pixel whose score could be over a threshold; None where none could."""
    high = heatmap.grid > np.float32(threshold) - _ROUNDING
    if not high.any():
        return None
    rows, columns = np.nonzero(high)
    top, bottom = _span(rows, cells=high.shape[0], pixels=heatmap.size.height)
    left, right = _span(columns, cells=high.shape[1], pixels=heatmap.size.width)
    return PixelBox(left, top, right - left, bottom - top)


def _span(high: NDArray[np.intp], *, cells: int, pixels: int) -> tuple[int, int]:
    """First pixel, and the one behind the last, along an axis that one of the high cells takes part in the score of."""
    # The centre of cell c is at (c + 0.5) / cells of the way; a cell counts up to the centres of its neighbours.
    first, last = (high.min() - 0.5) * pixels / cells, (high.max() + 1.5) * pixels / cells
    return max(0, int(np.floor(first)) - 1), min(pixels, int(np.ceil(last)) + 1)
