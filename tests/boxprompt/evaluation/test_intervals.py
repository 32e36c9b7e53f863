"""Means and their bootstrap intervals."""

from __future__ import annotations

import numpy as np
import pytest

from boxprompt.evaluation.intervals import estimate, share_lost
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


def test_the_share_lost_is_that_of_the_means():
    found = share_lost([0.8, 0.4, 0.0], [0.4, 0.2, 0.0], list("abc"))
    assert (found.value, found.low, found.high, found.n) == (0.5, 0.5, 0.5, 3)


def test_pairs_are_resampled_together():
    before = np.random.default_rng(0).uniform(0.2, 0.9, 60)
    names = [str(index) for index in range(60)]
    # Each image loses a tenth, so that every resample does, however much the means themselves move.
    found = share_lost(before.tolist(), (before * 0.9).tolist(), names)
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))


def test_a_gain_is_a_negative_loss_and_a_pair_with_one_side_is_left_out():
    found = share_lost([0.5, None, 0.5], [0.75, 0.5, None], list("abc"))
    assert (found.value, found.n) == (-0.5, 1)


@pytest.mark.parametrize(("before", "after"), [([], []), ([0.0, 0.0], [0.0, 0.5]), ([None], [0.5])])
def test_where_there_was_nothing_there_is_nothing_to_lose(before, after):
    assert share_lost(before, after, ["a"] * len(before)) == Estimate(value=None, low=None, high=None, n=0)


def test_resamples_without_a_hit_are_left_out_of_the_interval():
    found = share_lost([1.0, *[0.0] * 9], [0.5, *[0.0] * 9], [str(index) for index in range(10)])
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)
