"""Sentences that wrap and are always shown whole."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget


class SentencesLabel(QLabel):
    """Plain text over as many lines as it needs, and as high as they are.

    A form layout keeps the height that a wrapped label had when it first asked; a text that comes later, or a width
    that changes, then loses its last line. This label asks for the height of the text that it has.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def tell(self, text: str) -> None:
        """Show `text`."""
        self.setText(text)
        self._claim()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the height at the new width."""
        super().resizeEvent(event)
        self._claim()

    def _claim(self) -> None:
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))
