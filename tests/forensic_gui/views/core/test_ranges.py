"""Rows taken together to ranges."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.views.core.ranges import ranges_of


def test_rows_that_follow_each_other_are_one_range():
    assert list(ranges_of([5, 6, 7, 8, 9], {5, 6, 8, 9})) == [(0, 1), (3, 4)]


def test_nothing_chosen_is_no_range():
    assert list(ranges_of([1, 2, 3], ())) == []
    assert list(ranges_of([], {1})) == []


@given(shown=st.lists(st.integers(0, 30), unique=True), chosen=st.frozensets(st.integers(0, 30)))
def test_the_ranges_hold_the_rows_of_the_chosen_ones_and_never_touch(shown, chosen):
    ranges = list(ranges_of(shown, chosen))
    rows = [row for top, bottom in ranges for row in range(top, bottom + 1)]
    assert rows == [row for row, item_id in enumerate(shown) if item_id in chosen]
    assert all(after[0] > before[1] + 1 for before, after in itertools.pairwise(ranges))
