"""Means with bootstrap intervals over groups of images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from boxprompt.evaluation.records import Estimate

RESAMPLES = 1000
_SEED = 20251120
_PERCENTILES = (2.5, 97.5)
_BATCH = 50


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
        return Estimate(value=None, low=None, high=None, n=0)
    _, index = np.unique([group for _, group in kept], return_inverse=True)
    sums = np.bincount(index, weights=[value for value, _ in kept])
    sizes = np.bincount(index)
    generator = np.random.default_rng(_SEED)
    means = []
    for first in range(0, resamples, _BATCH):
        drawn = generator.integers(0, sums.size, size=(min(_BATCH, resamples - first), sums.size))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.percentile(np.concatenate(means), _PERCENTILES)
    return Estimate(value=float(sums.sum() / sizes.sum()), low=float(low), high=float(high), n=len(kept))
