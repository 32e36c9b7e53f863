"""The head of the window: which report, how it stands, and what is done with all of it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.theme import quiet_colour
from forensic_gui.widgets.elided import SEPARATOR, ElidedLabel


class ReportHeader(QWidget):
    """Tells what it is told; asks for the rest."""

    review_asked = Signal(bool)
    """Whether a revision is to be reviewed, rather than the draft written."""
    export_asked = Signal()
    issue_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel(self)
        self._name.setObjectName("report_case")
        font = self._name.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self._name.setFont(font)
        self._standing = ElidedLabel(self)
        self._standing.setObjectName("report_standing")
        self._write = self._mode("report_mode_write", "Write", False)
        self._review = self._mode("report_mode_review", "Review", True)
        modes = QButtonGroup(self)
        for mode in (self._write, self._review):
            modes.addButton(mode)
        self._write.setChecked(True)
        self._issue = self._button("report_issue", "Issue Revision…")
        self._issue.clicked.connect(lambda _=False: self.issue_asked.emit())
        self._export = self._button("report_export", "Export…")
        self._export.clicked.connect(lambda _=False: self.export_asked.emit())
        titles = QVBoxLayout()
        titles.setSpacing(1)
        titles.addWidget(self._name)
        titles.addWidget(self._standing)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        row.addLayout(titles, 1)
        row.addWidget(self._write)
        row.addWidget(self._review)
        row.addSpacing(12)
        row.addWidget(self._issue)
        row.addWidget(self._export)
        self._colour()

    def show_case(self, name: str) -> None:
        """Say of which case the report is."""
        _say(self._name, shown_plainly(name))

    def show_standing(self, *parts: str) -> None:
        """Say how the report stands, the most important first."""
        _say(self._standing, SEPARATOR.join(each for each in parts if each))

    def show_mode(self, *, reviews: bool) -> None:
        """Show what the window is used for."""
        (self._review if reviews else self._write).setChecked(True)

    def allow(self, *, issue: str, export: str) -> None:
        """Say why something cannot be done; "" where it can."""
        for button, why in ((self._issue, issue), (self._export, export)):
            button.setEnabled(not why)
            button.setToolTip(why)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_export"):
            self._colour()

    def _colour(self) -> None:
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, quiet_colour(palette))
        self._standing.setPalette(palette)

    def _mode(self, name: str, words: str, reviews: bool) -> QToolButton:
        mode = QToolButton(self)
        mode.setObjectName(name)
        mode.setText(words)
        mode.setCheckable(True)
        mode.setAutoRaise(True)
        mode.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        mode.clicked.connect(lambda _=False: self.review_asked.emit(reviews))
        return mode

    def _button(self, name: str, words: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        return button


def _say(label: ElidedLabel, text: str) -> None:
    """Show a text; Qt takes a tool tip for rich text when it looks like it, and a case may be called <img src=…>."""
    label.tell(text)
    label.setToolTip(f"<p>{escape(text)}</p>")
