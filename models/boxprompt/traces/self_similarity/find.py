"""The search: candidates, dense verification, which side is the copy, and the map of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage, ScoreMap, require_rgb
from boxprompt.errors import StoppedError
from boxprompt.traces.self_similarity.judging import copy_score, partners, strength
from boxprompt.traces.self_similarity.keypoints import repeated_maps
from boxprompt.traces.self_similarity.planes import Affine, Band, Plane, band_of, grey_of
from boxprompt.traces.self_similarity.shifts import frequent_shifts
from boxprompt.traces.self_similarity.sides import Gradients, gradients_of
from boxprompt.traces.self_similarity.verify import Demands, Match, matches_under

# Matched windows of 9 pixels around detail, and of 13 around softer contrast that survives resampling and blur.
_FINE = Demands(smallest_seeds_px=100)
_SOFT = Demands(smallest_seeds_px=150, reach_px=12)
# Fine windows outline a region more closely, so that they win where both see it.
_FINE_BONUS = 1.1
_SMALLEST_SIDE_PX = 48
# A pattern matches itself one period on; a copy seldom lies on its own original.
_LARGEST_OVERLAP = 0.15
_UNDECIDED = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How hard to look.

    Attributes:
        longest_px: images with a longer side are searched on a smaller copy.
        shifts: candidates from the autocorrelation.
        keypoint_maps: candidates from keypoints, with and again without a mirror.
        nearest_px: a copy lies at least this far from its original, pixels of the searched copy.
        most_repeats: pairs reported.
    """

    longest_px: int = 1024
    shifts: int = 30
    keypoint_maps: int = 6
    nearest_px: int = 16
    most_repeats: int = 6


@dataclass(frozen=True, slots=True)
class Repeat:
    """Two regions of an image that show the same thing.

    Attributes:
        matrix: float64 (2, 3), sends (x, y) of the original to the copy, image pixels, the origin at the corner.
        original: bool (h, w) on the grid of the search, which covers the image.
        copy: bool (h, w), likewise; the side that looks pasted.
        strength: model score in [0, 1] that the two are one thing and not alike by nature.
        copy_score: model score in [0.5, 1] that `copy` is the copy; at 0.5 the two may as well be exchanged.
    """

    matrix: NDArray[np.float64]
    original: BoolMask
    copy: BoolMask
    strength: float
    copy_score: float


@dataclass(frozen=True, slots=True)
class SelfSimilarity:
    """What repeats in an image.

    Attributes:
        shape: (H, W) of the image.
        repeats: strongest first; none of them says more than that two regions are alike.
    """

    shape: tuple[int, int]
    repeats: tuple[Repeat, ...]

    def heatmap(self) -> ScoreMap:
        """Where something repeats, the copy before the original: float32 (H, W) in [0, 1]; 0 elsewhere.

        Strength times the score of being the copy, raised by a quarter, so that a pair whose sides cannot be told apart
        is shown whole.
        """
        rows, columns = self.shape
        if not self.repeats:
            return np.zeros((rows, columns), dtype=np.float32)
        scores: ScoreMap = np.zeros(self.repeats[0].copy.shape, dtype=np.float32)
        for repeat in self.repeats:
            for region, side_score in ((repeat.copy, repeat.copy_score), (repeat.original, 1 - repeat.copy_score)):
                value = np.float32(repeat.strength * min(1.0, _UNDECIDED * side_score))
                scores[region] = np.maximum(scores[region], value)
        if scores.shape == self.shape:
            return scores
        grown = cv2.resize(scores, (columns, rows), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(grown, 0, 1), dtype=np.float32)


def never_stop() -> bool:
    """A stop signal that is never given."""
    return False


def find_repeats(
    image: RgbImage, *, search: Search | None = None, should_stop: Callable[[], bool] = never_stop
) -> SelfSimilarity:
    """Find regions that an image shows twice: moved, turned, scaled from about a half to twice, or mirrored.

    Deterministic: nothing is drawn at random.

    Args:
        image: uint8 (H, W, 3) RGB, of any size; one with a side under 48 pixels holds nothing to find.
        search: how hard to look; None is the default.
        should_stop: asked between candidates.

    Raises:
        StoppedError: `should_stop` said so.
        ValueError: `image` is no RGB image.
    """
    plan = search or Search()
    rows, columns = require_rgb(image).shape[:2]
    if min(rows, columns) < _SMALLEST_SIDE_PX:
        return SelfSimilarity(shape=(rows, columns), repeats=())
    small = _at_most(image, longest_px=plan.longest_px)
    grey = grey_of(small)
    matches = list(_verified(grey, _candidates(grey, plan), should_stop))
    chosen = _distinct(matches, most=plan.most_repeats)
    everything = [match for _, match in matches]
    gradients = gradients_of(small)
    scale = (columns / grey.shape[1], rows / grey.shape[0])
    repeats = (_judged(match, gradients, partners=partners(match, everything), scale=scale) for match in chosen)
    ordered = sorted(repeats, key=lambda repeat: -repeat.strength)
    return SelfSimilarity(shape=(rows, columns), repeats=tuple(ordered))


def self_similarity(image: RgbImage) -> ScoreMap:
    """Where an image repeats, the copy before the original: float32 (H, W) in [0, 1]."""
    return find_repeats(image).heatmap()


def _at_most(image: RgbImage, *, longest_px: int) -> RgbImage:
    longest = max(image.shape[:2])
    if longest <= longest_px:
        return image
    rows, columns = (max(1, round(side * longest_px / longest)) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _candidates(grey: Plane, plan: Search) -> list[Affine]:
    shifts = frequent_shifts(grey, count=plan.shifts, nearest_px=plan.nearest_px)
    return shifts + repeated_maps(grey, count=plan.keypoint_maps, nearest_px=plan.nearest_px)


def _verified(
    grey: Plane, candidates: Sequence[Affine], should_stop: Callable[[], bool]
) -> Iterator[tuple[float, Match]]:
    fine = band_of(grey, finest_px=0, coarsest_px=2, window_px=9, beside_px=4)
    soft = band_of(grey, finest_px=0.8, coarsest_px=4, window_px=13, beside_px=6)
    bands: tuple[tuple[Band, Demands, float], ...] = ((fine, _FINE, _FINE_BONUS), (soft, _SOFT, 1.0))
    for candidate in candidates:
        for band, demands, bonus in bands:
            if should_stop():
                raise StoppedError("The search for repeated regions was stopped.")
            for match in matches_under(grey, band, candidate, demands):
                yield bonus * match.seeds_px, match


def _distinct(matches: list[tuple[float, Match]], *, most: int) -> list[Match]:
    """The largest matches, less those that show again what larger ones showed."""
    chosen: list[Match] = []
    for _, match in sorted(matches, key=lambda one: -one[0]):
        if len(chosen) < most and match.overlap <= _LARGEST_OVERLAP and not _shown(match, chosen):
            chosen.append(match)
    return chosen


def _shown(match: Match, chosen: Sequence[Match]) -> bool:
    known = np.zeros(match.first.shape, dtype=np.bool_)
    for other in chosen:
        known |= other.first | other.second
    return all(2 * np.count_nonzero(side & known) > np.count_nonzero(side) for side in (match.first, match.second))


def _judged(match: Match, gradients: Gradients, *, partners: int, scale: tuple[float, float]) -> Repeat:
    first_is_copy = copy_score(match, gradients)
    score = strength(match, partners=partners)
    matrix = _on_image(match.matrix, scale)
    if first_is_copy >= 0.5:
        back = np.asarray(cv2.invertAffineTransform(matrix), dtype=np.float64)
        return Repeat(back, match.second, match.first, score, first_is_copy)
    return Repeat(matrix, match.first, match.second, score, 1 - first_is_copy)


def _on_image(matrix: Affine, scale: tuple[float, float]) -> NDArray[np.float64]:
    """A map between pixel centres of the search's grid as one between points of the image, the origin at its corner."""
    stretch = np.diag([scale[0], scale[1]])
    linear = stretch @ matrix[:, :2] @ np.linalg.inv(stretch)
    half = np.array([0.5, 0.5])
    offset = stretch @ (matrix[:, 2] + half - matrix[:, :2] @ half)
    return np.asarray(np.column_stack([linear, offset]), dtype=np.float64)
