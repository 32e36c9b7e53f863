"""One sentence at the top of the window, which stays until it is dismissed or answered."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from forensic_gui.views.theme import failure_colour, warning_colour


class Gravity(StrEnum):
    """How serious a message is."""

    NOTE = "note"
    WARNING = "warning"
    FAILURE = "failure"


class MessageBar(QFrame):
    """Tells the latest message; never takes the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gravity = Gravity.NOTE
        self._answer: Callable[[], None] | None = None
        self.setAutoFillBackground(True)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._action = QPushButton(self)
        self._action.setObjectName("message_action")
        self._action.clicked.connect(self._on_answered)
        self._dismiss = QToolButton(self)
        self._dismiss.setObjectName("message_dismiss")
        self._dismiss.setText("✕")
        self._dismiss.setAutoRaise(True)
        self._dismiss.setToolTip("Dismiss this message")
        self._dismiss.setAccessibleName("Dismiss")
        self._dismiss.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._dismiss)
        self.hide()

    @property
    def text(self) -> str:
        """The message."""
        return self._text.text()

    def tell(self, text: str, gravity: Gravity, *, action: str = "", answer: Callable[[], None] | None = None) -> None:
        """Show a sentence in the place of the one before.

        Args:
            text: plain text.
            gravity: decides the colour of the mark.
            action: words on a button; "" shows none.
            answer: what the button does; the message goes away before.
        """
        self._gravity = gravity
        self._answer = answer
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Mark the gravity at the left edge, beside the words and never instead of them."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, 0, 4, self.height(), self._mark())
        painter.setPen(self.palette().mid().color())
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _mark(self) -> QColor:
        match self._gravity:
            case Gravity.NOTE:
                return self.palette().highlight().color()
            case Gravity.WARNING:
                return warning_colour(self.palette())
            case Gravity.FAILURE:
                return failure_colour(self.palette())

    def _on_answered(self) -> None:
        self.hide()
        if self._answer is not None:
            self._answer()
