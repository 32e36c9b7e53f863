"""What the canvas says where there is nothing to show yet, or while work goes on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from forensic_gui.widgets.pill import Pill

_BUSY_TOP_PX = 10
_SIDE_MARGIN_PX = 40


class Notices(QWidget):
    """Lies over the canvas and lets mouse and keys through to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._empty = QLabel(self)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setForegroundRole(QPalette.ColorRole.WindowText)
        font = self._empty.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._empty.setFont(font)
        self._busy = Pill(self)

    def set_empty(self, empty: bool) -> None:
        """Show the sentence of the empty state, or not."""
        self._empty.setVisible(empty)

    def set_empty_text(self, text: str) -> None:
        """Say `text` in the empty state."""
        self._empty.setText(text)

    def set_busy_text(self, text: str) -> None:
        """Say what is being done; nothing when it is empty."""
        self._busy.set_text(text)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the sentences where they belong."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self._empty.setGeometry(self.rect().adjusted(_SIDE_MARGIN_PX, 0, -_SIDE_MARGIN_PX, 0))
        self._busy.move((self.width() - self._busy.width()) // 2, _BUSY_TOP_PX)
