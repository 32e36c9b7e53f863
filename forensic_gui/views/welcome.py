"""What stands in the middle of the window until something is opened; painted in the first frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from forensic_gui.views.canvas.wording import EMPTY
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.menus import Actions

_TO_BEGIN = (("open_files", "open_folder"), ("new_case", "open_case"))
_TO_FILL = (("add_files", "add_folder"),)
_BUTTON_SIZE = (190, 34)


class WelcomePage(QWidget):
    """One sentence, and the ways to begin; the same of an empty case."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(EMPTY, self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._title.setFont(font)
        self._hint = QLabel(self)
        for label in (self._title, self._hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._to_begin = _buttons([[actions[each] for each in row] for row in _TO_BEGIN], self)
        self._to_fill = _buttons([[actions[each] for each in row] for row in _TO_FILL], self)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 0)
        column.setSpacing(18)
        column.addStretch(5)
        column.addWidget(self._title)
        column.addWidget(self._to_begin)
        column.addWidget(self._to_fill)
        column.addWidget(self._hint)
        column.addStretch(6)
        self.show_case("", read_only="")

    def show_case(self, name: str, *, read_only: str) -> None:
        """Say how to fill an empty case, or without one how to begin."""
        self._to_begin.setVisible(not name)
        self._to_fill.setVisible(bool(name) and not read_only)
        if not name:
            self._title.setText(EMPTY)
            self._hint.setText("Or drop photographs, folders and cases anywhere on this window.")
            return
        self._title.setText(f"{shown_plainly(name)} holds no photographs yet.")
        self._hint.setText(read_only or "Or drop photographs and folders anywhere on this window: they are copied.")


def _buttons(rows: list[list[QAction]], parent: QWidget) -> QWidget:
    holder = QWidget(parent)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    for actions in rows:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch(1)
        for action in actions:
            # Without the letter of its menu: outside a menu, Alt and the same letter open another one.
            button = QPushButton(action.text().replace("&", ""), holder)
            button.setToolTip(action.toolTip())
            button.setMinimumSize(*_BUTTON_SIZE)
            button.clicked.connect(action.trigger)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
    first = holder.findChild(QPushButton)
    if first is not None:
        first.setDefault(True)
    return holder
