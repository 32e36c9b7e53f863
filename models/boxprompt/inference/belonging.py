"""What in a field of fingerprints does not belong: the distance from what most of the image looks like. No labels.

Fingerprints of an untouched photograph differ too, with texture and brightness. So the distance is Mahalanobis': it
counts a difference little along directions in which most of the image varies anyway (as in Splicebuster: D. Cozzolino,
G. Poggi, L. Verdoliva, WIFS 2015). An edit is taken to be the smaller part: mean and covariance are found without the
cells that are furthest away, again and again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import ScoreMap

_ROUNDS = 6
_LEAST_LENGTH = 1e-12


@dataclass(frozen=True, slots=True)
class BelongingRule:
    """How a field becomes scores.

    Attributes:
        window_cells: odd side of the windows whose mean vector is a place's fingerprint.
        kept_share: share of the image that mean and covariance are taken from, in (0, 1].
        ridge: added to every variance, in units of the mean variance; a field with fewer cells than dimensions has no
            covariance otherwise.
        half_distance: mean squared distance a dimension, in deviations, that scores 0.5. A cell like most scores 1 over
            1 + this.
    """

    window_cells: int = 3
    kept_share: float = 0.9
    ridge: float = 1e-3
    half_distance: float = 4.0

    def __post_init__(self) -> None:
        if self.window_cells < 1 or self.window_cells % 2 == 0:
            raise ValueError(f"a window's side is odd, not {self.window_cells}")
        if not 0 < self.kept_share <= 1:
            raise ValueError(f"the kept share is in (0, 1], not {self.kept_share}")
        if not (self.ridge > 0 and self.half_distance > 0):
            raise ValueError(f"ridge and half distance are more than 0, not {self.ridge} and {self.half_distance}")

    def record(self) -> dict[str, str | int | float | bool]:
        """Plain values for a report."""
        return asdict(self)


DEFAULT_RULE = BelongingRule()


def strangeness(field: NDArray[np.float32], *, rule: BelongingRule = DEFAULT_RULE) -> ScoreMap:
    """Scores of a field: d / (d + h), with d the squared distance a dimension and h the rule's half distance.

    Args:
        field: float32 (h, w, D).
        rule: window, share and scale.

    Returns:
        float32 (h, w) in [0, 1).
    """
    directions = fingerprints(field, window_cells=rule.window_cells)
    distances = squared_distances(directions.reshape(-1, directions.shape[-1]), rule=rule) / directions.shape[-1]
    scores = distances / (distances + rule.half_distance)
    return np.asarray(scores.reshape(directions.shape[:2]), dtype=np.float32)


def fingerprints(field: NDArray[np.float32], *, window_cells: int) -> NDArray[np.float32]:
    """Directions of the mean vectors of windows around every cell; the field is mirrored outwards.

    Args:
        field: float32 (h, w, D).
        window_cells: odd side of a window.

    Returns:
        float32 (h, w, D), of length 1 (0 where there is no vector at all).
    """
    side = (window_cells, window_cells)
    means = np.stack(
        [
            cv2.blur(np.ascontiguousarray(field[..., channel]), side, borderType=cv2.BORDER_REFLECT)
            for channel in range(field.shape[-1])
        ],
        axis=-1,
    )
    lengths = np.linalg.norm(means, axis=-1, keepdims=True)
    return np.asarray(means / np.maximum(lengths, _LEAST_LENGTH), dtype=np.float32)


def squared_distances(directions: NDArray[np.float32], *, rule: BelongingRule) -> NDArray[np.float64]:
    """Squared Mahalanobis distances from the part of the rows that lies together.

    Args:
        directions: float32 (N, D).
        rule: kept share and ridge.

    Returns:
        float64 (N,), not negative; all 0 where all rows are alike.
    """
    rows = directions.astype(np.float64)
    count = max(1, round(rule.kept_share * len(rows)))
    # From the median on: a covariance of everything would already make room for the smaller part.
    distances: NDArray[np.float64] = np.square(rows - np.median(rows, axis=0)).sum(axis=1)
    for _ in range(_ROUNDS):
        kept = rows[np.argpartition(distances, count - 1)[:count]]
        distances = _distances(rows, kept, ridge=rule.ridge)
    return distances


def _distances(rows: NDArray[np.float64], kept: NDArray[np.float64], *, ridge: float) -> NDArray[np.float64]:
    centre = kept.mean(axis=0)
    offsets = kept - centre
    covariance = offsets.T @ offsets / len(kept)
    # The floor is for rows without any difference: far below the rounding of float32.
    variance = max(float(np.trace(covariance)) / len(covariance), 1e-14)
    factor = np.linalg.cholesky(covariance + ridge * variance * np.eye(len(covariance)))
    whitened = np.linalg.solve(factor, (rows - centre).T)
    return np.asarray((whitened * whitened).sum(axis=0))
