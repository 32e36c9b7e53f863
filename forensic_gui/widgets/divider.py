"""A vertical divider that is dragged or moved by keys across its parent."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

_WIDTH_PX = 28
_GRIP_RADIUS_PX = 13.0
_STEP = 0.01
_LONG_STEP = 0.1


class Divider(QWidget):
    """Stands at a part of its parent's width, 0 (left) to 1 (right), over the parent's whole height."""

    moved = Signal(float)
    """Position after a move by the hand or a key; never emitted by `set_position`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._ground = parent
        self._position = 0.5
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Swipe divider")
        self.setAccessibleDescription("Left and right move it, with Shift in larger steps; Home and End to the edges.")
        self.setToolTip("Drag, or press Left and Right (with Shift in larger steps)")
        parent.installEventFilter(self)
        self._place()

    @property
    def position(self) -> float:
        """Part of the parent's width, 0 to 1."""
        return self._position

    def set_position(self, position: float) -> None:
        """Stand at `position`, cut to 0 … 1, without a signal."""
        self._position = min(max(position, 0.0), 1.0)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the parent's size."""
        if event.type() == QEvent.Type.Resize and watched is self._ground:
            self._place()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold."""
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(self.mapToParent(event.position()).x() / max(1, self._ground.width()))
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Move in steps."""
        step = _LONG_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        targets = {
            Qt.Key.Key_Left: self._position - step,
            Qt.Key.Key_Right: self._position + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None:
            event.ignore()
        else:
            self._move_to(target)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """Paint a two-tone line and a grip, seen on any image."""
        painter = QPainter(self)
        x = self._line_x()
        painter.fillRect(QRectF(x - 1.5, 0, 3, self.height()), QColor(0, 0, 0, 200))
        painter.fillRect(QRectF(x - 0.5, 0, 1, self.height()), QColor(255, 255, 255))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self.palette().color(QPalette.ColorRole.Highlight) if self.hasFocus() else QColor(0, 0, 0, 200)
        painter.setPen(QPen(edge, 3 if self.hasFocus() else 1))
        painter.setBrush(QColor(255, 255, 255))
        centre = QPointF(x, self.height() / 2)
        painter.drawEllipse(centre, _GRIP_RADIUS_PX - 2, _GRIP_RADIUS_PX - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(40, 40, 42))
        for side in (-1, 1):
            tip = centre + QPointF(side * 7.5, 0)
            back = QPointF(-side * 4.5, 0)
            painter.drawPolygon(QPolygonF([tip, tip + back + QPointF(0, 4), tip + back - QPointF(0, 4)]))

    def _move_to(self, position: float) -> None:
        self.set_position(position)
        self.moved.emit(self._position)

    def _place(self) -> None:
        left = round(self._ground.width() * self._position - _WIDTH_PX / 2)
        self.setGeometry(left, 0, _WIDTH_PX, self._ground.height())

    def _line_x(self) -> float:
        return self._ground.width() * self._position - self.x()
