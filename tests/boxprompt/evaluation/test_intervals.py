"""Means and their bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pytest

from boxprompt.evaluation.intervals import estimate
from boxprompt.evaluation.records import Estimate


def test_the_interval_of_independent_values_is_about_two_standard_errors_wide():
    values = np.random.default_rng(0).normal(size=400)
    found = estimate(values.tolist(), [str(index) for index in range(400)])
    error = values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.25 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.25 * error)


def test_copies_in_one_group_do_not_narrow_the_interval():
    values = np.random.default_rng(0).normal(size=50).tolist()
    names = [str(index) for index in range(50)]
    alone, repeated = estimate(values, names), estimate(values * 10, names * 10)
    assert (repeated.low, repeated.high) == pytest.approx((alone.low, alone.high))
    assert repeated.n == 500


def test_absent_values_are_left_out():
    assert estimate([None, 0.5], ["a", "b"]) == Estimate(value=0.5, low=0.5, high=0.5, n=1)


def test_nothing_has_no_mean():
    assert estimate([None], ["a"]) == Estimate(value=None, low=None, high=None, n=0)


def test_equal_rows_give_equal_intervals():
    assert estimate([0.1, 0.9, 0.4], list("abc")) == estimate([0.1, 0.9, 0.4], list("abc"))
