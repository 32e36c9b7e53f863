"""Means with bootstrap intervals over groups of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from boxprompt.evaluation.records import Estimate

RESAMPLES = 1000
_SEED = 20251120
_PERCENTILES = (2.5, 97.5)
_BATCH = 50
NOTHING = Estimate(value=None, low=None, high=None, n=0)


def estimate(values: Sequence[float | None], groups: Sequence[str], *, resamples: int = RESAMPLES) -> Estimate:
    """Mean of the values there are, with a 95 % percentile interval.

    Whole groups are resampled: images made of the same photograph are not independent, and resampling them one by one
    would promise more certainty than there is. The seed is fixed, so equal rows give equal intervals.

    Args:
        values: one an image; None is left out.
        groups: the group of each image.
        resamples: number of bootstrap samples.
    """
    kept = [(value, group) for value, group in zip(values, groups, strict=True) if value is not None]
    if not kept:
        return NOTHING
    column = np.array([value for value, _ in kept])[:, None]
    sums, sizes, drawn = _resampled(column, [group for _, group in kept], resamples=resamples)
    means = [sums[rows, 0].sum(axis=1) / sizes[rows].sum(axis=1) for rows in drawn]
    return _with_interval(float(sums.sum() / sizes.sum()), np.concatenate(means), n=len(kept))


def share_lost(
    before: Sequence[float | None], after: Sequence[float | None], groups: Sequence[str], *, resamples: int = RESAMPLES
) -> Estimate:
    """1 - mean(after) / mean(before) with a 95 % percentile interval, pairs resampled together by whole groups.

    Args:
        before: one an image; a pair in which either is None is left out.
        after: the same images.
        groups: the group of each image.
        resamples: number of bootstrap samples.

    Returns:
        The estimate; without value where there is no pair, or `before` is 0 throughout.
    """
    kept = [
        (old, new, group)
        for old, new, group in zip(before, after, groups, strict=True)
        if old is not None and new is not None
    ]
    if not any(old for old, _, _ in kept):
        return NOTHING
    columns = np.array([(old, new) for old, new, _ in kept])
    sums, _, drawn = _resampled(columns, [group for _, _, group in kept], resamples=resamples)
    totals = np.concatenate([sums[rows].sum(axis=1) for rows in drawn])
    # A resample that drew only images without a hit has nothing to lose.
    totals = totals[totals[:, 0] > 0]
    old, new = sums.sum(axis=0)
    return _with_interval(float(1 - new / old), 1 - totals[:, 1] / totals[:, 0], n=len(kept))


_Draws: TypeAlias = list[NDArray[np.int64]]


def _resampled(
    columns: NDArray[np.float64], groups: Sequence[str], *, resamples: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], _Draws]:
    """Sums (G, C) and sizes (G,) by group, and the groups drawn in each resample, in batches of rows."""
    _, index = np.unique(groups, return_inverse=True)
    sizes = np.bincount(index).astype(np.int64)
    sums = np.zeros((sizes.size, columns.shape[1]))
    np.add.at(sums, index, columns)
    generator = np.random.default_rng(_SEED)
    drawn = [
        generator.integers(0, sizes.size, size=(min(_BATCH, resamples - first), sizes.size))
        for first in range(0, resamples, _BATCH)
    ]
    return sums, sizes, drawn


def _with_interval(value: float, resampled: NDArray[np.float64], *, n: int) -> Estimate:
    low, high = np.percentile(resampled, _PERCENTILES)
    return Estimate(value=value, low=float(low), high=float(high), n=n)
