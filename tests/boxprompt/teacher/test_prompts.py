"""Boxes without a hand: around masks with jitter, and of a heatmap's regions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from boxprompt.teacher.contracts import Stroke, TeacherPrompts
from boxprompt.teacher.prompts import boxes_of_regions, loose_box, tight_box


def mask_of(*, rows: slice, columns: slice, shape: tuple[int, int] = (100, 150)) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[rows, columns] = True
    return mask


OBJECT = mask_of(rows=slice(40, 60), columns=slice(50, 90))


def test_a_tight_box_holds_every_pixel_and_no_more() -> None:
    assert tight_box(OBJECT) == (50, 40, 90, 60)
    with pytest.raises(ValueError, match="empty mask"):
        tight_box(np.zeros((3, 3), dtype=np.bool_))


@given(st.integers(0, 2**32 - 1))
def test_a_loose_box_holds_the_object_and_is_off_by_at_most_the_looseness(seed: int) -> None:
    x0, y0, x1, y1 = loose_box(OBJECT, generator=np.random.default_rng(seed), looseness=0.2)
    assert 50 - 8 <= x0 <= 50
    assert 90 <= x1 <= 90 + 8
    assert 40 - 4 <= y0 <= 40
    assert 60 <= y1 <= 60 + 4


def test_jitter_covers_its_range_evenly_on_every_side() -> None:
    generator = np.random.default_rng(1)
    boxes = np.array([loose_box(OBJECT, generator=generator, looseness=0.2, tightness=0.1) for _ in range(2000)])
    outwards = (boxes - (50, 40, 90, 60)) * (-1, -1, 1, 1) / (40, 20, 40, 20)
    assert outwards.min(axis=0) == pytest.approx([-0.1] * 4, abs=0.005)
    assert outwards.max(axis=0) == pytest.approx([0.2] * 4, abs=0.005)
    assert outwards.mean(axis=0) == pytest.approx([0.05] * 4, abs=0.01)
    assert np.abs(np.corrcoef(outwards.T) - np.eye(4)).max() < 0.1


def test_equal_seeds_draw_equal_boxes_cut_to_the_image() -> None:
    whole = np.ones((30, 40), dtype=np.bool_)
    assert loose_box(whole, generator=np.random.default_rng(3)) == (0, 0, 40, 30)
    drawn = [loose_box(OBJECT, generator=np.random.default_rng(3)) for _ in range(2)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("shares", [{"looseness": -0.1}, {"tightness": 0.5}, {"tightness": -0.1}])
def test_shares_out_of_range_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a box moves by"):
        loose_box(OBJECT, generator=np.random.default_rng(0), **shares)


def test_each_region_of_a_heatmap_gives_a_box_in_image_pixels_the_largest_first() -> None:
    scores = np.full((20, 40), 0.5, dtype=np.float32)  # not over the threshold
    scores[2:4, 5:7] = 0.9
    scores[10:16, 20:30] = 0.8
    scores[16, 30] = 0.8  # touches by a corner
    boxes = boxes_of_regions(scores, image_size=(200, 800), threshold=0.5, margin_share=0.1)
    assert len(boxes) == 2
    assert boxes[0] == pytest.approx((400 - 22, 100 - 7, 620 + 22, 170 + 7))
    assert boxes[1] == pytest.approx((100 - 4, 20 - 2, 140 + 4, 40 + 2))


def test_specks_are_left_out_and_the_number_of_boxes_is_limited() -> None:
    scores = np.zeros((100, 100), dtype=np.float32)
    scores[::10, ::10] = 1  # a hundred specks of a ten-thousandth each
    assert boxes_of_regions(scores, image_size=(100, 100), threshold=0.5) == ()
    boxes = boxes_of_regions(scores, image_size=(100, 100), threshold=0.5, least_share=0, at_most=3, margin_share=0)
    assert boxes == ((0, 0, 1, 1), (10, 0, 11, 1), (20, 0, 21, 1))


def test_a_box_at_the_border_stays_within_the_image() -> None:
    flagged = np.ones((4, 4), dtype=np.float32)
    assert boxes_of_regions(flagged, image_size=(33, 47), threshold=0.5) == ((0, 0, 47, 33),)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"box": (5.0, 5.0, 5.0, 9.0)}, "x0 < x1"),
        ({"box": (0.0, 0.0, np.nan, 9.0)}, "x0 < x1"),
        ({"points": np.zeros((2, 2), np.float32)}, "label a point"),
        ({"points": np.zeros((1, 2)), "labels": np.ones(1, bool)}, "float32"),
        ({"points": np.full((1, 2), np.inf, np.float32), "labels": np.ones(1, bool)}, "finite"),
    ],
)
def test_prompts_that_are_none_are_refused(told: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        TeacherPrompts(**told)  # type: ignore[arg-type]


def test_a_stroke_has_a_point_and_a_width() -> None:
    with pytest.raises(ValueError, match="a stroke has"):
        Stroke(np.zeros((0, 2), np.float32), 3.0)
    with pytest.raises(ValueError, match="a stroke has"):
        Stroke(np.zeros((1, 2), np.float32), 0.5)


def test_prompts_say_where_by_a_box_or_something_positive() -> None:
    dot = np.zeros((1, 2), np.float32)
    assert TeacherPrompts(box=(0.0, 0.0, 1.0, 1.0)).says_where
    assert TeacherPrompts(points=dot, labels=np.array([True])).says_where
    assert TeacherPrompts(strokes=(Stroke(dot, 2.0),)).says_where
    assert not TeacherPrompts(points=dot, labels=np.array([False])).says_where
    assert not TeacherPrompts(strokes=(Stroke(dot, 2.0, positive=False),)).says_where
