"""Drawing on the canvas as a hand does it: at coordinates, with buttons and keys, and the pixels that come of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QListWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.domain.geometry import Box, Orientation, Size
from forensic_gui.views.canvas.annotated import PreviewLayer
from forensic_gui.views.canvas.scene import CompareMode, LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView
from forensic_gui.views.core.gestures import (
    BoxDragging,
    BoxDrawn,
    Gesture,
    OutlineDrawn,
    PointHovering,
    PointPlaced,
    RegionPicked,
    ScribbleDrawn,
    StrokeDrawn,
    Tool,
)
from tests.gui.canvas.conftest import Hand

BARE = LayerSettings(heatmap_visible=False, contour_visible=False)
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton


def grey(height: int, width: int, orientation: Orientation = Orientation.UPRIGHT) -> Scene:
    return Scene("grey", np.full((height, width, 3), 128, np.uint8), None, orientation)


def stored_at(hand: Any, position: QPoint, *, pane: int = 0) -> tuple[int, int]:
    """Evidence pixel (x, y) that the canvas itself says is under a position."""
    readout = hand.readout(position, pane=pane)
    assert readout is not None
    return readout.stored


def whole(first: tuple[int, int], second: tuple[int, int]) -> Box:
    """The box of two pixels and all between."""
    (ax, ay), (bx, by) = first, second
    return Box(min(ax, bx), min(ay, by), max(ax, bx) + 1, max(ay, by) + 1)


@pytest.mark.parametrize("orientation", [Orientation.UPRIGHT, Orientation.ROTATED_90_CW, Orientation.TRANSVERSED])
@pytest.mark.parametrize("mode", list(CompareMode))
def test_a_box_is_told_in_stored_pixels_in_every_pane(
    view: EvidenceView, hand: Any, told: list[Gesture], orientation: Orientation, mode: CompareMode
) -> None:
    view.set_scene(grey(701, 1003, orientation))
    view.set_compare_mode(mode)
    view.one_to_one()
    view.set_tool(Tool.BOX)
    for index, pane in enumerate(hand.panes()):
        start, end = QPoint(40, 50), QPoint(190, 170)
        expected = whole(stored_at(hand, start, pane=index), stored_at(hand, end, pane=index))
        told.clear()
        hand.drag(pane, start, end)
        assert told[-1] == BoxDrawn(expected)
        assert told[:-1] in ([], [BoxDragging(expected)]), "none where the last frame is not over"


def test_the_rubber_band_and_its_size_are_seen_while_the_button_is_held(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.one_to_one()
    view.set_tool(Tool.BOX)
    pane = hand.panes()[0]
    before = hand.sees(pane)
    qtbot.mousePress(pane.viewport(), LEFT, pos=QPoint(100, 100))
    hand.move(pane.viewport(), QPoint(300, 200), LEFT)
    during = hand.sees(pane)
    changed = (during != before).any(axis=2)
    assert changed[150, 98:103].any(), "the left edge"
    assert changed[98:103, 200].any(), "the upper edge"
    assert not changed[120:180, 120:280].any(), "nothing within"
    assert changed[205:240, 305:400].any(), "the size beside the lower right corner"
    qtbot.mouseRelease(pane.viewport(), LEFT, pos=QPoint(300, 200))
    hand.move(pane.viewport(), QPoint(20, 20))
    after = (hand.sees(pane) != before).any(axis=2)
    assert after[150, 98:103].any(), "the box stays until something has come of it"
    assert not after[205:240, 305:400].any()
    view.set_preview(PreviewLayer(np.zeros((900, 1200), bool)))
    assert np.array_equal(hand.sees(pane), before)


def test_boxes_that_are_dragged_come_a_frame_apart_and_the_last_is_not_lost(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.one_to_one()
    view.set_tool(Tool.BOX)
    port = hand.panes()[0].viewport()
    corner = stored_at(hand, QPoint(309, 200))[0]
    qtbot.mousePress(port, LEFT, pos=QPoint(100, 100))
    for x in range(110, 310):
        hand.move(port, QPoint(x, 200), LEFT)
    assert len(told) < 50, "200 moves within a few frames"
    qtbot.waitUntil(lambda: isinstance(told[-1], BoxDragging) and told[-1].box.x1 == corner + 1)
    qtbot.mouseRelease(port, LEFT, pos=QPoint(309, 200))
    assert isinstance(told[-1], BoxDrawn)
    count = len(told)
    qtbot.wait(50)
    assert len(told) == count, "no dragging follows the box"


def test_a_brush_stroke_is_seen_while_it_is_drawn_in_its_true_width_and_told_once(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.one_to_one()
    view.set_tool(Tool.BRUSH)
    view.set_stroke_width(30)
    pane = hand.panes()[0]
    hand.move(pane.viewport(), QPoint(620, 20))
    before = hand.sees(pane)
    qtbot.mousePress(pane.viewport(), LEFT, pos=QPoint(100, 200))
    for x in range(120, 401, 20):
        hand.move(pane.viewport(), QPoint(x, 200), LEFT)
    rows = np.flatnonzero((hand.sees(pane)[:, 250] != before[:, 250]).any(axis=1))
    assert (rows.min(), rows.max()) == pytest.approx((185, 215), abs=2)
    assert told == []
    qtbot.mouseRelease(pane.viewport(), LEFT, pos=QPoint(400, 200))
    (stroke,) = told
    assert isinstance(stroke, StrokeDrawn)
    assert stroke.width_px == 30
    assert not stroke.erases
    assert stroke.points[0].pixel[::-1] == stored_at(hand, QPoint(100, 200))
    assert stroke.points[-1].pixel[::-1] == stored_at(hand, QPoint(400, 200))


def test_the_brush_is_a_circle_of_its_size_at_the_cursor_and_gone_with_it(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.one_to_one()
    view.set_tool(Tool.ERASER)
    pane = hand.panes()[0]
    before = hand.sees(pane)
    for width in (40, 90):
        view.set_stroke_width(width)
        hand.move(pane.viewport(), QPoint(300, 200))
        columns = np.flatnonzero((hand.sees(pane)[200] != before[200]).any(axis=1))
        assert columns.max() - columns.min() == pytest.approx(width, abs=6)
        assert not set(range(290, 310)) & set(columns), "the circle is not filled"
    QApplication.sendEvent(pane, QEvent(QEvent.Type.Leave))
    assert np.array_equal(hand.sees(pane), before)


def test_a_click_of_the_hand_picks_and_a_drag_pans(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(2000, 2000))
    view.one_to_one()
    pane = hand.panes()[0]
    qtbot.mouseClick(pane.viewport(), LEFT, pos=QPoint(300, 200))
    (picked,) = told
    assert isinstance(picked, RegionPicked)
    assert picked.point.pixel[::-1] == stored_at(hand, QPoint(300, 200))
    before = stored_at(hand, QPoint(300, 200))
    hand.drag(pane, QPoint(300, 200), QPoint(340, 170))
    assert stored_at(hand, QPoint(340, 170)) == before
    assert len(told) == 1


@pytest.mark.parametrize("way", ["middle button", "space"])
def test_the_middle_button_and_space_pan_whatever_the_tool(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture], way: str
) -> None:
    view.set_scene(grey(2000, 2000))
    view.one_to_one()
    view.set_tool(Tool.BRUSH)
    pane = hand.panes()[0]
    before = stored_at(hand, QPoint(300, 200))
    button = LEFT
    if way == "space":
        qtbot.keyPress(pane, Qt.Key.Key_Space)
        assert pane.cursor().shape() == Qt.CursorShape.OpenHandCursor
    else:
        button = MIDDLE
    qtbot.mousePress(pane.viewport(), button, pos=QPoint(300, 200))
    hand.move(pane.viewport(), QPoint(340, 170), button)
    qtbot.mouseRelease(pane.viewport(), button, pos=QPoint(340, 170))
    assert stored_at(hand, QPoint(340, 170)) == before
    assert told == []
    if way == "space":
        qtbot.keyRelease(pane, Qt.Key.Key_Space)
    assert pane.cursor().shape() == Qt.CursorShape.CrossCursor
    hand.drag(pane, QPoint(300, 200), QPoint(340, 170))
    assert isinstance(told[0], StrokeDrawn), "and then the brush is a brush again"


def test_the_wheel_zooms_in_the_middle_of_a_box_and_its_corner_stays_on_its_pixel(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(2000, 2000))
    view.one_to_one()
    view.set_tool(Tool.BOX)
    port = hand.panes()[0].viewport()
    start = stored_at(hand, QPoint(100, 100))
    qtbot.mousePress(port, LEFT, pos=QPoint(100, 100))
    hand.move(port, QPoint(300, 200), LEFT)
    hand.wheel(QPoint(300, 200), 6)
    with qtbot.waitSignal(view.cursor_moved) as read:
        hand.move(port, QPoint(400, 300), LEFT)
    qtbot.mouseRelease(port, LEFT, pos=QPoint(400, 300))
    assert told[-1] == BoxDrawn(whole(start, read.args[0].stored))


def test_the_right_button_places_a_point_that_does_not_belong(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.set_tool(Tool.POINT)
    port = hand.panes()[0].viewport()
    hand.move(port, QPoint(200, 200))
    assert isinstance(told[-1], PointHovering)
    qtbot.mouseClick(port, RIGHT, pos=QPoint(200, 200))
    placed = told[-1]
    assert isinstance(placed, PointPlaced)
    assert not placed.prompt.positive
    qtbot.mouseClick(port, LEFT, Qt.KeyboardModifier.AltModifier, QPoint(210, 200))
    assert isinstance(told[-1], PointPlaced)
    assert not told[-1].prompt.positive
    qtbot.mouseClick(port, LEFT, pos=QPoint(220, 200))
    assert isinstance(told[-1], PointPlaced)
    assert told[-1].prompt.positive


@pytest.mark.parametrize("elsewhere", [False, True])
def test_alt_turns_the_point_under_a_hand_that_rests_around_at_once_wherever_the_keys_go(
    qtbot: QtBot, elsewhere: bool
) -> None:
    window, view, others = QMainWindow(), EvidenceView(), QListWidget()
    window.menuBar().addMenu("&Rare")
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.addWidget(others)
    row.addWidget(view)
    window.setCentralWidget(holder)
    window.resize(900, 500)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    view.set_scene(grey(900, 1200))
    view.set_tool(Tool.POINT)
    signs: list[bool | None] = []
    view.gesture.connect(lambda gesture: signs.append(gesture.prompt.positive if gesture.prompt else None))
    hand = Hand(qtbot, view)
    port = hand.panes()[0].viewport()
    keys = others if elsewhere else view
    keys.setFocus()
    focused = window.focusWidget()
    hand.move(port, port.rect().center())
    qtbot.keyPress(focused, Qt.Key.Key_Alt, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: signs == [True, False])
    qtbot.keyRelease(focused, Qt.Key.Key_Alt)
    qtbot.waitUntil(lambda: signs == [True, False, True])
    assert window.focusWidget() is focused and window.menuBar().activeAction() is None
    QApplication.sendEvent(hand.panes()[0], QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: signs[-1] is None)
    told = len(signs)
    qtbot.keyClick(focused, Qt.Key.Key_Alt)
    qtbot.wait(40)
    assert len(signs) == told


def test_a_polygon_is_clicked_seen_and_closed_by_a_double_click(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.one_to_one()
    view.set_tool(Tool.POLYGON)
    pane = hand.panes()[0]
    before = hand.sees(pane)
    corners = [QPoint(100, 100), QPoint(300, 100), QPoint(300, 250)]
    for corner in corners:
        qtbot.mouseClick(pane.viewport(), LEFT, pos=corner)
    hand.move(pane.viewport(), QPoint(100, 250))
    changed = (hand.sees(pane) != before).any(axis=2)
    assert changed[98:103, 200].any(), "an edge"
    assert changed[248:253, 200].any(), "the next edge, to the cursor"
    qtbot.keyClick(pane, Qt.Key.Key_Backspace)
    qtbot.mouseClick(pane.viewport(), LEFT, pos=QPoint(320, 250))
    qtbot.mouseClick(pane.viewport(), LEFT, pos=QPoint(100, 250))
    qtbot.mouseDClick(pane.viewport(), LEFT, pos=QPoint(100, 250))
    outlines = [gesture for gesture in told if isinstance(gesture, OutlineDrawn)]
    expected = [stored_at(hand, at) for at in (corners[0], corners[1], QPoint(320, 250), QPoint(100, 250))]
    assert [point.pixel[::-1] for point in outlines[0].points] == expected
    assert len(outlines) == 1


def test_scribble_and_lasso_are_told_on_release(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    pane = hand.panes()[0]
    for tool, kind in ((Tool.SCRIBBLE, ScribbleDrawn), (Tool.LASSO, OutlineDrawn)):
        view.set_tool(tool)
        qtbot.mousePress(pane.viewport(), LEFT, pos=QPoint(100, 200))
        for at in (QPoint(200, 200), QPoint(200, 300), QPoint(100, 300)):
            hand.move(pane.viewport(), at, LEFT)
        assert not any(isinstance(gesture, kind) for gesture in told)
        qtbot.mouseRelease(pane.viewport(), LEFT, pos=QPoint(100, 300))
        assert isinstance(told[-1], kind)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (67, 101)])
def test_images_of_any_shape_are_drawn_on(
    view: EvidenceView, hand: Any, told: list[Gesture], size: tuple[int, int]
) -> None:
    view.set_scene(grey(*size))
    view.set_tool(Tool.BOX)
    pane = hand.panes()[0]
    hand.drag(pane, QPoint(2, 2), QPoint(pane.width() - 2, pane.height() - 2))
    (drawn,) = [gesture for gesture in told if isinstance(gesture, BoxDrawn)]
    stored = Size(size[1], size[0])
    assert 0 <= drawn.box.x0 < drawn.box.x1 <= stored.width
    assert 0 <= drawn.box.y0 < drawn.box.y1 <= stored.height


@pytest.mark.parametrize("tool", [Tool.BRUSH, Tool.POLYGON])
def test_on_turned_evidence_lines_follow_the_hand(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture], tool: Tool
) -> None:
    view.set_scene(grey(701, 1003, Orientation.ROTATED_90_CW))
    view.one_to_one()
    view.set_tool(tool)
    pane = hand.panes()[0]
    before = hand.sees(pane)
    qtbot.mousePress(pane.viewport(), LEFT, pos=QPoint(120, 90))
    if tool is Tool.POLYGON:
        qtbot.mouseRelease(pane.viewport(), LEFT, pos=QPoint(120, 90))
    hand.move(pane.viewport(), QPoint(360, 90), LEFT if tool is Tool.BRUSH else Qt.MouseButton.NoButton)
    rows, columns = np.nonzero((hand.sees(pane) != before).any(axis=2))
    assert (columns.min(), columns.max()) == pytest.approx((120, 360), abs=14)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(90, abs=1)
