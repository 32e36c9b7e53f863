"""Pixel-level scores of one image against its ground truth, by IMDL-BenCo's definitions, on numpy alone.

A pixel is flagged when its score is *strictly* greater than the threshold. Thresholds are rounded to float32, the type
of the scores, before they are compared: what is measured is what `heatmap > threshold` shows.

Ground truth is a `BoolMask` or a `LabelMask`; pixels labelled 255 are left out of every count.

IMDL-BenCo averages F1 and IoU over *manipulated* images and scores at the network's input size; here the caller gives
scores and truth at one size, which for published figures is the image's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import IGNORE_LABEL, BoolMask, LabelMask, ScoreMap, require_scores

Variant = Literal["origin", "reverse", "double"]
Counts: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[np.float64]

# IMDL-BenCo's guard against 0/0: an image without a hit scores 0.
_EPSILON = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Numbers of pixels by outcome.

    Attributes:
        true_positive: int64, shape () for one threshold or (T,) for many; so are the others.
        false_positive: flagged, not manipulated.
        false_negative: manipulated, not flagged.
        true_negative: neither.
    """

    true_positive: Counts
    false_positive: Counts
    false_negative: Counts
    true_negative: Counts

    @property
    def of_inverse(self) -> Confusion:
        """The same counts for the inverted prediction: flagged where it was not."""
        return Confusion(
            true_positive=self.false_negative,
            false_positive=self.true_negative,
            false_negative=self.true_positive,
            true_negative=self.false_positive,
        )


@dataclass(frozen=True, slots=True, eq=False)
class RankedScores:
    """The scores of one image in order, apart by truth: one sort answers every threshold and the AUC exactly.

    Attributes:
        manipulated: float32 (P,), ascending, scores of manipulated pixels.
        untouched: float32 (N,), ascending, scores of the other labelled pixels.
    """

    manipulated: NDArray[np.float32]
    untouched: NDArray[np.float32]

    def confusion(self, thresholds: float | NDArray[np.floating[Any]]) -> Confusion:
        """Counts at one threshold (shape ()) or at each of many (shape (T,))."""
        cut = np.asarray(thresholds, dtype=np.float32)
        missed = np.asarray(np.searchsorted(self.manipulated, cut, side="right"), dtype=np.int64)
        spared = np.asarray(np.searchsorted(self.untouched, cut, side="right"), dtype=np.int64)
        return Confusion(
            true_positive=np.asarray(self.manipulated.size - missed),
            false_positive=np.asarray(self.untouched.size - spared),
            false_negative=missed,
            true_negative=spared,
        )

    def auc(self) -> float:
        """Area under the ROC curve: how often a manipulated pixel outscores an untouched one, ties counted half.

        Returns:
            A share in [0, 1]; NaN where all labelled pixels are of one kind.
        """
        pairs = self.manipulated.size * self.untouched.size
        if pairs == 0:
            return float("nan")
        below = np.searchsorted(self.untouched, self.manipulated, side="left")
        not_above = np.searchsorted(self.untouched, self.manipulated, side="right")
        return (int(below.sum()) + int(not_above.sum())) / (2 * pairs)

    def average_precision(self) -> float:
        """Mean precision over the manipulated pixels, each at its own score as (non-strict) threshold.

        The step-wise area under the precision-recall curve, without interpolation; equal scores enter together.

        Returns:
            A share in [0, 1]; NaN where no pixel is manipulated.
        """
        if self.manipulated.size == 0:
            return float("nan")
        first = np.searchsorted(self.manipulated, self.manipulated, side="left")
        hits = self.manipulated.size - first
        alarms = self.untouched.size - np.searchsorted(self.untouched, self.manipulated, side="left")
        return float(np.mean(hits / (hits + alarms)))


def truth_from_pixels(pixels: NDArray[np.uint8]) -> BoolMask:
    """Ground truth of a mask image: True where the mean over channels exceeds 127.5.

    Args:
        pixels: uint8 (H, W) or (H, W, C).

    Raises:
        ValueError: another dtype or number of axes.
    """
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError(f"expected a uint8 (H, W) or (H, W, C) mask image, got {pixels.dtype} {pixels.shape}")
    channels = pixels.reshape(*pixels.shape[:2], -1)
    # In integers, so that no rounding decides: mean > 127.5 is 2 * sum > 255 * C.
    return np.asarray(2 * channels.sum(axis=2, dtype=np.int64) > 255 * channels.shape[2])


def rank(scores: ScoreMap, truth: BoolMask | LabelMask) -> RankedScores:
    """Order the scores of one image, apart by truth.

    Args:
        scores: float32 (H, W) in [0, 1].
        truth: bool (H, W), or uint8 (H, W) of 0, 1 and 255 (left out).

    Raises:
        ValueError: shapes differ, a score is NaN or outside [0, 1], or a label is none of the three.
    """
    require_scores(scores)
    if truth.shape != scores.shape:
        raise ValueError(f"scores are {scores.shape} but the ground truth is {truth.shape}")
    # Written so that NaN fails too.
    if not bool(np.all((scores >= 0) & (scores <= 1))):
        raise ValueError("scores must lie in [0, 1] and be numbers")
    manipulated, untouched = _split(truth)
    return RankedScores(manipulated=np.sort(scores[manipulated]), untouched=np.sort(scores[untouched]))


def _split(truth: BoolMask | LabelMask) -> tuple[BoolMask, BoolMask]:
    if truth.dtype == np.bool_:
        return truth.astype(np.bool_, copy=False), ~truth.astype(np.bool_, copy=False)
    manipulated, untouched = truth == 1, truth == 0
    if truth.dtype != np.uint8 or not bool(np.all(manipulated | untouched | (truth == IGNORE_LABEL))):
        raise ValueError(f"ground truth is bool, or uint8 with labels 0, 1 and {IGNORE_LABEL}")
    return manipulated, untouched


def threshold_grid(steps: int = 1000) -> NDArray[np.float32]:
    """Thresholds 0, 1/steps, ..., 1 as float32 (steps + 1,)."""
    return (np.arange(steps + 1) / steps).astype(np.float32)


def precision(confusion: Confusion) -> Values:
    """Share of flagged pixels that are manipulated; 0 where none is flagged. float64, the counts' shape."""
    return _ratio(confusion.true_positive, confusion.true_positive + confusion.false_positive)


def recall(confusion: Confusion) -> Values:
    """Share of manipulated pixels that are flagged; 0 where none is manipulated. float64, the counts' shape."""
    return _ratio(confusion.true_positive, confusion.true_positive + confusion.false_negative)


def f1(confusion: Confusion, *, variant: Variant = "origin") -> Values:
    """Pixel F1 = 2 TP / (2 TP + FP + FN), in [0, 1]; 0 on an image without manipulation.

    Args:
        confusion: counts at one or many thresholds.
        variant: IMDL-BenCo's modes: "origin"; "reverse" scores the inverted prediction; "double" takes the larger of
            the two, which flatters: never beside "origin" in one column.

    Returns:
        float64 of the counts' shape.
    """
    return _VARIANTS[variant](_f1, confusion)


def iou(confusion: Confusion, *, variant: Variant = "origin") -> Values:
    """Intersection over union = TP / (TP + FP + FN), in [0, 1]; variants as for `f1`."""
    return _VARIANTS[variant](_iou, confusion)


def _f1(confusion: Confusion) -> Values:
    hits = 2 * confusion.true_positive
    return _ratio(hits, hits + confusion.false_positive + confusion.false_negative)


def _iou(confusion: Confusion) -> Values:
    hits = confusion.true_positive
    return _ratio(hits, hits + confusion.false_positive + confusion.false_negative)


_Metric: TypeAlias = Callable[[Confusion], Values]

_VARIANTS: Mapping[Variant, Callable[[_Metric, Confusion], Values]] = {
    "origin": lambda metric, confusion: metric(confusion),
    "reverse": lambda metric, confusion: metric(confusion.of_inverse),
    "double": lambda metric, confusion: np.maximum(metric(confusion), metric(confusion.of_inverse)),
}


def _ratio(part: Counts, whole: Counts) -> Values:
    return np.asarray(part / (whole + _EPSILON), dtype=np.float64)
