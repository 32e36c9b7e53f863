"""Fields for a person's words: of bounded length, and undone no further back at once than they were kept."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QToolTip, QWidget

from forensic_gui.views.core.wording import number

LONGEST_TEXT = 100_000
"""Characters of a field of several lines: some forty printed pages."""
_MOST_LINES = 14
_PADDING_PX = 12


def too_long(most: int) -> str:
    """What is said where more does not fit, a sentence."""
    return f"This field takes {number(most)} characters: what was more was left out."


class GrowingText(QPlainTextEdit):
    """As high as its words, within limits; Tab goes on to the next field."""

    refused = Signal(str)
    """Why not everything that was pasted went in, a sentence."""

    def __init__(self, lines: int, parent: QWidget | None = None, *, most: int = LONGEST_TEXT) -> None:
        super().__init__(parent)
        self._lines, self._most = lines, most
        self.setTabChangesFocus(True)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._claim())
        self._claim()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._claim()

    def sizeHint(self) -> QSize:  # noqa: N802
        """No wider than it has to be."""
        return QSize(160, self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Take no letter where there is no room for one."""
        is_letter = bool(event.text()) and (event.text().isprintable() or event.key() in _LINE_ENDS)
        is_command = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if is_letter and not is_command and not self._room:
            self._refuse()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        """Take as much as there is room for: a layout of megabytes holds the window up for minutes."""
        text = source.text()
        room = self._room
        if len(text) <= room:
            super().insertFromMimeData(source)
            return
        cut = QMimeData()
        cut.setText(text[:room])
        super().insertFromMimeData(cut)
        self._refuse()

    def part_undo(self) -> None:
        """Let the next letter begin a step of its own; Qt joins letters to one step while a text counts as modified."""
        self.document().setModified(False)

    @property
    def _room(self) -> int:
        selected = abs(self.textCursor().selectionEnd() - self.textCursor().selectionStart())
        return max(0, self._most - (self.document().characterCount() - 1) + selected)

    def _refuse(self) -> None:
        told = too_long(self._most)
        QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), told, self)
        self.refused.emit(told)

    def _claim(self) -> None:
        # A plain text's layout measures in lines, wrapped ones each for itself.
        lines = min(max(round(self.document().size().height()), self._lines), _MOST_LINES)
        height = lines * self.fontMetrics().lineSpacing() + _PADDING_PX
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)


_LINE_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LimitedLine(QLineEdit):
    """A field of one line."""

    refused = Signal(str)
    """Why not everything that was written went in, a sentence."""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(most)
        # Qt tells of it before the text changes; who hears of both is to hear of this last.
        self.inputRejected.connect(lambda: QTimer.singleShot(0, self, self._refuse))

    def _refuse(self) -> None:
        self.refused.emit(too_long(self.maxLength()))

    def put(self, text: str) -> None:
        """Show a text; one that is longer already, as somebody else wrote it, is shown whole."""
        if text != self.text():
            self.setMaxLength(max(self.maxLength(), len(text)))
            self.setText(text)

    def part_undo(self) -> None:
        """Let the next letter begin a step of its own."""
        if self.hasSelectedText():
            return  # writing over what is marked begins one by itself
        place = self.cursorPosition()
        self.cursorBackward(False, 1) if place else self.cursorForward(False, 1)
        self.setCursorPosition(place)
