"""The facts of the evidence on the canvas: plain text that can be selected and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QTextCharFormat,
    QTextCursor,
    QTextLength,
    QTextOption,
    QTextTableFormat,
)
from PySide6.QtWidgets import QTextEdit, QVBoxLayout, QWidget

from forensic_gui.views.core.facts import Section, as_text
from forensic_gui.views.theme import quiet_colour

_EMPTY = "Choose a photograph: its hash, how it was decoded and what was found stand here."
_LABEL_SAMPLE = "99th percentile  "
_MONOSPACED = frozenset({"SHA-256", "Weights SHA-256"})


class FactsPanel(QWidget):
    """Shows sections of facts; nothing in them is ever read as markup."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sections: Sequence[Section] = ()
        self._text = QTextEdit(self)
        self._text.setObjectName("facts")
        self._text.setReadOnly(True)
        self._text.setAcceptRichText(False)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName("Facts")
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._text.setMinimumWidth(200)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self._text)
        self._write()

    @property
    def text(self) -> str:
        """The facts as plain text, a tab between label and value."""
        return as_text(self._sections)

    def set_sections(self, sections: Sequence[Section]) -> None:
        """Show `sections`; none shows what will stand here."""
        position = self._text.verticalScrollBar().value()
        self._sections = tuple(sections)
        self._write()
        self._text.verticalScrollBar().setValue(position)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Write in the colours of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()

    def _write(self) -> None:
        self._text.clear()
        cursor = self._text.textCursor()
        # One edit, so that the document is laid out once and not at every word.
        cursor.beginEditBlock()
        quiet = QTextCharFormat()
        quiet.setForeground(quiet_colour(self.palette()))
        if not self._sections:
            cursor.insertText(_EMPTY, quiet)
        width = QFontMetrics(self.font()).horizontalAdvance(_LABEL_SAMPLE)
        for section in self._sections:
            _write_title(cursor, section.title)
            _write_facts(cursor, section, label_width=width, quiet=quiet)
        cursor.endEditBlock()
        self._text.moveCursor(QTextCursor.MoveOperation.Start)


def _write_title(cursor: QTextCursor, title: str) -> None:
    strong = QTextCharFormat()
    strong.setFontWeight(QFont.Weight.DemiBold)
    cursor.insertText(title, strong)


def _write_facts(cursor: QTextCursor, section: Section, *, label_width: int, quiet: QTextCharFormat) -> None:
    # A table, so that long values wrap in their own column. Cells take text, never markup.
    look = QTextTableFormat()
    look.setBorder(0)
    look.setCellPadding(1)
    look.setCellSpacing(0)
    look.setTopMargin(3)
    look.setBottomMargin(12)
    look.setColumnWidthConstraints(
        [
            QTextLength(QTextLength.Type.FixedLength, label_width),
            QTextLength(QTextLength.Type.PercentageLength, 100),
        ]
    )
    table = cursor.insertTable(len(section.facts), 2, look)
    for row, fact in enumerate(section.facts):
        table.cellAt(row, 0).firstCursorPosition().insertText(fact.label, quiet)
        value = QTextCharFormat()
        if fact.label in _MONOSPACED:
            value.setFontFamilies(["monospace", "Consolas", "Menlo"])
        table.cellAt(row, 1).firstCursorPosition().insertText(fact.text, value)
    cursor.movePosition(QTextCursor.MoveOperation.End)
