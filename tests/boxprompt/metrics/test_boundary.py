"""The boundary F-measure, on outlines whose distances are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from boxprompt.metrics.boundary import boundary_f


def square(top: int, left: int, side: int, *, shape: tuple[int, int] = (60, 80)) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[top : top + side, left : left + side] = True
    return mask


NOTHING = np.zeros((60, 80), dtype=np.bool_)


def test_equal_masks_meet_and_distant_ones_do_not() -> None:
    assert boundary_f(square(10, 10, 20), square(10, 10, 20)) == 1
    assert boundary_f(square(5, 5, 10), square(40, 60, 10)) == 0


def test_an_outline_within_the_tolerance_meets() -> None:
    # The diagonal is 100 pixels: 0.8 % of it are rounded to one pixel.
    assert boundary_f(square(10, 10, 20), square(11, 10, 20)) == 1
    assert boundary_f(square(10, 10, 20), square(10, 13, 20)) < 1
    assert boundary_f(square(10, 10, 20), square(10, 13, 20), tolerance_share=0.03) == 1


def test_shares_of_both_outlines_are_averaged_harmonically() -> None:
    # Two squares far apart against one of them: half of the outline is right, all of the truth is found.
    both = square(5, 5, 10) | square(40, 60, 10)
    assert boundary_f(both, square(5, 5, 10)) == pytest.approx(2 / 3)


def test_where_the_image_cuts_a_mask_there_is_no_outline() -> None:
    left, lower = np.zeros((2, 60, 80), dtype=np.bool_)
    left[:, :40] = True
    lower[30:] = True
    assert boundary_f(left, left) == 1
    assert boundary_f(left, lower) < 0.1


def test_masks_without_an_outline_are_equal_to_each_other_alone() -> None:
    assert boundary_f(NOTHING, NOTHING) == 1
    assert boundary_f(~NOTHING, NOTHING) == 1
    assert boundary_f(NOTHING, square(10, 10, 20)) == 0
    assert boundary_f(square(10, 10, 20), NOTHING) == 0


def test_masks_of_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="do not meet"):
        boundary_f(NOTHING, np.zeros((60, 81), dtype=np.bool_))


@given(st.integers(0, 2**32 - 1))
def test_the_measure_is_symmetric_and_lies_between_0_and_1(seed: int) -> None:
    draws = np.random.default_rng(seed)
    first, second = (draws.random((12, 15)) > draws.random() for _ in range(2))
    measured = boundary_f(first, second)
    assert 0 <= measured <= 1
    assert measured == pytest.approx(boundary_f(second, first))
