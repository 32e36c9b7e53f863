"""From a heatmap on its grid to pictures at the evidence's own size: scores, mask, 16-bit map, colours, overlay.

The window and the files show the same thing because both call these functions. Everything can be had strip by strip
(`strips`), so that a large image never needs its scores in memory as a whole. Colours and 16-bit values are always of
the fixed scale 0 to 1: no map is ever stretched, so a weak response looks weak.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.finding import ScoreSummary
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.services.progress import CancelToken

SCORE_STEPS = 65535
"""A 16-bit map holds round(score * SCORE_STEPS)."""

# 64 rows of a 4,000-pixel-wide image are 1 MB of float32: the passes over a strip stay in a core's cache.
STRIP_PIXELS = 1 << 18


class Colormap(StrEnum):
    """Colour scales of even perceptual steps, readable without red-green vision."""

    INFERNO = "inferno"
    VIRIDIS = "viridis"
    CIVIDIS = "cividis"
    MAGMA = "magma"
    GREY = "grey"


_OPENCV_COLORMAP = {
    Colormap.INFERNO: cv2.COLORMAP_INFERNO,
    Colormap.VIRIDIS: cv2.COLORMAP_VIRIDIS,
    Colormap.CIVIDIS: cv2.COLORMAP_CIVIDIS,
    Colormap.MAGMA: cv2.COLORMAP_MAGMA,
}


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Consecutive rows of the evidence-size map.

    Attributes:
        top: first evidence row.
        scores: float32 (rows, W) in [0, 1]; its memory is used again for the next strip.
    """

    top: int
    scores: NDArray[np.float32]

    @property
    def rows(self) -> slice:
        """The evidence rows of this strip."""
        return slice(self.top, self.top + self.scores.shape[0])


def strips(heatmap: Heatmap, *, band: range | None = None, cancel: CancelToken | None = None) -> Iterator[Strip]:
    """Model scores of every evidence pixel, from the top, by `Heatmap.score_at`'s definition.

    Columns are interpolated once, on the few rows of the grid; rows strip by strip.

    Args:
        heatmap: scores on the localizer's grid.
        band: consecutive evidence rows to go through; None for all.
        cancel: looked at before each strip.

    Raises:
        Cancelled: stopping was asked for.
    """
    height, width = heatmap.size.shape
    upper = _interpolate(heatmap.grid, *cell_positions(width, heatmap.grid.shape[1]))
    step = np.diff(upper, axis=0, append=upper[-1:])
    above, fraction = cell_positions(height, heatmap.grid.shape[0])
    rows = max(1, STRIP_PIXELS // width)
    scores, slope = (np.empty((min(rows, height), width), np.float32) for _ in range(2))
    wanted = range(height) if band is None else band
    for top in wanted[::rows]:
        if cancel is not None:
            cancel.raise_if_cancelled()
        chosen = above[top : min(top + rows, wanted.stop)]
        out, rise = scores[: len(chosen)], slope[: len(chosen)]
        # mode="clip" spares numpy a buffered copy; every index is in range.
        np.take(step, chosen, axis=0, out=rise, mode="clip")
        np.multiply(rise, fraction[top : top + len(chosen), None], out=rise)
        np.take(upper, chosen, axis=0, out=out, mode="clip")
        np.add(out, rise, out=out)
        yield Strip(top, out)


def evidence_scores(heatmap: Heatmap) -> NDArray[np.float32]:
    """Model scores of every evidence pixel: float32 (H, W) in [0, 1]."""
    scores = np.empty(heatmap.size.shape, np.float32)
    for strip in strips(heatmap):
        scores[strip.rows] = strip.scores
    return scores


def threshold_mask(scores: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]:
    """Pixels whose score is strictly over the threshold: bool (H, W) from float32 (H, W).

    The threshold is rounded to float32 first, so that a score of 0.3 is not over a threshold of 0.3.
    """
    return scores > np.float32(threshold)


def to_16_bit(scores: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Scores as round(score * 65535): uint16 (H, W) from float32 (H, W) in [0, 1]."""
    steps: NDArray[np.uint16] = cv2.multiply(scores, float(SCORE_STEPS), dtype=cv2.CV_16U).reshape(scores.shape)
    return steps


def colormap_table(colormap: Colormap) -> NDArray[np.uint8]:
    """Colours of the scores 0/255, 1/255, ... 255/255: uint8 (256, 3) RGB."""
    levels = np.arange(256, dtype=np.uint8)[:, None]
    if colormap is Colormap.GREY:
        return np.repeat(levels, 3, axis=1)
    table = cv2.applyColorMap(levels, _OPENCV_COLORMAP[colormap])[:, 0, ::-1]
    return np.ascontiguousarray(table)


def colourize(scores: NDArray[np.float32], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scores in colours, on the fixed scale 0 to 1.

    Args:
        scores: float32 (H, W) in [0, 1].
        table: uint8 (256, 3), as of `colormap_table`.

    Returns:
        uint8 (H, W, 3) in the table's order of channels.
    """
    levels = cv2.convertScaleAbs(scores, alpha=255.0).reshape(scores.shape)
    coloured: NDArray[np.uint8] = cv2.applyColorMap(levels, table[:, None, :])
    return coloured


def overlay(
    pixels: NDArray[np.uint8],
    heatmap: Heatmap,
    *,
    colormap: Colormap,
    opacity: float,
    cancel: CancelToken | None = None,
) -> NDArray[np.uint8]:
    """The image with the coloured heatmap over it, the same opacity everywhere.

    Args:
        pixels: uint8 (H, W, 3) RGB of the heatmap's evidence, stored orientation.
        heatmap: scores on the localizer's grid.
        colormap: colour scale.
        opacity: share of the heatmap's colour in each pixel, in [0, 1].
        cancel: looked at before each strip.

    Returns:
        uint8 (H, W, 3) RGB, stored orientation.

    Raises:
        ValueError: the pixels are not of the heatmap's evidence.
        Cancelled: stopping was asked for.
    """
    if pixels.shape != (*heatmap.size.shape, 3):
        raise ValueError(f"a heatmap of {heatmap.size} does not lie over pixels of shape {pixels.shape}")
    table = colormap_table(colormap)
    blended = np.empty(pixels.shape, np.uint8)
    for strip in strips(heatmap, cancel=cancel):
        coloured = colourize(strip.scores, table)
        cv2.addWeighted(pixels[strip.rows], 1.0 - opacity, coloured, opacity, 0.0, dst=blended[strip.rows])
    return blended


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """What is counted over a band of rows; two of them add up."""

    counts: NDArray[np.int64]
    minimum: float
    maximum: float
    total: float
    over: int

    def __add__(self, other: _Tally) -> _Tally:
        return _Tally(
            self.counts + other.counts,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.total + other.total,
            self.over + other.over,
        )


def summarize(heatmap: Heatmap, *, threshold: float, cancel: CancelToken | None = None) -> tuple[ScoreSummary, float]:
    """Distribution of the scores over all evidence pixels, and the share of pixels strictly over the threshold.

    Large images are counted in two bands side by side; always the same two, so that the sums round alike everywhere.

    Args:
        heatmap: scores on the localizer's grid.
        threshold: model score in [0, 1].
        cancel: looked at before each strip.

    Raises:
        Cancelled: stopping was asked for.
    """
    rows = range(heatmap.size.height)
    half = len(rows) // 2
    bands = [rows] if heatmap.size.pixels <= STRIP_PIXELS else [rows[:half], rows[half:]]
    with ThreadPoolExecutor(len(bands), thread_name_prefix="summarize") as pool:
        tallies = list(pool.map(lambda band: _tally(heatmap, band, threshold=threshold, cancel=cancel), bands))
    tally = reduce(operator.add, tallies)
    median, p95, p99 = _quantiles(tally.counts, (0.5, 0.95, 0.99))
    size = heatmap.size.pixels
    return ScoreSummary(tally.minimum, tally.maximum, tally.total / size, median, p95, p99), tally.over / size


def _tally(heatmap: Heatmap, band: range, *, threshold: float, cancel: CancelToken | None) -> _Tally:
    counts = np.zeros(SCORE_STEPS + 1, np.int64)
    minimum, maximum, total, over = 1.0, 0.0, 0.0, 0
    for strip in strips(heatmap, band=band, cancel=cancel):
        low, high, _, _ = cv2.minMaxLoc(strip.scores)
        minimum, maximum = min(minimum, low), max(maximum, high)
        total += cv2.sumElems(strip.scores)[0]
        over += int(np.count_nonzero(threshold_mask(strip.scores, threshold)))
        steps = to_16_bit(strip.scores)
        # float32 counts are exact up to 2**24, far over the pixels of a strip.
        histogram = cv2.calcHist([steps], [0], None, [SCORE_STEPS + 1], [0, SCORE_STEPS + 1])
        counts += histogram.ravel().astype(np.int64)
    return _Tally(counts, minimum, maximum, total, over)


def _quantiles(counts: NDArray[np.int64], shares: tuple[float, ...]) -> list[float]:
    """Nearest-rank quantiles (the smallest score that at least this share of pixels does not exceed)."""
    cumulative = np.cumsum(counts)
    ranks = np.ceil(np.asarray(shares) * cumulative[-1])
    return [float(step) / SCORE_STEPS for step in np.searchsorted(cumulative, ranks)]


def cell_positions(pixels: int, cells: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each pixel along an axis, the cell before its centre and the fraction of the way to the next one."""
    position = np.clip((np.arange(pixels) + 0.5) * cells / pixels - 0.5, 0, cells - 1)
    before = position.astype(np.intp)
    return before, (position - before).astype(np.float32)


def _interpolate(
    grid: NDArray[np.float32], before: NDArray[np.intp], fraction: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Interpolate along the columns: float32 (h, w) to (h, len(before))."""
    step = np.diff(grid, axis=1, append=grid[:, -1:])
    across: NDArray[np.float32] = np.take(grid, before, axis=1) + np.take(step, before, axis=1) * fraction
    return across
