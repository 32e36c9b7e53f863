"""Fields that the dialogs of labels share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QWidget


class PathField(QWidget):
    """A place on the disk: written, or chosen by a button."""

    changed = Signal()

    def __init__(self, name: str, *buttons: tuple[str, Callable[[], Path | None]], parent: QWidget) -> None:
        """Make the field.

        Args:
            name: what stands in it, for screen readers and tests.
            buttons: their words, and what asks for a place; None for never mind.
            parent: Qt's.
        """
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setObjectName(name)
        self.edit.setAccessibleName(name.replace("_", " ").capitalize())
        self.edit.textChanged.connect(lambda _: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.edit, 1)
        for words, ask in buttons:
            button = QPushButton(words, self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, ask=ask: self._take(ask()))
            row.addWidget(button)
        self.setFocusProxy(self.edit)

    @property
    def path(self) -> Path | None:
        """The place, or None where nothing is written."""
        text = self.edit.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path) -> None:
        """Write a place."""
        self.edit.setText(str(path))
        self.edit.setCursorPosition(len(str(path)))

    def _take(self, path: Path | None) -> None:
        if path is not None:
            self.set_path(path)


def words_label(text: str, parent: QWidget, *, name: str = "") -> QLabel:
    """Sentences as plain text that wrap."""
    label = QLabel(text, parent)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label
