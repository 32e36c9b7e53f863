"""From a finding's heatmap to what a report records of it: its mask, its hash, and the map on a coarse grid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask, PixelBox
from forensic_gui.domain.reports.record import Difference, ModelMask
from forensic_gui.domain.runs import Edges, edges_of_flat
from forensic_gui.services import rendering

COARSE_CELLS = 32
"""Most cells a side of the coarse grid."""

# Interpolation rounds: a score between two cells can be a few units of float32 over both.
_ROUNDING = np.float32(1e-5)
_OPEN = 2
_BAND_CELLS = 32


def record_of_mask(heatmap: Heatmap, *, threshold: float) -> tuple[ModelMask, Mask]:
    """What a report records of a localizer's mask, and the mask itself."""
    mask = mask_over(heatmap, threshold=threshold)
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


def mask_over(heatmap: Heatmap, *, threshold: float) -> Mask:
    """Evidence pixels whose model score is strictly over a threshold, as `rendering.threshold_mask` has them.

    Between cells that are all over the threshold, or all under it, every pixel is as they are: only the others are
    interpolated, by the very arithmetic of `rendering.strips`.
    """
    box = _reach(heatmap, threshold)
    if box is None:
        return Mask.empty(heatmap.size)
    rows = _Axis.of(box.top, box.height, pixels=heatmap.size.height, cells=heatmap.grid.shape[0])
    columns = _Axis.of(box.left, box.width, pixels=heatmap.size.width, cells=heatmap.grid.shape[1])
    edges = _edges(heatmap.grid, rows, columns, np.float32(threshold))
    part = Mask.of_edges(Size(box.width, box.height), edges)
    if part.size == heatmap.size:
        return part
    return Mask.empty(heatmap.size).with_part(part, left=box.left, top=box.top)


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


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """Consecutive pixels along one axis, and the cells that they lie between.

    Attributes:
        before: cell before each pixel's centre, intp (pixels,).
        fraction: of the way from there to the next cell, float32 (pixels,).
        cells: number of cells of the whole axis.
    """

    before: NDArray[np.intp]
    fraction: NDArray[np.float32]
    cells: int

    @classmethod
    def of(cls, start: int, length: int, *, pixels: int, cells: int) -> _Axis:
        """A part of an axis of so many pixels and cells."""
        before, fraction = rendering.cell_positions(pixels, cells)
        return cls(before[start : start + length], fraction[start : start + length], cells)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Number of pixels behind each cell, from the first that has one to the last."""
        return np.bincount(self.before - self.before[0])

    @property
    def nodes(self) -> NDArray[np.intp]:
        """Cells that the pixels lie between, the one behind the last pixel too, which may be the same once more."""
        first, last = self.before[0], self.before[-1]
        return np.minimum(np.arange(first, last + 2), self.cells - 1)


def _edges(grid: NDArray[np.float32], rows: _Axis, columns: _Axis, threshold: np.float32) -> Edges:
    """Where a walk down the columns enters and leaves the mask; by bands, each of which stays in a core's cache."""
    height = rows.before.size
    # Of every cell across, down all pixels: as masks count them.
    states = np.repeat(_states(grid, rows, columns, threshold).T, rows.counts, axis=1)
    counts = columns.counts
    found, first_column = [], 0
    for first in range(0, counts.size, _BAND_CELLS):
        of_band = counts[first : first + _BAND_CELLS]
        inside = np.repeat(states[first : first + _BAND_CELLS], of_band, axis=0).ravel()
        open_ones = np.flatnonzero(inside == _OPEN)
        column, row = np.divmod(open_ones, height)
        inside[open_ones] = _scores_at(grid, rows, row, columns, column + first_column) > threshold
        found.append(edges_of_flat(inside.view(np.bool_)) + first_column * height)
        first_column += int(of_band.sum())
    edges: Edges = np.concatenate(found)
    # A band ends where the next one begins: an area that goes on is neither left nor entered there.
    is_twice = np.zeros(edges.size, np.bool_)
    same = edges[1:] == edges[:-1]
    is_twice[1:] |= same
    is_twice[:-1] |= same
    return edges[~is_twice]


def _states(grid: NDArray[np.float32], rows: _Axis, columns: _Axis, threshold: np.float32) -> NDArray[np.uint8]:
    """Of every field between four cells, whether all its pixels are over the threshold, none, or some may be."""
    part = grid[np.ix_(rows.nodes, columns.nodes)]
    over, under = part > threshold + _ROUNDING, part <= threshold - _ROUNDING
    states = np.full((part.shape[0] - 1, part.shape[1] - 1), _OPEN, np.uint8)
    states[_of_four(over)] = 1
    states[_of_four(under)] = 0
    return states


def _of_four(nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fields whose four cells all are so."""
    both = nodes[1:] & nodes[:-1]
    fields: NDArray[np.bool_] = both[:, 1:] & both[:, :-1]
    return fields


def _scores_at(
    grid: NDArray[np.float32], rows: _Axis, row: NDArray[np.intp], columns: _Axis, column: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Model scores of single pixels, float32 (n,); across first and then down, as `rendering.strips` has them."""
    above, left = rows.before[row], columns.before[column]
    right, across = np.minimum(left + 1, columns.cells - 1), columns.fraction[column]
    upper, lower = (
        grid[line, left] + (grid[line, right] - grid[line, left]) * across
        for line in (above, np.minimum(above + 1, rows.cells - 1))
    )
    scores: NDArray[np.float32] = upper + (lower - upper) * rows.fraction[row]
    return scores


def _reach(heatmap: Heatmap, threshold: float) -> PixelBox | None:
    """A box that holds every pixel whose score could be over a threshold; None where none could.

    All of the image where that is less than twice as large: putting a part into its place takes time as well.
    """
    high = heatmap.grid > np.float32(threshold) - _ROUNDING
    if not high.any():
        return None
    rows, columns = (np.nonzero(np.atleast_1d(high.any(axis=axis)))[0] for axis in (1, 0))
    top, bottom = _span(rows, cells=high.shape[0], pixels=heatmap.size.height)
    left, right = _span(columns, cells=high.shape[1], pixels=heatmap.size.width)
    if 2 * (right - left) * (bottom - top) >= heatmap.size.pixels:
        return PixelBox(0, 0, heatmap.size.width, heatmap.size.height)
    return PixelBox(left, top, right - left, bottom - top)


def _span(high: NDArray[np.intp], *, cells: int, pixels: int) -> tuple[int, int]:
    """First pixel, and the one behind the last, along an axis that one of the high cells takes part in the score of."""
    # The centre of cell c is at (c + 0.5) / cells of the way; a cell counts up to the centres of its neighbours.
    first, last = (high.min() - 0.5) * pixels / cells, (high.max() + 1.5) * pixels / cells
    return max(0, int(np.floor(first)) - 1), min(pixels, int(np.ceil(last)) + 1)
