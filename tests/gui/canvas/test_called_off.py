"""Gestures that are called off, and what never becomes one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.domain.geometry import Orientation
from forensic_gui.views.canvas.scene import LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView, configure_pyqtgraph
from forensic_gui.views.core.gestures import (
    Gesture,
    GestureCancelled,
    StrokeDrawn,
    Tool,
)

BARE = LayerSettings(heatmap_visible=False, contour_visible=False)
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton


def grey(height: int, width: int, orientation: Orientation = Orientation.UPRIGHT) -> Scene:
    return Scene("grey", np.full((height, width, 3), 128, np.uint8), None, orientation)


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
