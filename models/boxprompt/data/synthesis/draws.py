"""Small random draws that the synthesis modules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
MAX_SEED = 2**31 - 1


def chance(rng: np.random.Generator, share: float) -> bool:
    """Return True for `share` of the draws."""
    return bool(rng.random() < share)


def between(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """Return a uniform draw from `limits`."""
    return float(rng.uniform(*limits))


def log_between(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """Return a log-uniform draw from positive `limits`."""
    return float(np.exp(rng.uniform(np.log(limits[0]), np.log(limits[1]))))


def integer(rng: np.random.Generator, low: int, high: int) -> int:
    """Return an integer from `low` to `high`, both included."""
    return int(rng.integers(low, high + 1))


def weighted(rng: np.random.Generator, weights: Mapping[T, float]) -> T:
    """Return a key, drawn by its weight."""
    return pick(rng, list(weights), list(weights.values()))


def pick(rng: np.random.Generator, items: Sequence[T], weights: Sequence[float]) -> T:
    """Return one of `items`, drawn by `weights`, which need not sum to one."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    index = int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))
    return items[min(index, len(items) - 1)]
