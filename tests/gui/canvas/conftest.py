"""A canvas on a screen, and a hand and an eye for it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.scene import CursorReadout, LayerSettings
from forensic_gui.views.canvas.view import EvidenceView, configure_pyqtgraph
from forensic_gui.views.core.gestures import Gesture


class Hand:
    """Acts on a canvas at coordinates (logical pixels of a pane) and looks at its pixels."""

    def __init__(self, qtbot: QtBot, view: EvidenceView) -> None:
        self._qtbot = qtbot
        self._view = view

    def panes(self) -> list[Pane]:
        """The panes that are seen, from left to right."""
        return [pane for pane in self._view.findChildren(Pane) if pane.isVisible()]

    def wheel(self, at: QPoint, notches: int) -> None:
        """Turn the wheel over the first pane, away from the hand for positive notches."""
        pane = self.panes()[0]
        event = QWheelEvent(
            QPointF(at),
            QPointF(pane.viewport().mapToGlobal(at)),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(pane.viewport(), event)

    def move(self, widget: QWidget, at: QPoint, buttons: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
        """Move the mouse to a place in a widget, with buttons held."""
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(at),
            QPointF(widget.mapToGlobal(at)),
            Qt.MouseButton.NoButton,
            buttons,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)

    def drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Press, move and release the left button; a pane is dragged by its viewport."""
        target = widget.viewport() if isinstance(widget, Pane) else widget
        self._qtbot.mousePress(target, Qt.MouseButton.LeftButton, pos=start)
        self.move(target, end, Qt.MouseButton.LeftButton)
        self._qtbot.mouseRelease(target, Qt.MouseButton.LeftButton, pos=end)

    def readout(self, at: QPoint, *, pane: int = 0) -> CursorReadout | None:
        """What the canvas tells when the cursor is moved there."""
        with self._qtbot.waitSignal(self._view.cursor_moved) as told:
            self.move(self.panes()[pane].viewport(), at)
        return told.args[0]

    def sees(self, widget: QWidget) -> np.ndarray:
        """Pixels of a widget: uint8 (H, W, 3) RGB."""
        image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


@pytest.fixture
def view(qtbot: QtBot) -> EvidenceView:
    """An empty canvas on the screen."""
    configure_pyqtgraph()
    made = EvidenceView()
    made.resize(640, 480)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def hand(qtbot: QtBot, view: EvidenceView) -> Hand:
    """A hand on the canvas."""
    return Hand(qtbot, view)


@pytest.fixture
def told(view: EvidenceView) -> list[Gesture]:
    """Every gesture, as it comes."""
    view.set_layers(LayerSettings(heatmap_visible=False, contour_visible=False))
    gestures: list[Gesture] = []
    view.gesture.connect(gestures.append)
    return gestures
