"""Gestures become edits: boxes, points, strokes, sources, operations."""

from __future__ import annotations

import numpy as np
import pytest

from forensic_gui.domain.annotation import Conclusion, Confidence, Kind, MaskMaker
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.prompt import PointPrompt, Prompts, Scribble
from forensic_gui.views.annotating.controller import Absent, NextDrawing
from forensic_gui.views.annotating.drawing import MaskOperation
from forensic_gui.views.core.gestures import (
    BoxDrawn,
    GestureCancelled,
    OutlineDrawn,
    PointPlaced,
    RegionPicked,
    ScribbleDrawn,
    StrokeDrawn,
    Tool,
)

BOX = Box(10, 10, 30, 30)
OTHER_BOX = Box(35, 5, 50, 20)


def stroke(x: float, y: float, *, width_px: float = 6, erases: bool = False) -> StrokeDrawn:
    return StrokeDrawn((Point(x, y), Point(x + 2, y)), width_px, erases)


def triangle(*, by: Tool = Tool.LASSO, erases: bool = False) -> OutlineDrawn:
    return OutlineDrawn((Point(2, 2), Point(8, 2), Point(2, 8)), by, erases)


def test_a_box_becomes_a_region_at_once_with_its_prompts_and_its_maker(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    (region,) = table.regions
    assert region.mask.area == 18 * 18
    assert region.details.prompts == Prompts(box=BOX)
    assert region.details.origin.maker is MaskMaker.SEGMENTER
    assert region.details.origin.tool_id == "stand-in"
    assert region.details.author == "Ann"
    assert table.controller.selected_id == region.id
    assert table.labels == ["Box"]
    assert table.canvas.annotation.selected == 1
    assert table.canvas.annotation.prompts == Prompts(box=BOX)


def test_points_and_scribbles_refine_the_selected_region_with_everything_told_before(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    out, inside = PointPrompt(Point(15, 15), positive=False), PointPrompt(Point(32, 20))
    scribble = Scribble((Point(20, 34), Point(25, 34)), 3)
    table.draw(PointPlaced(out))
    table.draw(PointPlaced(inside), ScribbleDrawn(scribble))
    (region,) = table.regions
    assert region.details.prompts == Prompts(BOX, (out, inside), (scribble,))
    assert region.mask == table.segmenter.answer(region.details.prompts, region.mask.size)
    assert table.labels == ["Box", "Point", "Point", "Scribble"]


def test_a_second_box_is_a_second_region(table):
    table.open()
    table.draw(BoxDrawn(BOX), BoxDrawn(OTHER_BOX))
    assert [region.details.prompts.box for region in table.regions] == [BOX, OTHER_BOX]
    assert table.controller.selected_id == table.regions[1].id


def test_a_point_without_a_region_begins_one_and_a_negative_one_cannot(table):
    table.open()
    table.draw(PointPlaced(PointPrompt(Point(5, 5), positive=False)))
    assert table.regions == ()
    assert "what belongs" in table.told.sentences[-1]
    table.draw(PointPlaced(PointPrompt(Point(5, 5))))
    assert len(table.regions) == 1


def test_the_brush_adds_to_the_selected_region_and_marks_it_as_edited(table):
    table.open()
    table.draw(BoxDrawn(BOX), stroke(32, 20), stroke(12, 12, erases=True))
    (region,) = table.regions
    assert region.details.origin.edited
    assert region.details.prompts.box == BOX
    assert table.labels == ["Box", "Brush", "Eraser"]
    inside = region.mask.to_array()
    assert inside[20, 32]
    assert not inside[12, 12]


def test_without_a_selection_brush_and_outline_make_regions_by_hand(table):
    table.open()
    table.draw(stroke(40, 30))
    table.controller.select(None)
    table.draw(triangle(by=Tool.POLYGON))
    assert [region.details.origin.maker for region in table.regions] == [MaskMaker.ANALYST] * 2
    assert table.labels == ["Brush", "Polygon"]


def test_strokes_in_a_row_make_one_region_however_slowly_they_are_committed(table):
    table.case.wait.seconds = 0.05
    table.open()
    table.draw(*(stroke(10 + 3 * step, 20) for step in range(6)))
    assert len(table.regions) == 1
    assert table.labels == ["Brush"] * 6


def test_the_eraser_without_a_selection_takes_from_every_region(table):
    table.open()
    table.draw(BoxDrawn(BOX), BoxDrawn(OTHER_BOX))
    table.controller.select(None)
    table.draw(StrokeDrawn((Point(0, 12), Point(60, 12)), 80, True))
    assert table.regions == ()
    table.controller.undo()
    table.settle()
    assert len(table.regions) == 2


def test_undo_and_redo_walk_through_all_tools(table):
    table.open()
    table.draw(BoxDrawn(BOX), stroke(32, 20))
    table.describe.set_kind(Kind.RETOUCHING)
    table.settle()
    states = [table.annotation]
    for expected in ("Kind", "Brush", "Box"):
        assert table.controller.page.state.undo == expected
        table.controller.undo()
        table.settle()
        states.append(table.annotation)
    assert table.regions == ()
    assert table.controller.selected_id is None
    assert table.controller.page.state.undo is None
    for before in reversed(states[:-1]):
        table.controller.redo()
        table.settle()
        assert table.annotation == before
    assert table.controller.selected_id == table.regions[0].id


def test_a_click_with_the_hand_selects_what_is_under_it_also_on_a_turned_photograph(table):
    table.open(orientation=Orientation.ROTATED_90_CW)
    table.draw(BoxDrawn(BOX), BoxDrawn(OTHER_BOX))
    first, second = table.regions
    assert table.canvas.annotation.labels.shape == (60, 40)
    table.draw(RegionPicked(Point(15, 15)))
    assert table.controller.selected_id == first.id
    assert table.canvas.annotation.selected == 1
    table.draw(RegionPicked(Point(40, 10)))
    assert table.controller.selected_id == second.id
    table.draw(RegionPicked(Point(1, 1)))
    assert table.controller.selected_id is None
    table.draw(RegionPicked(Point(-5, 99)))
    assert table.controller.selected_id is None


def test_stepping_through_the_regions_goes_round(table):
    table.open()
    table.controller.step_selection(1)
    assert table.controller.selected_id is None
    table.draw(BoxDrawn(BOX), BoxDrawn(OTHER_BOX))
    ids = [region.id for region in table.regions]
    seen = []
    for by in (1, 1, -1, -1):
        table.controller.step_selection(by)
        seen.append(ids.index(table.controller.selected_id))
    assert seen == [0, 1, 0, 1]


def test_a_copy_move_gets_its_source_from_the_next_drawing(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    table.describe.set_kind(Kind.COPY_MOVE)
    table.controller.await_drawing(NextDrawing.SOURCE)
    assert table.controller.hand.tool is Tool.BOX
    table.draw(BoxDrawn(OTHER_BOX))
    (region,) = table.regions
    assert region.source == table.segmenter.answer(Prompts(box=OTHER_BOX), region.mask.size)
    assert table.controller.next_drawing is NextDrawing.REGION
    assert np.array_equal(table.canvas.annotation.source, region.source.to_array())
    table.controller.await_drawing(NextDrawing.SOURCE)
    table.draw(triangle())
    assert table.regions[0].source.area == pytest.approx(18, abs=3)
    table.describe.clear_source()
    table.settle()
    assert table.regions[0].source is None
    assert table.labels == ["Box", "Kind", "Source", "Source", "Clear Source"]


def test_the_source_shows_when_its_region_is_selected_again(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    table.describe.set_kind(Kind.COPY_MOVE)
    table.controller.await_drawing(NextDrawing.SOURCE)
    table.draw(triangle())
    chosen = table.controller.selected_id
    table.controller.select(None)
    assert table.canvas.annotation.source is None
    table.controller.select(chosen)
    table.settle()
    assert table.canvas.annotation.source.any()


def test_a_region_is_kept_within_a_box(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    table.controller.await_drawing(NextDrawing.WITHIN)
    table.draw(BoxDrawn(Box(0, 0, 20, 40)))
    assert table.regions[0].mask.bounds.width == 9
    assert table.labels == ["Box", "Keep Within Box"]
    assert len(table.regions) == 1


def test_escape_leaves_what_the_next_drawing_was_for(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    table.controller.await_drawing(NextDrawing.WITHIN)
    table.draw(GestureCancelled())
    assert table.controller.next_drawing is NextDrawing.REGION


@pytest.mark.parametrize("operation", list(MaskOperation))
def test_operations_on_the_mask_are_edits_with_their_name(table, operation):
    table.open()
    ring = [StrokeDrawn((Point(10, 10), Point(30, 10), Point(30, 30), Point(10, 30), Point(10, 10)), 5, False)]
    table.draw(*ring, StrokeDrawn((Point(50, 36),), 1, False))
    before = table.regions[0].mask
    table.describe.operate(operation)
    table.settle()
    after = table.regions[0].mask
    assert after != before
    assert table.labels[-1] == operation.value
    assert (after.area > before.area) == (operation in {MaskOperation.FILL_HOLES, MaskOperation.GROW})


def test_details_parts_and_deletion(table):
    table.open()
    table.draw(BoxDrawn(BOX), stroke(50, 36))
    table.describe.set_confidence(Confidence.HIGH)
    table.describe.set_note("a seam")
    table.describe.split()
    table.settle()
    assert [region.details.note for region in table.regions] == ["a seam", "a seam"]
    assert all(region.details.confidence is Confidence.HIGH for region in table.regions)
    table.describe.remove()
    table.settle()
    assert len(table.regions) == 1
    assert table.controller.selected_id is None


def test_no_manipulation_found_is_refused_with_regions_and_taken_back_by_drawing(table):
    table.open()
    table.describe.toggle_conclusion()
    table.settle()
    assert table.annotation.conclusion is Conclusion.NO_MANIPULATION_FOUND
    table.draw(BoxDrawn(BOX))
    assert table.annotation.conclusion is Conclusion.OPEN
    table.describe.toggle_conclusion()
    table.settle()
    assert "delete them" in table.told.sentences[-1]
    assert table.annotation.conclusion is Conclusion.OPEN


def test_without_a_case_choosing_a_tool_says_why_and_offers_one(table):
    offered = []
    table.controller.show(None, absent=Absent("Edits are kept in a case.", "New Case…", lambda: offered.append(1)))
    table.controller.choose_tool(Tool.BOX)
    assert table.controller.hand.tool is Tool.HAND
    assert table.told.sentences == ["Edits are kept in a case."]
    ((action, answer),) = table.told.offers
    answer()
    assert (action, offered) == ("New Case…", [1])
    table.draw(BoxDrawn(BOX))


def test_a_case_that_is_open_for_reading_shows_its_regions_and_takes_no_drawing(table):
    table.open()
    table.draw(BoxDrawn(BOX))
    table.controller.show(None)
    table.open(read_only="Another window has this case open.")
    assert table.canvas.annotation.labels.any()
    table.controller.choose_tool(Tool.BRUSH)
    assert table.controller.hand.tool is Tool.HAND
    assert table.told.sentences == ["Another window has this case open."]
    table.draw(BoxDrawn(OTHER_BOX), stroke(3, 3))
    table.describe.set_note("x")
    table.controller.undo()
    table.settle()
    assert len(table.regions) == 1


def test_an_edit_made_elsewhere_in_the_meantime_does_not_lose_this_one(table):
    sheet = table.open()
    table.draw(stroke(10, 10))
    elsewhere = type(table.queue)(table.lanes["editing"])
    elsewhere.undo(sheet, selected=None)
    table.settle()
    table.draw(stroke(40, 30))
    assert len(table.regions) == 1
    assert table.labels == ["Brush"]


def test_a_case_that_cannot_be_written_is_told(table):
    table.open()
    table.case.closed = True
    table.draw(stroke(10, 10))
    assert table.told.sentences == ["The case is closed."]
    assert table.controller.selected_id is None


def test_everything_queued_is_in_the_case_when_the_queue_is_drained(table):
    table.case.wait.seconds = 0.03
    table.open()
    table.draw(*(stroke(10 + step, 20) for step in range(5)), settle=False)
    table.queue.drain()
    assert len(table.case.done[1]) == 5
    table.settle()


def test_the_stroke_grows_and_shrinks_by_a_quarter_and_a_pixel_at_least(table):
    hand = table.controller.hand
    hand.set_width(4)
    hand.widen(1)
    assert table.canvas.width_px == hand.width_px == 5
    hand.widen(-10)
    assert hand.width_px == 1
    hand.set_width(100)
    hand.widen(-1)
    assert hand.width_px == 80


def test_an_odd_size_keeps_every_pixel_in_its_place(table):
    table.case.size = Size(31, 17)
    table.open(size=Size(31, 17), orientation=Orientation.TRANSVERSED)
    table.draw(StrokeDrawn((Point(30.5, 16.5),), 1, False))
    assert np.argwhere(table.regions[0].mask.to_array()).tolist() == [[16, 30]]
    assert np.argwhere(table.canvas.annotation.labels).tolist() == [[0, 0]]
