"""Where an affine map holds pixel by pixel, and how far the two regions reach."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask
from boxprompt.traces.self_similarity.planes import Affine, Band, Plane, correlation, inside, warp

# A facade holds hundreds of windows that match under one map: time and memory must not grow with them.
_MOST_REGIONS = 16


@dataclass(frozen=True, slots=True)
class Demands:
    """What makes windows count as matched; ours.

    Attributes:
        seed_correlation: a window over this is matched.
        extent_correlation: a window over this belongs to the region around matched ones.
        distinctness: a matched window must differ this much from those beside it.
        variance: squared contrast below which a window shows no texture.
        smallest_seeds_px: matched windows of a region.
        flat_difference: grey levels by which flat parts of the two regions may differ.
        reach_px: how far a region reaches beyond its matched windows.
    """

    seed_correlation: float = 0.8
    extent_correlation: float = 0.45
    distinctness: float = 0.5
    variance: float = 4.0
    smallest_seeds_px: int = 250
    flat_difference: float = 6.0
    reach_px: int = 10


@dataclass(frozen=True, slots=True)
class Match:
    """Two regions that show the same thing.

    Attributes:
        matrix: float64 (2, 3), sends points of the first region to the second.
        first: bool (H, W).
        second: bool (H, W).
        seeds_px: matched windows in the first region.
        agreement: their mean correlation.
        density: matched share of the first region's textured part.
        overlap: share of the first region that the second covers.
    """

    matrix: Affine
    first: BoolMask
    second: BoolMask
    seeds_px: int
    agreement: float
    density: float
    overlap: float


def matches_under(grey: Plane, band: Band, matrix: Affine, demands: Demands) -> list[Match]:
    """Find the regions that an affine map sends to equal ones: the sixteen with most matched windows at most.

    Args:
        grey: float32 (H, W), luminance.
        band: of `grey`.
        matrix: float64 (2, 3), a candidate.
        demands: what counts.
    """
    alike = correlation(band, matrix)
    telling = (band.distinctness > demands.distinctness) & (band.variance > demands.variance)
    seeds = (alike > demands.seed_correlation) & telling
    if np.count_nonzero(seeds) < demands.smallest_seeds_px:
        return []
    cores = cv2.morphologyEx(seeds.view(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), dtype=np.uint8))
    count, labels = cv2.connectedComponents(cores)
    sizes = np.bincount(labels[seeds], minlength=count)
    largest = np.argsort(-sizes, kind="stable")[:_MOST_REGIONS]
    large = np.sort(largest[sizes[largest] >= demands.smallest_seeds_px])
    if large.size == 0:
        return []
    belongs = _belongs(grey, band, matrix, alike, demands)
    found = []
    for label in large:
        region = _extent(labels == label, belongs, reach_px=demands.reach_px)
        if region is not None:
            found.append(_describe(region, matrix, seeds, alike, telling))
    return found


def _belongs(grey: Plane, band: Band, matrix: Affine, alike: Plane, demands: Demands) -> BoolMask:
    difference = np.abs(cv2.blur(grey, (5, 5)) - cv2.blur(warp(grey, matrix), (5, 5)))
    flat = (band.variance < demands.variance) & (difference < demands.flat_difference)
    same = (alike > demands.extent_correlation) & (difference < 25)
    return np.asarray((flat | same) & inside(grey.shape, matrix))


def _extent(core: BoolMask, belongs: BoolMask, *, reach_px: int) -> BoolMask | None:
    near = cv2.dilate(core.view(np.uint8), disc(2 * reach_px + 1)) > 0
    open_ = cv2.morphologyEx((belongs & near).view(np.uint8), cv2.MORPH_OPEN, disc(5))
    _, labels = cv2.connectedComponents(open_)
    kept = np.unique(labels[core & (open_ > 0)])
    kept = kept[kept > 0]
    if kept.size == 0:
        return None
    closed = cv2.morphologyEx(np.isin(labels, kept).view(np.uint8), cv2.MORPH_CLOSE, disc(9))
    return filled(closed)


def _describe(region: BoolMask, matrix: Affine, seeds: BoolMask, alike: Plane, telling: BoolMask) -> Match:
    second = carried(region, matrix)
    matched = seeds & region
    seeds_px = int(np.count_nonzero(matched))
    return Match(
        matrix=matrix,
        first=region,
        second=second,
        seeds_px=seeds_px,
        agreement=float(alike[matched].mean()) if seeds_px else 0.0,
        density=seeds_px / max(1, int(np.count_nonzero(telling & region))),
        overlap=float(np.count_nonzero(region & second) / np.count_nonzero(region)),
    )


def carried(region: BoolMask, matrix: Affine) -> BoolMask:
    """A region where an affine map sends it: bool (H, W)."""
    back = cv2.invertAffineTransform(matrix)
    return warp(region.view(np.uint8), np.asarray(back, dtype=np.float64), nearest=True) > 0


def filled(region: NDArray[np.uint8]) -> BoolMask:
    """A region (uint8, 0 or 1) without its holes."""
    outlines, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(region.shape, dtype=np.uint8)
    cv2.drawContours(whole, outlines, -1, 1, thickness=cv2.FILLED)
    return whole > 0


def disc(diameter_px: int) -> NDArray[np.uint8]:
    """A round structuring element."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter_px, diameter_px)), dtype=np.uint8)
