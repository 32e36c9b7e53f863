"""Isotonic regression (pool adjacent violators), and the short increasing table that stands for its steps.

The fit is a staircase. A calibration must not merge scores that a localizer told apart, or ranking, AUC and the best
threshold would change with it: so the staircase becomes a piecewise-linear table of few knots that rises everywhere,
if only a little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LEAST_SLOPE = 1e-3
"""How much of the identity is blended into every table, and so its least slope and its largest error."""

MOST_KNOTS = 32

# Knots a millionth apart differ by a thousandth of that in their shares: both are kept apart on the card.
_SCORE_DECIMALS, _SHARE_DECIMALS = 6, 12
# Scores beyond sigmoid(±9), a ten-thousandth from the ends, are told apart by the ends' own knots.
_LAST_LOGIT = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class MonotoneTable:
    """An increasing map of [0, 1] into [0, 1], linear between its knots.

    Attributes:
        scores: float64 (K,), strictly increasing, from 0 to 1.
        shares: float64 (K,) in [0, 1], strictly increasing.
    """

    scores: Values
    shares: Values

    def __post_init__(self) -> None:
        if self.scores.ndim != 1 or self.scores.shape != self.shares.shape or self.scores.size < 2:
            raise ValueError(f"a table has as many shares as scores, two at least: {self.scores}, {self.shares}")
        # Written so that NaN fails too.
        if not (bool(np.all(np.diff(self.scores) > 0)) and bool(np.all(np.diff(self.shares) > 0))):
            raise ValueError("scores and shares of a table increase strictly")
        if self.scores[0] != 0 or self.scores[-1] != 1 or self.shares[0] < 0 or self.shares[-1] > 1:
            raise ValueError("a table maps 0 to 1 into 0 to 1")

    def apply(self, scores: NDArray[np.floating]) -> Values:
        """Shares of scores.

        Args:
            scores: float (any shape) in [0, 1].

        Returns:
            float64 of that shape: float32 would make one number of scores that differ in their last digits.
        """
        return np.asarray(np.interp(scores, self.scores, self.shares), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A staircase: runs of neighbouring samples with one value each.

    Attributes:
        centre: float64 (B,), weighted mean position of each run, strictly increasing.
        value: float64 (B,), weighted mean value, increasing.
        weight: float64 (B,), sum of weights, more than 0.
        size: int64 (B,), number of samples.
    """

    centre: Values
    value: Values
    weight: Values
    size: NDArray[np.int64]


def pool_adjacent_violators(values: Values, weights: Values, *, positions: Values | None = None) -> Blocks:
    """The weighted least-squares fit that never falls (Ayer et al. 1955; Barlow et al. 1972), as runs of equal value.

    Args:
        values: float64 (n,), in order of their position.
        weights: float64 (n,), more than 0.
        positions: float64 (n,), strictly increasing; None: 0, 1, ….

    Raises:
        ValueError: nothing to fit, shapes differ, a weight is not more than 0, or positions do not increase.
    """
    places = np.arange(values.size, dtype=np.float64) if positions is None else positions
    if values.ndim != 1 or values.size == 0 or not values.shape == weights.shape == places.shape:
        raise ValueError(f"expected as many weights and positions as values, got {values.shape} and {weights.shape}")
    if not (bool(np.all(weights > 0)) and bool(np.all(np.diff(places) > 0))):
        raise ValueError("weights are more than 0 and positions increase strictly")
    runs: list[tuple[float, float, float, int]] = []  # weight, sum of values, sum of positions, size
    for weight, value, place in zip(weights.tolist(), values.tolist(), places.tolist(), strict=True):
        run = (weight, weight * value, weight * place, 1)
        # Over the weights crosswise: a quotient would be rounded, and equal values be taken for rising ones.
        while runs and runs[-1][1] * run[0] >= run[1] * runs[-1][0]:
            last = runs.pop()
            run = (last[0] + run[0], last[1] + run[1], last[2] + run[2], last[3] + run[3])
        runs.append(run)
    weight, value, place, _ = (np.array(column, dtype=np.float64) for column in zip(*runs, strict=True))
    return Blocks(place / weight, value / weight, weight, np.array([run[3] for run in runs], dtype=np.int64))


def isotonic_regression(values: Values, weights: Values) -> Values:
    """The same fit, a value for each sample: float64 (n,), never falling."""
    blocks = pool_adjacent_violators(values, weights)
    return np.repeat(blocks.value, blocks.size)


def merged(blocks: Blocks, *, most: int) -> Blocks:
    """At most so many blocks: neighbours whose merging adds least to the squared error are merged first (Ward).

    Args:
        blocks: a staircase.
        most: at least 1.
    """
    centre, value, weight, size = (list(column) for column in (blocks.centre, blocks.value, blocks.weight, blocks.size))
    while len(value) > most:
        pairs = np.array(weight)
        harmonic = pairs[:-1] * pairs[1:] / (pairs[:-1] + pairs[1:])
        at = int(np.argmin(harmonic * np.diff(value) ** 2))
        total = weight[at] + weight[at + 1]
        for column in (centre, value):
            column[at] = (weight[at] * column[at] + weight[at + 1] * column[at + 1]) / total
        weight[at], size[at] = total, size[at] + size[at + 1]
        for column in (centre, value, weight, size):
            del column[at + 1]
    return Blocks(np.array(centre), np.array(value), np.array(weight), np.array(size, dtype=np.int64))


def table_of(blocks: Blocks) -> MonotoneTable:
    """The table that goes through the blocks' centres, level beyond the outermost, tilted by `LEAST_SLOPE`.

    Args:
        blocks: a staircase over [0, 1], with values in [0, 1].
    """
    scores = np.concatenate([[0.0], blocks.centre, [1.0]])
    shares = np.concatenate([blocks.value[:1], blocks.value, blocks.value[-1:]])
    return _tilted(scores, shares)


def isotonic_table(scores: Values, shares: Values, weights: Values, *, most_knots: int = MOST_KNOTS) -> MonotoneTable:
    """Fit shares of manipulated pixels to model scores.

    Args:
        scores: float64 (n,) in [0, 1], strictly increasing.
        shares: float64 (n,) in [0, 1], the share that is manipulated of the pixels of each score.
        weights: float64 (n,), how much each score counts, more than 0.
        most_knots: of the table, at least 3.

    Raises:
        ValueError: as for `pool_adjacent_violators`.
    """
    blocks = pool_adjacent_violators(shares, weights, positions=scores)
    return table_of(merged(blocks, most=most_knots - 2))


def temperature_table(temperature: float, *, most_knots: int = MOST_KNOTS) -> MonotoneTable:
    """sigmoid(logit(score) / T) as a table: exact at knots that are evenly spaced in the logit.

    Args:
        temperature: T, more than 0.
        most_knots: of the table, at least 3.
    """
    logits = np.linspace(-_LAST_LOGIT, _LAST_LOGIT, most_knots - 2)
    scores = (1 + np.tanh(logits / 2)) / 2
    cooled = (1 + np.tanh(logits / (2 * temperature))) / 2
    return _tilted(np.concatenate([[0.0], scores, [1.0]]), np.concatenate([[0.0], cooled, [1.0]]))


def _tilted(scores: Values, shares: Values) -> MonotoneTable:
    """A strictly increasing table of a level or rising one; knots that few digits do not tell apart become one."""
    kept, first = np.unique(np.round(scores, _SCORE_DECIMALS), return_index=True)
    tilted = (1 - LEAST_SLOPE) * shares[first] + LEAST_SLOPE * kept
    return MonotoneTable(kept, np.round(tilted, _SHARE_DECIMALS))
