"""Asks before a revision is issued: it is never changed again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.revision import IssuedRevision
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.text_fields import GrowingText


class IssueDialog(QDialog):
    """Says what is missing, or what issuing means; asks for the reason where a revision is superseded."""

    asked = Signal(str)
    """The reason; "" for the first revision."""
    fill_asked = Signal(str)
    """Name of the first field that is missing."""

    def __init__(
        self, opinion: Opinion, revisions: tuple[IssuedRevision, ...], *, author: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Issue Revision")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self._missing = opinion.missing
        self._supersedes = revisions[-1].issue.number if revisions else None
        self._reason = GrowingText(3, self)
        self._reason.setObjectName("report_issue_reason")
        self._reason.setAccessibleName("Reason")
        self._reason.setPlaceholderText("What changed since, in your words")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        wanted = "Go to What Is Missing" if self._missing else f"Issue Revision {len(revisions) + 1}"
        self._do = self._buttons.addButton(wanted, QDialogButtonBox.ButtonRole.AcceptRole)
        self._do.setObjectName("report_issue_now")
        self._lay_out(self._sentences(len(revisions) + 1, author))
        self._reason.textChanged.connect(self._follow)
        self._buttons.accepted.connect(self._ask)
        self._buttons.rejected.connect(self.reject)
        self._follow()

    def _sentences(self, number: int, author: str) -> str:
        if self._missing:
            return f"{words.missing_words(self._missing)} Until it is written, every page says DRAFT."
        return (
            f"Revision {number} is issued in the name {shown_plainly(author)}. All originals of the report are "
            "verified first. What it says is sealed in the case and never changed; a later revision may supersede it. "
            "Somebody else can then review it."
        )

    def _lay_out(self, said: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        sentences = words_label("", self)
        sentences.setObjectName("report_issue_said")
        sentences.setText(said)
        column.addWidget(sentences)
        asks = self._supersedes is not None and not self._missing
        if asks:
            label = QLabel(f"Why is revision {self._supersedes} superseded?", self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(self._reason)
            column.addWidget(label)
            column.addWidget(self._reason)
        self._reason.setVisible(asks)
        column.addStretch(1)
        column.addWidget(self._buttons)

    def _follow(self) -> None:
        needs = self._supersedes is not None and not self._missing
        self._do.setEnabled(not needs or bool(self._reason.toPlainText().strip()))

    def _ask(self) -> None:
        self.accept()
        if self._missing:
            self.fill_asked.emit(self._missing[0])
        else:
            self.asked.emit(self._reason.toPlainText().strip())
