"""The title of a dock: the style's own draws dark buttons on a dark ground."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget


class DockTitle(QWidget):
    """Name and close button. What it does not take, Qt uses to drag the dock, or to let it float on a double click."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._label = QLabel(dock.windowTitle(), self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        font = QFont(self._label.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._label.setFont(font)
        close = QToolButton(self)
        close.setText("✕")
        close.setAutoRaise(True)
        close.setToolTip("Hide this panel; the menu Window shows it again.")
        close.setAccessibleName(f"Hide {dock.windowTitle()}")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 4, 1)
        row.addWidget(self._label, 1)
        row.addWidget(close)
        dock.windowTitleChanged.connect(self._label.setText)
