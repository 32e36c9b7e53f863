"""How far model scores are from shares: reliability, expected calibration error, and temperature (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass
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
        """Mean over samples of |share positive - mean score| of their bin, in [0, 1]."""
        filled = self.count > 0
        gaps = np.abs(self.share_positive[filled] - self.mean_score[filled])
        return float(np.average(gaps, weights=self.count[filled]))


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
    edges = np.linspace(0, 1, bins + 1)
    index = np.clip(np.searchsorted(edges, scores, side="left") - 1, 0, bins - 1)
    count = np.bincount(index, minlength=bins)
    filled = np.where(count > 0, count, np.nan)
    return Reliability(
        edges=edges,
        count=count,
        mean_score=np.bincount(index, weights=scores, minlength=bins) / filled,
        share_positive=np.bincount(index, weights=labels, minlength=bins) / filled,
    )


def fit_temperature(logits: NDArray[np.floating[Any]], labels: NDArray[np.bool_]) -> float:
    """The temperature T that minimises the binary cross-entropy of sigmoid(logits / T).

    The loss is convex in 1/T, so its slope has one root, which is bisected; T is held between 0.01 and 100.

    Args:
        logits: float (n,), finite.
        labels: bool (n,), True where manipulated.

    Raises:
        ValueError: no samples, shapes differ, or a logit is not finite.
    """
    _require_pairs(logits, labels)
    values = logits.astype(np.float64)
    if not bool(np.all(np.isfinite(values))):
        raise ValueError("logits must be finite")
    low, high = np.log(1 / _HOTTEST), np.log(1 / _COLDEST)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _slope(float(np.exp(middle)), values, labels) > 0:
            high = middle
        else:
            low = middle
    return float(np.exp(-(low + high) / 2))


def _slope(inverse_temperature: float, logits: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Derivative of the mean cross-entropy by the inverse temperature."""
    # tanh does not overflow where exp would.
    scores = (1 + np.tanh(inverse_temperature * logits / 2)) / 2
    return float(np.mean((scores - labels) * logits))


def _require_pairs(values: NDArray[np.floating[Any]], labels: NDArray[np.bool_]) -> None:
    if values.ndim != 1 or values.shape != labels.shape or values.size == 0 or labels.dtype != np.bool_:
        raise ValueError(
            f"expected as many bool labels as values, got {values.shape} and {labels.dtype} {labels.shape}"
        )
