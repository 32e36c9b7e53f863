"""Fit a calibration of model scores to held-out images, and measure it on images that it was not fitted to.

A calibrated score is the share of manipulated pixels among the held-out pixels of that score, every image counting
alike, manipulated or not. It holds for images of this kind and with this share of manipulated pixels (the *prior*):
with fewer forgeries among them all shares would be lower.

Two maps are tried, one temperature and an isotonic table, each fitted on four fifths of the source groups and measured
on the rest, five times. The one with the lower Brier score, which is a proper score, is fitted to all and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from boxprompt.card_calibration import Method, ViewCalibration
from boxprompt.errors import CalibrationError
from boxprompt.metrics.calibration import fit_temperature
from boxprompt.metrics.isotonic import MonotoneTable, isotonic_table, temperature_table
from boxprompt.metrics.pixel import RankedScores

Values = NDArray[np.float64]

FOLDS = 5
ERROR_BINS = 15
_SEED = 20251121
# Bins of even width in the logit: fine where scores crowd, at both ends.
_BIN_EDGES = (1 + np.tanh(np.linspace(-12, 12, 1023) / 2)) / 2
_BINS = _BIN_EDGES.size + 1


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCounts:
    """Scores in narrow bins, each with what is manipulated of its pixels and what is not.

    Attributes:
        score: float64 (n,), sum of weight times score over the bin's pixels.
        manipulated: float64 (n,), weight of the manipulated pixels.
        untouched: float64 (n,), weight of the others.
    """

    score: Values
    manipulated: Values
    untouched: Values

    def __add__(self, other: ScoreCounts) -> ScoreCounts:
        return ScoreCounts(
            self.score + other.score, self.manipulated + other.manipulated, self.untouched + other.untouched
        )

    @property
    def prior(self) -> float:
        """Share of manipulated pixels, each image counting alike."""
        return float(self.manipulated.sum() / (self.manipulated.sum() + self.untouched.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Distinct scores in order, with weight and share manipulated of their pixels."""

    scores: Values
    shares: Values
    weights: Values

    @classmethod
    def of(cls, counts: ScoreCounts) -> _Samples:
        weights = counts.manipulated + counts.untouched
        filled = weights > 0
        scores = counts.score[filled] / weights[filled]
        return cls(np.clip(scores, 0, 1), counts.manipulated[filled] / weights[filled], weights[filled])


@dataclass(slots=True, eq=False)
class CalibrationTally:
    """Scores of images by source group, gathered image by image; 24 kB a group."""

    _groups: dict[str, ScoreCounts] = field(default_factory=dict)
    _manipulated_images: int = 0
    _untouched_images: int = 0

    def add(self, ranked: RankedScores, *, group: str) -> None:
        """Count the pixels of an image; together they weigh 1.

        Args:
            ranked: the image's scores, apart by truth.
            group: of images that share a source photograph.
        """
        pixels = ranked.manipulated.size + ranked.untouched.size
        if pixels == 0:
            return  # nothing of it is labelled
        weight = 1 / pixels
        (edited, edited_scores), (plain, plain_scores) = (_binned(ranked.manipulated), _binned(ranked.untouched))
        counts = ScoreCounts(weight * (edited_scores + plain_scores), weight * edited, weight * plain)
        known = self._groups.get(group)
        self._groups[group] = counts if known is None else known + counts
        if ranked.manipulated.size:
            self._manipulated_images += 1
        else:
            self._untouched_images += 1

    def fit(self, *, weights_sha256: str, network_sha256: str, dataset: str, dataset_sha256: str) -> ViewCalibration:
        """Choose between the two maps by cross-validation, and fit the better one to all images.

        Args:
            weights_sha256: hash of the weights whose scores were counted.
            network_sha256: of all that gave the scores, `WeightCard.network_sha256`.
            dataset: name of the images.
            dataset_sha256: fingerprint of the images.

        Raises:
            CalibrationError: fewer source groups than folds, or no manipulated or no untouched pixels.
        """
        if len(self._groups) < FOLDS:
            raise CalibrationError(
                f"A calibration needs images of at least {FOLDS} source photographs; {dataset} has {len(self._groups)}."
            )
        folds = self._folds()
        counts = _sum(folds)
        if not (counts.manipulated.sum() > 0 and counts.untouched.sum() > 0):
            raise CalibrationError(f"A calibration needs manipulated and untouched pixels; {dataset} lacks one kind.")
        before = _errors([(_identity, _Samples.of(counts))])
        after = {method: _cross_validated(folds, fit) for method, fit in _FITS.items()}
        best = min(after, key=lambda method: after[method].brier)
        table = _FITS[best](_Samples.of(counts))
        return ViewCalibration(
            weights_sha256=weights_sha256,
            network_sha256=network_sha256,
            method=best,
            knots=tuple(zip(table.scores.tolist(), table.shares.tolist(), strict=True)),
            fitted_on=dataset,
            dataset_sha256=dataset_sha256,
            manipulated_images=self._manipulated_images,
            untouched_images=self._untouched_images,
            source_groups=len(self._groups),
            prior=counts.prior,
            folds=FOLDS,
            error_before=before.calibration,
            error_after=after[best].calibration,
            brier_before=before.brier,
            brier_after={method: each.brier for method, each in after.items()},
        )

    def _folds(self) -> list[ScoreCounts]:
        """Groups dealt out at random, but always alike for the same groups."""
        names = sorted(self._groups)
        order = np.random.default_rng(_SEED).permutation(len(names))
        return [_sum([self._groups[names[at]] for at in order[first::FOLDS]]) for first in range(FOLDS)]


@dataclass(frozen=True, slots=True)
class _Errors:
    """How far scores are from shares.

    Attributes:
        calibration: mean distance of score and share over `ERROR_BINS` bins of equal weight.
        brier: mean squared distance of a pixel's score from 1 where it is manipulated, from 0 where not.
    """

    calibration: float
    brier: float


def _identity(scores: Values) -> Values:
    return scores


def _fit_temperature(samples: _Samples) -> MonotoneTable:
    inside = np.clip(samples.scores, 1e-6, 1 - 1e-6)
    logits = np.log(inside) - np.log1p(-inside)
    labels = np.repeat([True, False], logits.size)
    weights = np.concatenate([samples.weights * samples.shares, samples.weights * (1 - samples.shares)])
    return temperature_table(fit_temperature(np.tile(logits, 2), labels, weights=weights))


def _fit_isotonic(samples: _Samples) -> MonotoneTable:
    # Bins' mean scores are in order; two that rounding made equal count as one.
    scores, first = np.unique(samples.scores, return_index=True)
    weights = np.add.reduceat(samples.weights, first)
    shares = np.add.reduceat(samples.weights * samples.shares, first) / weights
    return isotonic_table(scores, shares, weights)


_FITS: Mapping[Method, Callable[[_Samples], MonotoneTable]] = {
    "temperature": _fit_temperature,
    "isotonic": _fit_isotonic,
}


def _cross_validated(folds: Sequence[ScoreCounts], fit: Callable[[_Samples], MonotoneTable]) -> _Errors:
    """Errors over all images, each mapped by a table that was fitted without its source group."""
    held_out = []
    for at, fold in enumerate(folds):
        table = fit(_Samples.of(_sum([*folds[:at], *folds[at + 1 :]])))
        held_out.append((table.apply, _Samples.of(fold)))
    return _errors(held_out)


def _errors(parts: Sequence[tuple[Callable[[Values], Values], _Samples]]) -> _Errors:
    mapped = np.concatenate([apply(samples.scores) for apply, samples in parts])
    shares = np.concatenate([samples.shares for _, samples in parts])
    weights = np.concatenate([samples.weights for _, samples in parts])
    order = np.argsort(mapped, kind="stable")
    mapped, shares, weights = mapped[order], shares[order], weights[order]
    # The bin of a sample is that of its middle in the sum of weights.
    reached = (np.cumsum(weights) - weights / 2) / weights.sum()
    bins = np.minimum((reached * ERROR_BINS).astype(np.int64), ERROR_BINS - 1)
    gaps = np.bincount(bins, weights=weights * (shares - mapped), minlength=ERROR_BINS)
    squared = shares * (1 - mapped) ** 2 + (1 - shares) * mapped**2
    return _Errors(float(np.abs(gaps).sum() / weights.sum()), float(np.average(squared, weights=weights)))


def _binned(scores: NDArray[np.float32]) -> tuple[Values, Values]:
    """Number and sum of ascending scores by bin."""
    at = np.searchsorted(_BIN_EDGES, scores, side="right")
    sums = np.bincount(at, weights=scores, minlength=_BINS)
    return np.bincount(at, minlength=_BINS).astype(np.float64), np.asarray(sums, dtype=np.float64)


def _sum(counts: Sequence[ScoreCounts]) -> ScoreCounts:
    total = counts[0]
    for each in counts[1:]:
        total = total + each
    return total
