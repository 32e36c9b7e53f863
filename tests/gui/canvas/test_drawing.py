"""Drawing on the canvas as a hand does it: at coordinates, with buttons and keys, and the pixels that come of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.prompt import PointPrompt, Prompts
from forensic_gui.views.canvas.annotated import AnnotationLayer, PreviewLayer
from forensic_gui.views.canvas.palette import (
    ADDS_RGB,
    BOTH_RGB,
    MINE_ONLY_RGB,
    MODEL_ONLY_RGB,
    PROPOSED_RGB,
    TAKES_RGB,
)
from forensic_gui.views.canvas.scene import CompareMode, LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView, configure_pyqtgraph
from forensic_gui.views.core.gestures import (
    BoxDragging,
    BoxDrawn,
    Gesture,
    GestureCancelled,
    OutlineDrawn,
    PointHovering,
    PointPlaced,
    RegionPicked,
    ScribbleDrawn,
    StrokeDrawn,
    Tool,
)
from forensic_gui.widgets.colour_key import ColourKey

BARE = LayerSettings(heatmap_visible=False, contour_visible=False)
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton


def grey(height: int, width: int, orientation: Orientation = Orientation.UPRIGHT) -> Scene:
    return Scene("grey", np.full((height, width, 3), 128, np.uint8), None, orientation)


@pytest.fixture
def told(view: EvidenceView) -> list[Gesture]:
    """Every gesture, as it comes."""
    view.set_layers(BARE)
    gestures: list[Gesture] = []
    view.gesture.connect(gestures.append)
    return gestures


def send_move(port: QWidget, at: QPoint, held: Qt.MouseButton) -> None:
    """Move the mouse with a button held."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(port.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(port, event)


@pytest.fixture
def told_window(qtbot: QtBot) -> tuple[QMainWindow, EvidenceView, list[Gesture]]:
    """A window around a canvas with the box in hand, and every gesture, as it comes."""
    configure_pyqtgraph()
    window = QMainWindow()
    view = EvidenceView()
    window.setCentralWidget(view)
    window.resize(640, 480)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    view.set_scene(grey(900, 1200))
    view.set_tool(Tool.BOX)
    gestures: list[Gesture] = []
    view.gesture.connect(gestures.append)
    return window, view, gestures


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


def test_escape_lets_the_box_go_before_any_shortcut_of_the_window(qtbot: QtBot, told_window: Any) -> None:
    window, view, told = told_window
    pressed: list[str] = []
    action = QAction("leave", window)
    action.setShortcut(Qt.Key.Key_Escape)
    action.triggered.connect(lambda: pressed.append("leave"))
    window.addAction(action)
    port = view.focusProxy().viewport()
    qtbot.mousePress(port, LEFT, pos=QPoint(100, 100))
    view.focusProxy().setFocus()
    send_move(port, QPoint(200, 200), LEFT)
    qtbot.keyClick(view.focusProxy(), Qt.Key.Key_Escape)
    assert isinstance(told[-1], GestureCancelled)
    assert pressed == []
    qtbot.mouseRelease(port, LEFT, pos=QPoint(200, 200))
    assert isinstance(told[-1], GestureCancelled)
    qtbot.keyClick(view.focusProxy(), Qt.Key.Key_Escape)
    assert pressed == ["leave"], "with nothing under way the key is the window's"


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


def test_another_tool_or_another_image_calls_a_gesture_off_and_news_of_the_same_image_do_not(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    scene = grey(900, 1200)
    view.set_scene(scene)
    port = hand.panes()[0].viewport()

    def begin() -> None:
        told.clear()
        view.set_tool(Tool.BRUSH)
        qtbot.mousePress(port, LEFT, pos=QPoint(100, 200))
        hand.move(port, QPoint(200, 200), LEFT)

    begin()
    view.set_tool(Tool.BOX)
    qtbot.mouseRelease(port, LEFT, pos=QPoint(200, 200))
    assert told == [GestureCancelled()]
    begin()
    view.set_scene(grey(900, 1200))
    qtbot.mouseRelease(port, LEFT, pos=QPoint(200, 200))
    assert told == [GestureCancelled()]
    begin()
    view.cancel_gesture()
    qtbot.mouseRelease(port, LEFT, pos=QPoint(200, 200))
    assert told == [GestureCancelled()]
    scene = grey(900, 1200)
    view.set_scene(scene)
    begin()
    view.set_scene(Scene("again", scene.image))
    qtbot.mouseRelease(port, LEFT, pos=QPoint(200, 200))
    assert [type(gesture) for gesture in told] == [StrokeDrawn]


def test_without_an_image_no_tool_does_anything(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    for tool in Tool:
        view.set_tool(tool)
        hand.drag(hand.panes()[0], QPoint(100, 100), QPoint(300, 300))
        qtbot.keyClick(hand.panes()[0], Qt.Key.Key_Escape)
    assert told == []


def test_a_second_button_in_the_middle_of_a_stroke_means_nothing(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.set_tool(Tool.BRUSH)
    port = hand.panes()[0].viewport()
    qtbot.mousePress(port, LEFT, pos=QPoint(100, 200))
    qtbot.mousePress(port, RIGHT, pos=QPoint(150, 200))
    qtbot.mouseRelease(port, RIGHT, pos=QPoint(150, 200))
    assert told == []
    qtbot.mouseRelease(port, LEFT, pos=QPoint(200, 200))
    (stroke,) = told
    assert isinstance(stroke, StrokeDrawn)
    assert not stroke.erases


def test_a_button_that_was_let_go_elsewhere_ends_the_gesture(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.set_tool(Tool.BRUSH)
    port = hand.panes()[0].viewport()
    qtbot.mousePress(port, LEFT, pos=QPoint(100, 200))
    hand.move(port, QPoint(200, 200), LEFT)
    hand.move(port, QPoint(250, 200))
    assert told == [GestureCancelled()]


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


def region(size: tuple[int, int], area: tuple[slice, slice]) -> AnnotationLayer:
    """One region, selected, by view rows and columns."""
    labels = np.zeros(size, np.uint8)
    labels[area] = 1
    return AnnotationLayer(labels, selected=1)


def test_regions_and_proposals_come_and_go_without_a_move_of_the_camera(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    hand.wheel(QPoint(100, 100), 7)
    pane = hand.panes()[0]
    zoom, before = view.zoom_percent, hand.sees(pane)
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    with_region = hand.sees(pane)
    assert (with_region == ADDS_RGB).all(axis=2).any()
    view.set_preview(PreviewLayer(region((900, 1200), np.s_[200:500, 200:600]).labels > 0))
    assert (hand.sees(pane) == PROPOSED_RGB).all(axis=2).any()
    view.set_preview(None)
    assert np.array_equal(hand.sees(pane), with_region)
    view.set_annotation(None)
    assert np.array_equal(hand.sees(pane), before)
    assert view.zoom_percent == zoom


def test_regions_are_switched_off_and_the_bare_evidence_stays_bare(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    before = hand.sees(hand.panes()[0])
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    view.set_layers(replace(BARE, regions_visible=False))
    assert np.array_equal(hand.sees(hand.panes()[0]), before)
    view.set_layers(BARE)
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    bare, overlay = (hand.sees(pane) for pane in hand.panes())
    assert not (bare == ADDS_RGB).all(axis=2).any()
    assert (overlay == ADDS_RGB).all(axis=2).any()
    view.set_compare_mode(CompareMode.SINGLE)
    view.set_blink(True)
    assert not (hand.sees(hand.panes()[0]) == ADDS_RGB).all(axis=2).any()


def test_regions_of_an_image_lie_on_it_for_both_localizers_and_not_on_another_image(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    scene = grey(900, 1200)
    view.set_scene(scene)
    view.set_compare_mode(CompareMode.SIDE_BY_SIDE)
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    for second, expected in ((Scene("again", scene.image), True), (grey(900, 1200), False)):
        view.set_second_scene(second)
        seen = [bool((hand.sees(pane) == ADDS_RGB).all(axis=2).any()) for pane in hand.panes()]
        assert seen == [True, expected]


def test_what_was_drawn_goes_with_its_image(view: EvidenceView, hand: Any, told: list[Gesture]) -> None:
    scene = grey(900, 1200)
    view.set_scene(scene)
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    view.set_scene(Scene("analyzed", scene.image))
    assert (hand.sees(hand.panes()[0]) == ADDS_RGB).all(axis=2).any(), "news of the same image keep it"
    view.set_scene(grey(900, 1200))
    assert not (hand.sees(hand.panes()[0]) == ADDS_RGB).all(axis=2).any()
    with pytest.raises(ValueError, match="1200x900"):
        view.set_annotation(region((900, 1100), np.s_[1:5, 1:5]))
    view.set_scene(None)
    with pytest.raises(ValueError, match="no image"):
        view.set_preview(PreviewLayer(np.zeros((900, 1200), bool)))
    view.set_preview(None)


@pytest.mark.parametrize("orientation", [Orientation.UPRIGHT, Orientation.ROTATED_90_CW, Orientation.MIRRORED])
def test_a_box_that_was_drawn_is_marked_where_it_was_drawn(
    view: EvidenceView, hand: Any, told: list[Gesture], orientation: Orientation
) -> None:
    view.set_scene(grey(701, 1003, orientation))
    view.one_to_one()
    view.set_tool(Tool.BOX)
    pane = hand.panes()[0]
    before = hand.sees(pane)
    hand.drag(pane, QPoint(100, 90), QPoint(300, 250))
    drawn = told[-1]
    assert isinstance(drawn, BoxDrawn)
    prompts = Prompts(box=drawn.box, points=(PointPrompt(Point(drawn.box.x0 + 40, drawn.box.y0 + 60), positive=False),))
    view.set_preview(PreviewLayer(np.zeros((701, 1003), bool), prompts))
    hand.move(pane.viewport(), QPoint(5, 5))
    rows, columns = np.nonzero((hand.sees(pane) != before).any(axis=2))
    assert (columns.min(), columns.max()) == pytest.approx((100, 300), abs=4)
    assert (rows.min(), rows.max()) == pytest.approx((90, 250), abs=4)
    point = orientation.to_view(prompts.points[0].point, stored=orientation.inverse.size_in_view(Size(1003, 701)))
    corner = hand.readout(QPoint(0, 0))
    assert corner is not None
    at = (round(point.y - corner.view[1]), round(point.x - corner.view[0]))
    assert tuple(hand.sees(pane)[at[0], at[1] - 2]) == (255, 255, 255), "the minus"
    assert tuple(hand.sees(pane)[at[0] + 5, at[1]]) == TAKES_RGB, "and no plus"


def test_a_stroke_stays_until_what_has_come_of_it_is_shown(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.set_scene(grey(900, 1200))
    view.set_annotation(region((900, 1200), np.s_[1:3, 1:3]))
    view.set_tool(Tool.BRUSH)
    pane = hand.panes()[0]
    hand.drag(pane, QPoint(100, 200), QPoint(300, 200))
    hand.move(pane.viewport(), QPoint(600, 400))
    stroked = hand.sees(pane)
    assert tuple(stroked[200, 200]) != (128, 128, 128)
    layer = region((900, 1200), np.s_[1:3, 1:3])
    view.set_annotation(layer)
    assert tuple(hand.sees(pane)[200, 200]) == (128, 128, 128)
    hand.drag(pane, QPoint(100, 200), QPoint(300, 200))
    view.set_annotation(replace(layer, selected=0))
    assert tuple(hand.sees(pane)[200, 200]) != (128, 128, 128), "another selection is not what comes of a stroke"
    view.cancel_gesture()
    assert tuple(hand.sees(pane)[200, 200]) == (128, 128, 128)
    hand.drag(pane, QPoint(100, 200), QPoint(300, 200))
    qtbot.waitUntil(lambda: tuple(hand.sees(pane)[200, 200]) == (128, 128, 128))


def test_the_colours_of_the_difference_are_explained_on_the_canvas(
    view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    image = np.full((900, 1200, 3), 128, np.uint8)
    view.set_scene(Scene("scored", image, Heatmap(np.ones((3, 4), np.float32), Size(1200, 900))))
    view.set_layers(replace(BARE, difference_visible=True))
    keys = view.findChildren(ColourKey)
    assert not any(key.isVisible() for key in keys), "there is nothing to compare with"
    view.set_annotation(region((900, 1200), np.s_[100:800, 150:900]))
    assert [key.isVisible() for key in keys] == [True, False]
    seen = hand.sees(hand.panes()[0])
    for rgb in (MODEL_ONLY_RGB, MINE_ONLY_RGB, BOTH_RGB):
        assert (seen == rgb).all(axis=2).any(), "the swatch"
    view.set_layers(BARE)
    assert not any(key.isVisible() for key in keys)


def test_on_a_large_canvas_regions_come_without_a_coarse_moment(
    qtbot: QtBot, view: EvidenceView, hand: Any, told: list[Gesture]
) -> None:
    view.resize(2400, 1600)
    scene = Scene("noise", np.random.default_rng(0).integers(0, 256, (2400, 3000, 3), dtype=np.uint8))
    view.set_scene(scene)
    view.one_to_one()
    pane = hand.panes()[0]
    top, left = (2400 - pane.height()) // 2, (3000 - pane.width()) // 2
    bare = scene.image[top : top + pane.height(), left : left + pane.width()]
    qtbot.waitUntil(lambda: np.array_equal(hand.sees(pane), bare))
    layer = region((2400, 3000), np.s_[700:1700, 800:2000])
    view.set_layers(replace(BARE, regions_filled=True))
    view.set_annotation(layer)
    view.set_preview(PreviewLayer(layer.labels > 0))
    far_away = np.s_[: 700 - top - 20]

    def arrived() -> bool:
        seen = hand.sees(pane)
        assert np.array_equal(seen[far_away], bare[far_away]), "what has not changed never flickers"
        return bool((seen == PROPOSED_RGB).all(axis=2).any())

    qtbot.waitUntil(arrived)
