"""What each tool makes of touches: gestures, and what is shown meanwhile."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import pytest

from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.domain.prompt import PointPrompt, Scribble
from forensic_gui.views.canvas.tools.base import CanvasTool, Gestures, Key, Touch
from forensic_gui.views.canvas.tools.live import Ink, LiveBox, LiveOutline, LiveStroke
from forensic_gui.views.canvas.tools.toolkit import machine_for
from forensic_gui.views.core.gestures import (
    BoxDragging,
    BoxDrawn,
    GestureCancelled,
    OutlineDrawn,
    PointHovering,
    PointPlaced,
    RegionPicked,
    ScribbleDrawn,
    StrokeDrawn,
    Tool,
)

IMAGE = Size(101, 67)


def at(x: float, y: float, *, pixel: float = 1.0, **held: bool) -> Touch:
    """A touch; the screen shows the evidence from its corner on."""
    return Touch(Point(x, y), Point(x / pixel, y / pixel), pixel, **held)


def tool(which: Tool, *, width_px: float = 8.0) -> CanvasTool:
    return machine_for(which, image=IMAGE, width_px=width_px)


def stroke(machine: CanvasTool, *touches: Touch) -> Gestures:
    """Press at the first touch, drag through the others, and let go at the last."""
    told = machine.press(touches[0])
    for touch in touches[1:]:
        told += machine.drag(touch)
    return told + machine.release(touches[-1])


def click(machine: CanvasTool, touch: Touch) -> Gestures:
    return machine.press(touch) + machine.release(touch)


def test_a_click_of_the_hand_picks_and_a_drag_does_not() -> None:
    machine = tool(Tool.HAND)
    assert click(machine, at(20.5, 30.5)) == (RegionPicked(Point(20.5, 30.5)),)
    assert stroke(machine, at(20, 30), at(60, 30)) == ()
    assert stroke(machine, at(20, 30), at(60, 30), at(20, 30)) == (), "back where it began is still a drag"


def test_the_image_panned_under_the_hand_is_no_click_though_the_evidence_stays_under_it() -> None:
    machine = tool(Tool.HAND)
    machine.press(Touch(Point(20, 20), Point(300, 200)))
    machine.drag(Touch(Point(20, 20), Point(340, 200)))
    assert machine.release(Touch(Point(20, 20), Point(340, 200))) == ()


def test_a_click_of_the_hand_beside_the_image_or_with_the_right_button_picks_nothing() -> None:
    assert click(tool(Tool.HAND), at(-1, 5)) == ()
    assert click(tool(Tool.HAND), at(101, 5)) == ()
    assert click(tool(Tool.HAND), at(50, 5, secondary=True)) == ()


@pytest.mark.parametrize(("start", "end"), list(itertools.permutations([(10.5, 20.5), (30.5, 50.5), (90.5, 7.5)], 2)))
def test_a_box_holds_every_pixel_between_its_corners_whichever_comes_first(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    told = stroke(tool(Tool.BOX), at(*start), at(*end))
    x0, x1 = sorted((start[0], end[0]))
    y0, y1 = sorted((start[1], end[1]))
    expected = Box(x0 - 0.5, y0 - 0.5, x1 + 0.5, y1 + 0.5)
    assert told == (BoxDragging(expected), BoxDrawn(expected))


def test_a_box_is_cut_to_the_image() -> None:
    told = stroke(tool(Tool.BOX), at(-40, -7), at(500, 500))
    assert told[-1] == BoxDrawn(Box(0, 0, 101, 67))


def test_a_box_beside_the_image_is_none_and_one_that_left_it_is_called_off() -> None:
    assert stroke(tool(Tool.BOX), at(-40, 10), at(-5, 30)) == (GestureCancelled(),)
    told = stroke(tool(Tool.BOX), at(-40, 10), at(20, 30), at(-5, 30))
    assert told == (BoxDragging(Box(0, 10, 21, 31)), GestureCancelled())


def test_a_click_is_no_box_however_far_the_view_is_zoomed_in_or_out() -> None:
    for pixel in (0.02, 1.0, 12.0):
        machine = tool(Tool.BOX)
        assert stroke(machine, at(30, 30, pixel=pixel), at(30 + 2 * pixel, 30, pixel=pixel)) == ()
        assert not machine.busy


def test_a_box_of_a_part_of_a_pixel_is_that_pixel() -> None:
    told = stroke(tool(Tool.BOX), at(30.2, 30.2, pixel=0.02), at(30.8, 30.8, pixel=0.02))
    assert told[-1] == BoxDrawn(Box(30, 30, 31, 31))


def test_the_rubber_band_is_seen_while_it_is_stretched_and_escape_lets_it_go() -> None:
    machine = tool(Tool.BOX)
    machine.press(at(10, 10))
    assert machine.live is None
    assert machine.keys == frozenset()
    machine.drag(at(40, 40))
    assert machine.live == LiveBox(Box(10, 10, 41, 41))
    assert machine.keys == {Key.ESCAPE}
    assert machine.key(Key.ESCAPE) == (GestureCancelled(),)
    assert machine.live is None
    assert machine.drag(at(50, 50)) == machine.release(at(50, 50)) == ()


def test_a_point_is_tried_out_and_placed_and_alt_or_the_right_button_mean_the_opposite() -> None:
    machine = tool(Tool.POINT)
    assert machine.hover(at(5, 6)) == (PointHovering(PointPrompt(Point(5, 6))),)
    assert machine.hover(at(5, 6)) == (), "nothing has changed"
    assert machine.hover(at(5, 6, alt=True)) == (PointHovering(PointPrompt(Point(5, 6), positive=False)),)
    assert click(machine, at(5, 6)) == (PointPlaced(PointPrompt(Point(5, 6))),)
    assert click(machine, at(5, 6, alt=True)) == (PointPlaced(PointPrompt(Point(5, 6), positive=False)),)
    assert click(machine, at(5, 6, secondary=True)) == (PointPlaced(PointPrompt(Point(5, 6), positive=False)),)


def test_a_point_beside_the_image_is_none_and_leaving_is_said_once() -> None:
    machine = tool(Tool.POINT)
    machine.hover(at(5, 6))
    assert machine.hover(at(-5, 6)) == (PointHovering(None),)
    assert machine.hover(at(-6, 6)) == machine.leave() == ()
    assert click(machine, at(-5, 6)) == ()
    machine.hover(at(5, 6))
    assert machine.leave() == (PointHovering(None),)
    machine.hover(at(5, 6))
    assert machine.cancel() == (PointHovering(None),), "another tool is taken in hand"


def test_a_scribble_is_told_when_the_pen_is_lifted_and_its_points_lie_on_the_image() -> None:
    machine = tool(Tool.SCRIBBLE, width_px=5)
    told = stroke(machine, at(10, 10), at(20, 12), at(400, 12))
    assert told == (ScribbleDrawn(Scribble((Point(10, 10), Point(20, 12), Point(101, 12)), 5.0)),)
    told = stroke(machine, at(10, 10, secondary=True), at(20, 12))
    assert isinstance(told[0], ScribbleDrawn)
    assert not told[0].scribble.positive


@pytest.mark.parametrize(
    ("which", "held", "erases"),
    [
        (Tool.BRUSH, {}, False),
        (Tool.BRUSH, {"alt": True}, True),
        (Tool.BRUSH, {"secondary": True}, True),
        (Tool.ERASER, {}, True),
        (Tool.ERASER, {"alt": True}, True),
    ],
)
def test_what_brush_and_eraser_do_is_settled_by_the_press(which: Tool, held: dict[str, Any], erases: bool) -> None:
    machine = tool(which)
    machine.press(at(10, 10, **held))
    assert isinstance(machine.live, LiveStroke)
    assert machine.live.ink is (Ink.TAKES if erases else Ink.ADDS)
    machine.drag(at(20, 10))
    assert machine.release(at(20, 10)) == (StrokeDrawn((Point(10, 10), Point(20, 10)), 8.0, erases),)


def test_a_click_of_the_brush_is_a_dab() -> None:
    assert click(tool(Tool.BRUSH), at(10, 10)) == (StrokeDrawn((Point(10, 10),), 8.0, erases=False),)


def test_a_click_with_shift_draws_a_straight_line_from_the_last_end() -> None:
    machine = tool(Tool.BRUSH)
    first = click(machine, at(10, 10, shift=True))
    assert first == (StrokeDrawn((Point(10, 10),), 8.0, erases=False),), "there is no last end yet"
    stroke(machine, at(10, 10), at(30, 10))
    assert click(machine, at(80, 60, shift=True)) == (StrokeDrawn((Point(30, 10), Point(80, 60)), 8.0, erases=False),)
    assert click(machine, at(5, 5, shift=True)) == (StrokeDrawn((Point(80, 60), Point(5, 5)), 8.0, erases=False),)


def test_a_brush_reaches_into_the_image_from_beside_it_and_its_points_stay_near() -> None:
    machine = tool(Tool.BRUSH, width_px=10)
    (told,) = stroke(machine, at(-3, 20), at(-3, 40))
    assert isinstance(told, StrokeDrawn)
    assert told.points == (Point(-3, 20), Point(-3, 40))
    (told,) = stroke(machine, at(50, 20), at(50, -400))
    assert isinstance(told, StrokeDrawn)
    assert told.points[-1] == Point(50, -6), "a radius and a pixel beside the image"
    assert stroke(machine, at(-30, 20), at(-30, 40)) == (), "such a stroke would paint nothing"


def test_a_slow_hand_leaves_no_heap_of_points() -> None:
    machine = tool(Tool.BRUSH)
    (told,) = stroke(machine, *(at(10 + step / 100, 10) for step in range(1000)))
    assert isinstance(told, StrokeDrawn)
    assert 8 <= len(told.points) <= 15
    assert told.points[-1].x == pytest.approx(19.99)


@pytest.mark.parametrize("which", [Tool.SCRIBBLE, Tool.BRUSH, Tool.ERASER, Tool.LASSO])
def test_escape_lets_go_of_what_is_drawn_freehand(which: Tool) -> None:
    machine = tool(which)
    machine.press(at(10, 10))
    machine.drag(at(30, 30))
    assert machine.live is not None
    assert machine.key(Key.ESCAPE) == (GestureCancelled(),)
    assert machine.live is None
    assert machine.drag(at(40, 30)) == machine.release(at(40, 30)) == ()
    assert machine.cancel() == ()


CORNERS = ((10, 10), (60, 10), (60, 40))


def polygon_of(corners: tuple[tuple[float, float], ...] = CORNERS, **held: bool) -> CanvasTool:
    machine = tool(Tool.POLYGON)
    for corner in corners:
        assert click(machine, at(*corner, **held)) == ()
    return machine


def outline(*corners: tuple[float, float], by: Tool = Tool.POLYGON, erases: bool = False) -> OutlineDrawn:
    return OutlineDrawn(tuple(Point(*corner) for corner in corners), by, erases)


def test_a_polygon_closes_with_enter_a_click_on_the_first_corner_or_a_double_click() -> None:
    assert polygon_of().key(Key.ENTER) == (outline(*CORNERS),)
    assert polygon_of().press(at(14, 12)) == (outline(*CORNERS),)
    machine = polygon_of()
    machine.press(at(20, 50))
    machine.release(at(20, 50))
    assert machine.double_click(at(20, 50)) == (outline(*CORNERS, (20, 50)),), "the last corner is there once"
    assert machine.live is None


def test_a_polygon_of_two_corners_cannot_be_closed() -> None:
    machine = polygon_of(CORNERS[:2])
    assert machine.key(Key.ENTER) == machine.double_click(at(60, 10)) == machine.press(at(10, 10)) == ()
    assert machine.busy


def test_how_near_the_first_corner_is_is_judged_on_the_screen() -> None:
    machine = tool(Tool.POLYGON)
    for corner in CORNERS:
        click(machine, at(*corner, pixel=0.1))
    assert machine.press(at(12, 10, pixel=0.1)) == (), "twenty screen pixels away"
    assert machine.press(at(10.5, 10, pixel=0.1)) != ()


def test_backspace_takes_corners_back_and_with_the_last_one_the_polygon() -> None:
    machine = polygon_of()
    assert machine.key(Key.BACKSPACE) == ()
    assert isinstance(machine.live, LiveOutline)
    assert machine.live.corners == (Point(10, 10), Point(60, 10))
    assert machine.key(Key.BACKSPACE) == ()
    assert machine.key(Key.BACKSPACE) == (GestureCancelled(),)
    assert machine.keys == frozenset()


def test_the_next_edge_of_a_polygon_follows_the_hand_and_snaps() -> None:
    machine = polygon_of()
    machine.hover(at(30, 60))
    assert machine.live == LiveOutline(
        tuple(Point(*c) for c in CORNERS), Point(30, 60), closes=False, ink=Ink.ADDS, freehand=False
    )
    machine.hover(at(12, 12))
    assert isinstance(machine.live, LiveOutline)
    assert machine.live.closes
    machine.leave()
    assert isinstance(machine.live, LiveOutline)
    assert machine.live.end is None


def test_corners_beside_the_image_are_moved_to_its_edge() -> None:
    machine = polygon_of(((-20, -5), (500, 10), (50, 400)))
    assert machine.key(Key.ENTER) == (outline((0, 0), (101, 10), (50, 67)),)


def test_alt_at_the_first_corner_makes_an_outline_that_takes_away() -> None:
    machine = polygon_of(alt=True)
    assert isinstance(machine.live, LiveOutline)
    assert machine.live.ink is Ink.TAKES
    assert machine.key(Key.ENTER) == (outline(*CORNERS, erases=True),)


def test_a_lasso_closes_where_the_button_is_let_go() -> None:
    told = stroke(tool(Tool.LASSO), *(at(*corner) for corner in CORNERS), at(10, 40))
    assert told == (outline(*CORNERS, (10, 40), by=Tool.LASSO),)
    assert click(tool(Tool.LASSO), at(5, 5)) == ()
    assert stroke(tool(Tool.LASSO), at(5, 5), at(30, 5)) == (), "a line encloses nothing"


@pytest.mark.parametrize("which", list(Tool))
def test_moves_without_a_press_draw_nothing(which: Tool) -> None:
    machine = tool(which)
    machine.hover(at(5, 5))
    assert machine.drag(at(20, 20)) == machine.release(at(20, 20)) == ()
    assert machine.live is None
    assert not machine.busy


def test_tools_need_no_qt() -> None:
    script = (
        "import sys; sys.modules['PySide6'] = None\n"
        "import forensic_gui.views.canvas.tools.toolkit, forensic_gui.views.canvas.projection"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
