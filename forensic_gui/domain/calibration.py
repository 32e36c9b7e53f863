"""How the model scores of one view of some weights read as shares of manipulated pixels.

A reading aid beside the scores. Heatmaps, masks and thresholds are always in the network's own units: what is written
and compared can be reproduced from the weights alone, whatever their card says of a calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibration as the weights' card has it.

    Attributes:
        method: what was fitted: "isotonic" or "temperature".
        knots: (model score, share), both strictly increasing, from score 0 to 1; linear between.
        fitted_on: name of the images.
        images: how many they were.
        prior: share of manipulated pixels in them, which the shares presume.
        error_before: mean distance of score and share, of the scores as they are.
        error_after: the same of calibrated scores, on photographs they were not fitted to.
    """

    method: str
    knots: tuple[tuple[float, float], ...]
    fitted_on: str
    images: int
    prior: float
    error_before: float
    error_after: float

    def __post_init__(self) -> None:
        if not all(before[0] < after[0] and before[1] < after[1] for before, after in pairwise(self.knots)):
            raise ValueError("the knots of a calibration increase strictly")

    def share_of(self, score: float) -> float:
        """The calibrated score: share of manipulated pixels among those of such a score, on the images fitted to."""
        scores, shares = np.array(self.knots, dtype=np.float64).T
        return float(np.interp(score, scores, shares))

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "method": self.method,
            "fitted_on": self.fitted_on,
            "images": self.images,
            "prior": self.prior,
            "error_before": self.error_before,
            "error_after": self.error_after,
            "knots": [list(knot) for knot in self.knots],
        }
