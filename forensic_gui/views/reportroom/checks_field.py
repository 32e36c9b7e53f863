"""A list of checks that a reviewer makes up, ticks off, and takes away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

_LINES = 5


class ChecksField(QWidget):
    """A line to write checks in, and the list of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._new = QLineEdit(self)
        self._new.setObjectName("review_check")
        self._new.setAccessibleName("A new check")
        self._new.setPlaceholderText("Write what you check and press Enter")
        self._list = QListWidget(self)
        self._list.setObjectName("review_checks")
        self._list.setAccessibleName("Your checks")
        self._list.setToolTip("Space ticks a check off, F2 changes it, Del takes it away.")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setWordWrap(True)
        self._list.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + 12)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._new)
        column.addWidget(self._list)
        self.setFocusProxy(self._new)
        self._new.returnPressed.connect(self._add)
        away = QShortcut(QKeySequence("Del"), self._list)
        away.setContext(Qt.ShortcutContext.WidgetShortcut)
        away.activated.connect(lambda: self._list.takeItem(self._list.currentRow()))

    @property
    def lines(self) -> tuple[str, ...]:
        """The checks as they go into a note: "[x] Hashes compared"."""
        rows = [self._list.item(row) for row in range(self._list.count())]
        return tuple(f"[{'x' if row.checkState() is Qt.CheckState.Checked else ' '}] {row.text()}" for row in rows)

    @property
    def has_words(self) -> bool:
        """Whether something is written here."""
        return bool(self._list.count() or self._new.text().strip())

    def untick(self) -> None:
        """Keep the checks, with none of them made."""
        for row in range(self._list.count()):
            self._list.item(row).setCheckState(Qt.CheckState.Unchecked)

    def forget(self) -> None:
        """Begin anew."""
        self._new.clear()
        self._list.clear()

    def _add(self) -> None:
        text = self._new.text().strip()
        if not text:
            return
        row = QListWidgetItem(text)
        row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
        row.setCheckState(Qt.CheckState.Unchecked)
        self._list.addItem(row)
        self._new.clear()
