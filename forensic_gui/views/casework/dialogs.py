"""Dialogs that ask for a word: a group, a tag, a name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

_LONGEST = 200


class WordDialog(QDialog):
    """Asks for one word or line, with those in use to choose from."""

    def __init__(
        self,
        title: str,
        question: str,
        *,
        word: str = "",
        known: Sequence[str] = (),
        new_words: bool = True,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            title: of the dialog.
            question: a line over the field.
            word: what stands in the field at first.
            known: words to choose from.
            new_words: whether words that are not known can be written.
            hint: a line under the field.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(380)
        label = QLabel(question, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        self._field = QComboBox(self)
        self._field.setObjectName("word")
        self._field.setEditable(new_words)
        self._field.addItems(list(known))
        self._field.setMaxVisibleItems(12)
        label.setBuddy(self._field)
        edit = self._field.lineEdit()
        if edit is not None:
            _prepare(edit, word)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(label)
        column.addWidget(self._field)
        if hint:
            quiet = QLabel(hint, self)
            quiet.setTextFormat(Qt.TextFormat.PlainText)
            quiet.setWordWrap(True)
            quiet.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            column.addWidget(quiet)
        column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self._field.setFocus()

    @property
    def word(self) -> str:
        """What stands in the field, on one line."""
        return " ".join(self._field.currentText().split())

    def ask(self) -> str | None:
        """Wait for the answer; None for never mind."""
        answered = bool(self.exec())
        word = self.word
        self.deleteLater()
        return word if answered else None


def _prepare(edit: QLineEdit, word: str) -> None:
    edit.setMaxLength(_LONGEST)
    edit.setText(word)
    edit.selectAll()
