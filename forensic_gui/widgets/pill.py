"""A short text on a dark rounded ground, readable over any image."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QWidget

_GROUND = QColor(20, 20, 22, 205)
_INK = QColor(255, 255, 255)
_PADDING_X = 10
_PADDING_Y = 4


class Pill(QLabel):
    """Plain text over an image; hidden while it is empty; lets the mouse through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContentsMargins(_PADDING_X, _PADDING_Y, _PADDING_X, _PADDING_Y)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, _INK)
        self.setPalette(palette)
        self.hide()

    def set_text(self, text: str) -> None:
        """Show `text`, or nothing when it is empty."""
        self.setText(text)
        self.adjustSize()
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the ground under the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GROUND)
        radius = min(12.0, self.height() / 2)
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.end()
        super().paintEvent(event)
