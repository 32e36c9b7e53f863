"""The segmenter's part: what waits for it, what it previews, what becomes of its failures."""

from __future__ import annotations

import threading

from forensic_gui.domain.annotation import Kind, MaskMaker
from forensic_gui.domain.errors import SegmenterError
from forensic_gui.domain.geometry import Box, Point
from forensic_gui.domain.prompt import PointPrompt, Prompts
from forensic_gui.views.annotating.prompter import Phase
from forensic_gui.views.core.gestures import (
    BoxDragging,
    BoxDrawn,
    GestureCancelled,
    OutlineDrawn,
    PointHovering,
    PointPlaced,
    StrokeDrawn,
    Tool,
)

BOX = Box(10, 10, 30, 30)
OTHER_BOX = Box(35, 5, 50, 20)


def stroke(x: float, y: float, *, width_px: float = 6, erases: bool = False) -> StrokeDrawn:
    return StrokeDrawn((Point(x, y), Point(x + 2, y)), width_px, erases)


def triangle(*, by: Tool = Tool.LASSO, erases: bool = False) -> OutlineDrawn:
    return OutlineDrawn((Point(2, 2), Point(8, 2), Point(2, 8)), by, erases)


def test_correcting_a_region_that_is_still_being_made_waits_for_it_and_keeps_its_order(table):
    gate = table.segmenter.decode_wait.gate = threading.Event()
    table.open()
    table.draw(BoxDrawn(BOX), stroke(32, 20), settle=False)
    table.describe.set_kind(Kind.SPLICE)
    assert table.controller.is_proposing
    gate.set()
    table.settle()
    (region,) = table.regions
    assert table.labels == ["Box", "Brush", "Kind"]
    assert region.details.kind is Kind.SPLICE
    assert region.mask.to_array()[20, 32]


def test_what_the_brush_corrected_stays_when_the_segmenter_is_told_more(table):
    table.open()
    table.draw(BoxDrawn(BOX), stroke(32, 20), stroke(12, 12, erases=True))
    told = PointPrompt(Point(20, 33))
    table.draw(PointPlaced(told))
    inside = table.regions[0].mask.to_array()
    assert inside[20, 32] and not inside[12, 12] and inside[33, 20]
    assert table.regions[0].details.origin.edited
    assert table.labels == ["Box", "Brush", "Eraser", "Point"]


def test_a_box_drawn_before_the_image_is_encoded_is_answered_when_it_is_even_if_one_has_moved_on(table):
    gate = table.segmenter.encode_wait.gate = threading.Event()
    first = table.open(1)
    table.draw(BoxDrawn(BOX), settle=False)
    assert table.prompter.is_waiting_for(first.decoded)
    table.describe.set_kind(Kind.REMOVAL)
    table.open(2)
    gate.set()
    table.settle()
    (region,) = table.case.annotation(1).annotation.regions
    assert region.details.kind is Kind.REMOVAL
    assert table.case.annotation(2).annotation.regions == ()
    assert table.controller.selected_id is None
    assert table.segmenter.encoded == [1, 2]


def test_an_image_that_is_passed_by_is_not_encoded(table):
    table.segmenter.encode_wait.seconds = 0.05
    for number in range(1, 8):
        table.open(number, wait=False)
    table.until(lambda: table.prompter.phase is Phase.READY)
    assert table.segmenter.encoded[-1] == 7
    assert len(table.segmenter.encoded) <= 2


def test_an_image_seen_before_is_not_encoded_again(table):
    for number in (1, 2, 1):
        table.open(number)
        table.until(lambda: table.prompter.phase is Phase.READY)
    assert table.segmenter.encoded == [1, 2]


def test_dragging_a_box_shows_what_the_segmenter_would_make_of_it_and_commits_nothing(table):
    table.open()
    table.until(lambda: table.prompter.phase is Phase.READY)
    table.draw(BoxDragging(BOX))
    assert table.canvas.preview.mask.sum() == 18 * 18
    assert table.regions == ()
    table.draw(GestureCancelled())
    assert table.canvas.preview is None


def test_hovering_previews_the_point_with_what_was_told_before(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    table.draw(PointHovering(PointPrompt(Point(33, 20))))
    assert table.canvas.preview.prompts == Prompts(BOX, (PointPrompt(Point(33, 20)),))
    table.draw(PointHovering(None))
    assert table.canvas.preview is None


def test_a_segmenter_that_is_not_quick_is_asked_on_release_only(table):
    table.segmenter.info = type(table.segmenter.info)("slow", "Slow", "", "cpu", "numpy", {}, quick=False)
    table.open()
    table.until(lambda: table.prompter.phase is Phase.READY)
    table.draw(BoxDragging(BOX), PointHovering(PointPrompt(Point(5, 5))))
    assert table.segmenter.decoded == []
    table.draw(BoxDrawn(BOX))
    assert table.segmenter.decoded == [Prompts(box=BOX)]


def test_previews_follow_the_last_position_and_skip_what_came_between(table):
    table.open()
    table.until(lambda: table.prompter.phase is Phase.READY)
    gate = table.segmenter.decode_wait.gate = threading.Event()
    boxes = [Box(5, 5, 20 + step, 30) for step in range(20)]
    table.draw(*(BoxDragging(box) for box in boxes), settle=False)
    gate.set()
    table.settle()
    assert table.segmenter.decoded == [Prompts(box=boxes[0]), Prompts(box=boxes[-1])]
    assert table.canvas.preview.prompts.box == boxes[-1]


def test_a_failure_is_told_the_box_stays_and_can_be_tried_again(table):
    table.open()
    table.until(lambda: table.prompter.phase is Phase.READY)
    table.segmenter.failure = SegmenterError("The device ran out of memory.")
    table.draw(BoxDrawn(BOX))
    assert table.told.sentences == ["The device ran out of memory."]
    assert table.regions == ()
    assert table.canvas.annotation.prompts == Prompts(box=BOX)
    table.segmenter.failure = None
    action, answer = table.told.offers[-1]
    assert action == "Try Again"
    answer()
    table.settle()
    assert table.regions[0].details.prompts == Prompts(box=BOX)


def test_after_a_failure_the_brush_makes_the_region_by_hand(table):
    table.open()
    table.until(lambda: table.prompter.phase is Phase.READY)
    table.segmenter.failure = SegmenterError("No.")
    table.draw(BoxDrawn(BOX))
    table.draw(stroke(20, 20))
    (region,) = table.regions
    assert region.details.origin.maker is MaskMaker.ANALYST
    assert region.details.prompts.is_empty
    assert table.canvas.annotation.prompts.is_empty


def test_a_segmenter_that_finds_nothing_says_so_and_a_point_can_help_it(table):
    table.open()
    table.segmenter.finds_nothing = True
    table.draw(BoxDrawn(BOX))
    assert "found nothing" in table.told.sentences[-1]
    table.segmenter.finds_nothing = False
    table.draw(PointPlaced(PointPrompt(Point(20, 20))))
    assert table.regions[0].details.prompts == Prompts(BOX, (PointPrompt(Point(20, 20)),))


def test_an_image_that_cannot_be_encoded_fails_the_question_and_is_tried_anew_with_the_next(table):
    table.segmenter.failure = SegmenterError("Too large.")
    table.open()
    table.until(lambda: table.prompter.phase is Phase.FAILED)
    table.draw(BoxDrawn(BOX))
    assert table.told.sentences == ["Too large."]
    table.segmenter.failure = None
    table.draw(BoxDrawn(OTHER_BOX))
    assert [region.details.prompts.box for region in table.regions] == [OTHER_BOX]


def test_another_segmenter_answers_what_waited_for_the_first(table):
    gate = table.segmenter.encode_wait.gate = threading.Event()
    table.open()
    table.draw(BoxDrawn(BOX), settle=False)
    other = type(table.segmenter)("Other")
    table.prompter.set_segmenter(other)
    gate.set()
    table.settle()
    assert table.regions[0].details.origin.tool_id == "other"


def test_no_segmenter_at_all_is_told_and_hands_still_draw(table):
    table.open()
    table.prompter.set_segmenter(None, because=SegmenterError("None is installed."))
    table.settle()
    table.draw(BoxDrawn(BOX))
    assert table.told.sentences == ["None is installed."]
    table.draw(stroke(5, 5))
    assert len(table.regions) == 1


def test_undo_takes_back_a_box_that_waits_before_any_edit_that_stands(table):
    table.open()
    table.draw(stroke(5, 5))
    table.controller.select(None)
    gate = table.segmenter.decode_wait.gate = threading.Event()
    table.draw(BoxDrawn(BOX), settle=False)
    assert table.controller.waiting == "Box"
    table.controller.undo()
    assert "taken back" in table.told.sentences[-1]
    assert (table.controller.waiting, table.controller.selected_id) == ("", None)
    gate.set()
    table.settle()
    assert table.labels == ["Brush"]
    table.controller.undo()
    table.settle()
    assert table.regions == ()


def test_undo_takes_back_what_was_told_last_of_a_region_that_is_being_made(table):
    gate = table.segmenter.encode_wait.gate = threading.Event()
    table.open()
    table.draw(BoxDrawn(BOX), PointPlaced(PointPrompt(Point(32, 20))), stroke(20, 33), settle=False)
    taken = []
    for _ in range(2):
        taken.append(table.controller.waiting)
        table.controller.undo()
    assert taken == ["Correction", "Point"]
    gate.set()
    table.settle()
    (region,) = table.regions
    assert region.details.prompts == Prompts(box=BOX)
    assert table.labels == ["Box"]


def test_a_box_taken_back_makes_room_for_another_of_the_same_image(table):
    gate = table.segmenter.decode_wait.gate = threading.Event()
    table.open()
    table.draw(BoxDrawn(BOX), settle=False)
    table.controller.undo()
    table.draw(BoxDrawn(OTHER_BOX), settle=False)
    gate.set()
    table.settle()
    assert [region.details.prompts.box for region in table.regions] == [OTHER_BOX]
