"""How far model scores are from shares: reliability, expected calibration error, and temperature (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Temperatures beyond these bounds mean that the logits carry no information, or separate the labels completely.
_COLDEST, _HOTTEST = 1e-2, 1e2
_BISECTIONS = 80


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Scores by bin of equal width over [0, 1], against what was true.

    Attributes:
        edges: float64 (B + 1,), bin k holds scores in (edges[k], edges[k + 1]]; 0 belongs to the first.
        count: int64 (B,), samples in the bin.
        mean_score: float64 (B,), their mean score; NaN for an empty bin.
        share_positive: float64 (B,), the share of them that is manipulated; NaN for an empty bin.
    """

    edges: NDArray[np.float64]
    count: NDArray[np.int64]
    mean_score: NDArray[np.float64]
    share_positive: NDArray[np.float64]

    @property
    def expected_calibration_error(self) -> float:
        """Mean over samples of |share positive - mean score| of their bin, in [0, 1]; NaN without samples."""
        filled = self.count > 0
        if not filled.any():
            return float("nan")
        gaps = np.abs(self.share_positive[filled] - self.mean_score[filled])
        return float(np.average(gaps, weights=self.count[filled]))


@dataclass(slots=True, eq=False)
class ReliabilityTally:
    """Counts that a reliability curve is drawn from, gathered image by image; its size never grows.

    Attributes:
        bins: number of bins of equal width over [0, 1].
    """

    bins: int
    _count: NDArray[np.int64] = field(init=False)
    _score: NDArray[np.float64] = field(init=False)
    _positive: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self._count = np.zeros(self.bins, dtype=np.int64)
        self._score = np.zeros(self.bins)
        self._positive = np.zeros(self.bins, dtype=np.int64)

    def add_sorted(self, scores: NDArray[np.floating[Any]], *, positive: bool) -> None:
        """Count samples of one label.

        Args:
            scores: float (n,) in [0, 1], ascending.
            positive: whether they are manipulated.
        """
        ends = np.searchsorted(scores, self._edges()[1:-1], side="right")
        parts = np.split(scores, ends)
        sizes = np.array([part.size for part in parts], dtype=np.int64)
        self._count += sizes
        self._score += np.array([part.sum(dtype=np.float64) for part in parts])
        if positive:
            self._positive += sizes

    def curve(self) -> Reliability:
        """The curve of all samples so far."""
        filled = np.where(self._count > 0, self._count, np.nan)
        return Reliability(
            edges=self._edges(),
            count=self._count.copy(),
            mean_score=self._score / filled,
            share_positive=self._positive / filled,
        )

    def _edges(self) -> NDArray[np.float64]:
        return np.linspace(0, 1, self.bins + 1)


def reliability(scores: NDArray[np.floating[Any]], labels: NDArray[np.bool_], *, bins: int = 15) -> Reliability:
    """Compare scores with labels bin by bin.

    Args:
        scores: float (n,) in [0, 1].
        labels: bool (n,), True where manipulated.
        bins: number of bins of equal width.

    Raises:
        ValueError: no samples, shapes differ, or a score is outside [0, 1].
    """
    _require_pairs(scores, labels)
    if not bool(np.all((scores >= 0) & (scores <= 1))):
        raise ValueError("scores must lie in [0, 1] and be numbers")
    tally = ReliabilityTally(bins=bins)
    tally.add_sorted(np.sort(scores[labels]), positive=True)
    tally.add_sorted(np.sort(scores[~labels]), positive=False)
    return tally.curve()


def fit_temperature(
    logits: NDArray[np.floating[Any]],
    labels: NDArray[np.bool_],
    *,
    weights: NDArray[np.floating[Any]] | None = None,
) -> float:
    """The temperature T that minimises the binary cross-entropy of sigmoid(logits / T).

    The loss is convex in 1/T, so its slope has one root, which is bisected; T is held between 0.01 and 100.

    Args:
        logits: float (n,), finite.
        labels: bool (n,), True where manipulated.
        weights: float (n,), how much each sample counts; None: all alike.

    Raises:
        ValueError: no samples, shapes differ, or a logit is not finite.
    """
    _require_pairs(logits, labels)
    values = logits.astype(np.float64)
    heavy = np.ones(values.size) if weights is None else weights.astype(np.float64)
    if heavy.shape != values.shape:
        raise ValueError(f"expected as many weights as logits, got {heavy.shape} and {values.shape}")
    if not bool(np.all(np.isfinite(values))):
        raise ValueError("logits must be finite")
    low, high = np.log(1 / _HOTTEST), np.log(1 / _COLDEST)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _slope(float(np.exp(middle)), values, labels, heavy) > 0:
            high = middle
        else:
            low = middle
    return float(np.exp(-(low + high) / 2))


def _slope(
    inverse_temperature: float,
    logits: NDArray[np.float64],
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> float:
    """Derivative of the mean cross-entropy by the inverse temperature."""
    # tanh does not overflow where exp would.
    scores = (1 + np.tanh(inverse_temperature * logits / 2)) / 2
    return float(np.average((scores - labels) * logits, weights=weights))


def _require_pairs(values: NDArray[np.floating[Any]], labels: NDArray[np.bool_]) -> None:
    if values.ndim != 1 or values.shape != labels.shape or values.size == 0 or labels.dtype != np.bool_:
        raise ValueError(
            f"expected as many bool labels as values, got {values.shape} and {labels.dtype} {labels.shape}"
        )
