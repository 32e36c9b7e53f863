"""The facts of the evidence on the canvas: plain text that can be selected and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont, QFontMetrics, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextOption
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
        self._text.setReadOnly(True)
        self._text.setAcceptRichText(False)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName("Facts")
        self._text.setPlaceholderText(_EMPTY)
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._text.setMinimumWidth(200)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self._text)

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
        width = QFontMetrics(self.font()).horizontalAdvance(_LABEL_SAMPLE)
        for number, section in enumerate(self._sections):
            _write_title(cursor, section.title, first=number == 0)
            for fact in section.facts:
                _write_fact(cursor, fact.label, fact.text, width=width, quiet=_quiet(self))
        self._text.moveCursor(QTextCursor.MoveOperation.Start)


def _quiet(widget: QWidget) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(quiet_colour(widget.palette()))
    return made


def _write_title(cursor: QTextCursor, title: str, *, first: bool) -> None:
    block = QTextBlockFormat()
    block.setTopMargin(2 if first else 14)
    block.setBottomMargin(3)
    strong = QTextCharFormat()
    strong.setFontWeight(QFont.Weight.DemiBold)
    if first:
        cursor.setBlockFormat(block)
    else:
        cursor.insertBlock(block)
    cursor.insertText(title, strong)


def _write_fact(cursor: QTextCursor, label: str, text: str, *, width: int, quiet: QTextCharFormat) -> None:
    # A hanging indent: long values wrap under themselves, not under their label.
    block = QTextBlockFormat()
    block.setLeftMargin(width)
    block.setTextIndent(-width)
    block.setBottomMargin(2)
    tab = QTextOption.Tab(width, QTextOption.TabType.LeftTab)
    block.setTabPositions([tab])
    cursor.insertBlock(block)
    cursor.insertText(f"{label}\t", quiet)
    value = QTextCharFormat()
    if label in _MONOSPACED:
        value.setFontFamilies(["monospace", "Consolas", "Menlo"])
    cursor.insertText(text, value)
