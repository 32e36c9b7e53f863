"""Edits that hands, segmenters and models make."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.annotation import Annotation, Conclusion, Confidence, Kind, MaskMaker, MaskOrigin
from forensic_gui.domain.edits import RemoveRegion, Several, apply
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.geometry import Box, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.annotating import composing
from forensic_gui.services.annotating.composing import Draft, Signature

SIZE = Size(9, 7)
ANN = Signature("Ann", "2026-01-02T03:04:05+00:00")
BEN = Signature("Ben", "2026-01-03T00:00:00+00:00")
SAM = MaskOrigin(MaskMaker.SEGMENTER, "sam-vit-b", "5" * 64)
BOXED = Prompts(Box(1, 1, 5, 5))


def square(left: int, top: int, side: int) -> Mask:
    inside = np.zeros(SIZE.shape, np.bool_)
    inside[top : top + side, left : left + side] = True
    return Mask.of(inside)


def after(annotation: Annotation, edit) -> Annotation:
    assert edit is not None
    changed = apply(edit, annotation)
    assert apply(edit.inverse, changed) == annotation
    return changed


@pytest.fixture
def one() -> Annotation:
    """One region, a segmenter's of a box."""
    draft = Draft("a", square(1, 1, 4), SAM, BOXED)
    return after(Annotation(SIZE), composing.add(Annotation(SIZE), [draft], by=ANN))


@pytest.fixture
def two(one) -> Annotation:
    """A second one beside it, drawn by hand."""
    return after(one, composing.add(one, [Draft("b", square(6, 3, 2))], by=ANN))


masks = st.lists(st.booleans(), min_size=SIZE.pixels, max_size=SIZE.pixels).map(
    lambda flat: Mask.of(np.array(flat).reshape(SIZE.shape))
)


def test_a_new_region_is_signed_and_keeps_what_made_it(one):
    (region,) = one.regions
    assert region.details.author == "Ann"
    assert region.details.time == ANN.time
    assert region.details.origin == SAM
    assert region.details.prompts == BOXED
    assert region.details.kind is Kind.UNKNOWN


def test_several_drafts_are_one_edit_and_empty_ones_are_no_regions(one):
    edit = composing.add(
        one, [Draft("b", square(6, 0, 2)), Draft("c", Mask.empty(SIZE)), Draft("d", square(6, 3, 2))], by=ANN
    )
    assert isinstance(edit, Several)
    assert [region.id for region in after(one, edit).regions] == ["a", "b", "d"]
    assert composing.add(one, [Draft("e", Mask.empty(SIZE))], by=ANN) is None


@given(masks, masks)
def test_the_brush_adds_and_the_eraser_takes_away(painted, erased):
    start = Annotation(SIZE)
    annotation = after(start, composing.add(start, [Draft("a", square(1, 1, 4), SAM, BOXED)], by=ANN))
    edit = composing.paint(annotation, "a", painted, by=BEN)
    if edit is not None:
        annotation = after(annotation, edit)
        assert annotation.region("a").details.author == "Ben"
    assert annotation.region("a").mask == square(1, 1, 4) | painted
    edit = composing.erase(annotation, ["a"], erased, by=BEN)
    left = (square(1, 1, 4) | painted) - erased
    if edit is not None:
        annotation = after(annotation, edit)
    assert [region.mask for region in annotation.regions] == ([] if left.is_empty else [left])


def test_a_segmenters_mask_touched_by_the_brush_keeps_its_origin_and_is_edited(one):
    touched = after(one, composing.paint(one, "a", square(3, 3, 3), by=BEN)).region("a").details
    assert touched.origin == replace(SAM, edited=True)
    assert touched.prompts == BOXED
    assert touched.author == "Ben"


def test_a_mask_drawn_by_hand_stays_drawn_by_hand(two):
    touched = after(two, composing.paint(two, "b", square(5, 3, 2), by=BEN)).region("b").details
    assert touched.origin == MaskOrigin()


def test_a_stroke_that_changes_no_pixel_is_no_edit(one):
    assert composing.paint(one, "a", square(2, 2, 2), by=BEN) is None
    assert composing.erase(one, ["a"], square(6, 3, 2), by=BEN) is None
    assert composing.paint(one, "a", Mask.empty(SIZE), by=BEN) is None


def test_erasing_the_last_pixel_removes_the_region(two):
    edit = composing.erase(two, ["a"], Mask.full(SIZE), by=BEN)
    assert isinstance(edit, RemoveRegion)
    assert [region.id for region in after(two, edit).regions] == ["b"]


def test_one_stroke_of_the_eraser_over_several_regions_is_one_edit(two):
    everything = composing.erase(two, ["a", "b"], Mask.full(SIZE), by=BEN)
    assert after(two, everything).regions == ()
    part = composing.erase(two, ["a", "b"], square(3, 1, 5), by=BEN)
    assert [region.id for region in after(two, part).regions] == ["a"]


def test_a_segmenters_new_mask_replaces_the_one_before_with_its_prompts(one):
    prompts = Prompts(Box(0, 0, 6, 6))
    region = after(one, composing.resegment(one, "a", square(0, 0, 3), origin=SAM, prompts=prompts, by=BEN)).region("a")
    assert region.mask == square(0, 0, 3)
    assert region.details.prompts == prompts
    assert region.details.author == "Ben"


def test_prompts_are_recorded_also_when_they_change_no_pixel(one):
    prompts = Prompts(Box(0, 0, 6, 6))
    edit = composing.resegment(one, "a", square(1, 1, 4), origin=SAM, prompts=prompts, by=BEN)
    assert after(one, edit).region("a").details.prompts == prompts
    assert composing.resegment(one, "a", square(1, 1, 4), origin=SAM, prompts=BOXED, by=BEN) is None


def test_an_operation_on_a_mask_counts_as_the_hand(one):
    edit = composing.reshape(one, "a", square(2, 2, 2), by=BEN)
    assert after(one, edit).region("a").details.origin.edited
    assert composing.reshape(one, "a", square(1, 1, 4), by=BEN) is None
    assert isinstance(composing.reshape(one, "a", Mask.empty(SIZE), by=BEN), RemoveRegion)


def test_details_are_changed_one_by_one(one):
    for words in ({"kind": Kind.SPLICE}, {"confidence": Confidence.HIGH}, {"note": "seam at the collar"}):
        changed = after(one, composing.describe(one, "a", **words, by=BEN)).region("a").details
        ((name, value),) = words.items()
        assert getattr(changed, name) == value
        assert changed.author == "Ben"
        assert not changed.origin.edited
    assert composing.describe(one, "a", kind=Kind.UNKNOWN, by=BEN) is None


def test_a_copy_move_has_a_source_and_loses_it_with_its_kind(one):
    with pytest.raises(RequestError, match="copy-move"):
        composing.set_source(one, "a", square(5, 2, 3), by=BEN)
    moved = after(one, composing.describe(one, "a", kind=Kind.COPY_MOVE, by=ANN))
    sourced = after(moved, composing.set_source(moved, "a", square(5, 2, 3), by=BEN))
    assert sourced.region("a").source == square(5, 2, 3)
    assert composing.set_source(sourced, "a", square(5, 2, 3), by=BEN) is None
    again = after(sourced, composing.set_source(sourced, "a", square(6, 3, 2), by=BEN))
    assert again.region("a").source == square(6, 3, 2)
    assert after(again, composing.set_source(again, "a", Mask.empty(SIZE), by=BEN)).region("a").source is None
    splice = after(again, composing.describe(again, "a", kind=Kind.SPLICE, by=BEN)).region("a")
    assert (splice.source, splice.details.kind) == (None, Kind.SPLICE)


def test_a_region_is_split_into_its_parts(one):
    scattered = after(one, composing.paint(one, "a", square(7, 5, 2) | square(7, 0, 1), by=BEN))
    apart = after(scattered, composing.split(scattered, "a", ["p", "q", "r"], by=BEN))
    assert [(region.id, region.mask.area) for region in apart.regions] == [("a", 16), ("p", 4), ("q", 1)]
    assert apart.mask == scattered.mask
    assert composing.split(one, "a", ["p"], by=BEN) is None


def test_an_image_is_marked_only_without_regions_and_drawing_takes_the_mark_back(one):
    bare = Annotation(SIZE)
    marked = after(bare, composing.conclude(bare, Conclusion.NO_MANIPULATION_FOUND))
    assert marked.conclusion is Conclusion.NO_MANIPULATION_FOUND
    assert composing.conclude(marked, Conclusion.NO_MANIPULATION_FOUND) is None
    drawn = after(marked, composing.add(marked, [Draft("a", square(1, 1, 4))], by=ANN))
    assert drawn.conclusion is Conclusion.OPEN
    with pytest.raises(RequestError, match="delete them"):
        composing.conclude(one, Conclusion.NO_MANIPULATION_FOUND)


@given(masks, masks, masks, masks)
def test_what_the_hand_corrected_stays_when_the_segmenter_is_told_more(before, told_now, added, taken):
    corrected = (before | added) - taken
    kept = composing.keep_corrections(corrected, told_before=before, told_now=told_now)
    assert ((corrected - before) - kept).is_empty
    assert (kept & (before - corrected)).is_empty
    untouched = composing.keep_corrections(before, told_before=before, told_now=told_now)
    assert untouched == told_now
