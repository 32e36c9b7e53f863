"""One sentence at the top of the window, which stays until it is dismissed or answered."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.views.theme import failure_colour, warning_colour

_MOVES = frozenset(
    {QEvent.Type.LayoutRequest, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Resize, QEvent.Type.Move}
)


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
        self._action.setAutoDefault(False)  # in a dialog, Return belongs to the field that has the focus
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


class MessageGround(QWidget):
    """Holds a widget with a message bar over its upper edge: an image in it neither moves nor is scaled anew."""

    def __init__(self, content: QWidget, bar: MessageBar, parent: QWidget | None = None) -> None:
        """Take both in.

        Args:
            content: fills the ground, whether there is a message or not.
            bar: lies over it.
            parent: owner of the widget.
        """
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(content)
        self._bar = bar
        self._part: QWidget | None = None
        bar.setParent(self)
        bar.installEventFilter(self)

    def lay_over(self, part: QWidget) -> None:
        """Let the bar lie over a part of the content while that is seen, and leave what stands beside it free."""
        self._part = part
        part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow what lies under the bar, and give it the height that its words need."""
        if watched in (self._bar, self._part) and event.type() in _MOVES:
            self._place()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the bar as wide as what lies under it."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        row = self._bar.layout()
        assert row is not None
        under: QWidget = self if self._part is None or not self._part.isVisible() else self._part
        width = under.width()
        height = row.totalHeightForWidth(width) if row.hasHeightForWidth() else row.totalSizeHint().height()
        self._bar.setGeometry(QRect(under.mapTo(self, QPoint(0, 0)), QSize(width, height)))
        self._bar.raise_()
