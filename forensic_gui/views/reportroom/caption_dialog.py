"""Asks for the caption of a view that is pinned to the report."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom.text_fields import GrowingText


class CaptionDialog(QDialog):
    """One field of several lines; Ctrl+Return is OK."""

    def __init__(self, shown: str, *, hint: str, parent: QWidget | None = None) -> None:
        """Make the dialog.

        Args:
            shown: which view it is, on one line.
            hint: under the field.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Pin View to Report")
        self.setMinimumWidth(460)
        what, question, under = words_label("", self), QLabel("&Caption:", self), words_label("", self)
        what.setText(shown)
        under.setText(hint)
        under.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._field = GrowingText(2, self)
        self._field.setObjectName("caption")
        self._field.setAccessibleName("Caption")
        question.setBuddy(self._field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(8)
        for widget in (what, question, self._field, under):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(buttons)
        self._field.setFocus()

    def ask(self) -> str | None:
        """Wait for the answer; None for never mind."""
        answered = bool(self.exec())
        caption = self._field.toPlainText().strip()
        self.deleteLater()
        return caption if answered else None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Return makes a new line in the field, so OK has a key of its own."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.accept()
        else:
            super().keyPressEvent(event)
