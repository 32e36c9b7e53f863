"""Pseudo-masks: boxes and a teacher in, a measured mask with its provenance out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from boxprompt.errors import StoppedError
from boxprompt.teacher.contracts import TeacherMask, TeacherPrompts
from boxprompt.teacher.grabcut import GrabCut
from boxprompt.teacher.pseudo_masks import make_pseudo_mask, score_mask

BOXES = ((10.0, 10.0, 40.0, 40.0), (60.0, 50.0, 100.0, 80.0))


class BoxFiller:
    """A teacher that fills the box, with an estimate for each."""

    id, weights_sha256 = "filler", "ab" * 32

    def __init__(self, qualities: tuple[float | None, ...]) -> None:
        self.qualities = list(qualities)
        self.encoded = 0

    def encode(self, image: Any, *, should_stop: Callable[[], bool]) -> Any:
        self.encoded += 1
        return image.shape[:2]

    def decode(self, encoding: Any, prompts: TeacherPrompts, *, should_stop: Callable[[], bool]) -> TeacherMask:
        if should_stop():
            raise StoppedError("stopped")
        assert prompts.box is not None
        x0, y0, x1, y1 = map(int, prompts.box)
        mask = np.zeros(encoding, dtype=np.bool_)
        mask[y0:y1, x0:x1] = True
        return TeacherMask(mask=mask, quality=self.qualities.pop(0))


IMAGE = np.zeros((100, 120, 3), dtype=np.uint8)


def test_the_boxes_masks_are_joined_and_the_least_estimate_is_kept() -> None:
    teacher: Any = BoxFiller((0.9, 0.7))
    made = make_pseudo_mask(IMAGE, boxes=BOXES, teacher=teacher)
    assert made.mask.sum() == 30 * 30 + 40 * 30
    assert (made.quality, made.teacher, made.weights_sha256) == (0.7, "filler", "ab" * 32)
    assert made.boxes == BOXES
    assert made.scores is None
    assert teacher.encoded == 1


def test_a_pseudo_mask_is_measured_where_the_truth_is_known() -> None:
    teacher: Any = BoxFiller((None,))
    truth = np.zeros((100, 120), dtype=np.bool_)
    truth[10:40, 10:25] = True
    made = make_pseudo_mask(IMAGE, boxes=BOXES[:1], teacher=teacher, truth=truth)
    assert made.quality is None
    assert made.scores is not None
    assert made.scores.iou == pytest.approx(0.5)
    assert 0.5 < made.scores.boundary_f < 1


def test_grabcut_makes_a_pseudo_mask() -> None:
    image = IMAGE.copy()
    image[55:75, 65:95] = (200, 40, 40)
    truth = (image > 0).any(axis=2)
    made = make_pseudo_mask(image, boxes=BOXES[1:], teacher=GrabCut(), truth=truth)
    assert made.scores is not None
    assert made.scores.iou > 0.95
    assert made.teacher == "grabcut"


def test_two_empty_masks_are_equal_and_other_sizes_are_refused() -> None:
    nothing = np.zeros((5, 6), dtype=np.bool_)
    assert score_mask(nothing, nothing).iou == 1
    with pytest.raises(ValueError, match="do not meet"):
        score_mask(nothing, nothing.T)


def test_no_box_is_refused_and_stopping_is_handed_on() -> None:
    teacher: Any = BoxFiller((None,))
    with pytest.raises(ValueError, match="at least one box"):
        make_pseudo_mask(IMAGE, boxes=(), teacher=teacher)
    with pytest.raises(StoppedError):
        make_pseudo_mask(IMAGE, boxes=BOXES, teacher=teacher, should_stop=lambda: True)
