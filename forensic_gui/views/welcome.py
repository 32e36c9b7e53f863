"""What stands in the middle of the window until something is opened; painted in the first frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from forensic_gui.views.canvas.wording import EMPTY


class WelcomePage(QWidget):
    """One sentence, and the two ways to begin."""

    def __init__(self, open_files: QAction, open_folder: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(EMPTY, self)
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.3)
        title.setFont(font)
        hint = QLabel("Or drop photographs and folders anywhere on this window.", self)
        for label in (title, hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        for action, primary in ((open_files, True), (open_folder, False)):
            # Without the letter of its menu: outside a menu, Alt and the same letter open another one.
            button = QPushButton(action.text().replace("&", ""), self)
            button.setToolTip(action.toolTip())
            button.setMinimumSize(180, 34)
            button.setDefault(primary)
            button.clicked.connect(action.trigger)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(18)
        column.addStretch(5)
        column.addWidget(title)
        column.addLayout(buttons)
        column.addWidget(hint)
        column.addStretch(6)
