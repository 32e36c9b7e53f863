"""A second person's look at an issued revision: checks of their own, a verdict, a note."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.reports.revision import IssuedRevision, Outcome, same_person
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.text_page import GrowingText
from forensic_gui.views.theme import failure_colour

NOTHING_ISSUED = "Nothing was issued yet. A draft is not reviewed: issue a revision first."
_CHECK_HINT = "Write what you check and press Enter"


class ReviewPage(QWidget):
    """Shows revisions and their reviews; takes a review of the newest one."""

    revision_chosen = Signal(object)
    """Number of the revision that is looked at, or None."""
    asked = Signal(int, str, object, str)
    """Revision, reviewer, Outcome, note: to be recorded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._revisions: tuple[IssuedRevision, ...] = ()
        self._why_not = ""
        self._which = QComboBox(self)
        self._which.setObjectName("review_revision")
        self._which.setAccessibleName("Revision")
        self._which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._reviewer = QLineEdit(self)
        self._reviewer.setObjectName("review_reviewer")
        self._reviewer.setAccessibleName("Your name")
        self._reviewer.setPlaceholderText("your name; not one of the authors")
        self._check = QLineEdit(self)
        self._check.setObjectName("review_check")
        self._check.setAccessibleName("A new check")
        self._check.setPlaceholderText(_CHECK_HINT)
        self._checks = QListWidget(self)
        self._checks.setObjectName("review_checks")
        self._checks.setAccessibleName("Your checks")
        self._checks.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._checks.setWordWrap(True)
        self._approve = QRadioButton("Approve", self)
        self._approve.setObjectName("review_approve")
        self._return = QRadioButton("Return to the author", self)
        self._return.setObjectName("review_return")
        self._verdicts = QButtonGroup(self)
        for verdict in (self._approve, self._return):
            self._verdicts.addButton(verdict)
        self._note = GrowingText(3, self)
        self._note.setObjectName("review_note")
        self._note.setAccessibleName("Note")
        self._said = words_label("", self)
        self._said.setObjectName("review_said")
        self._record = QPushButton("Record Review", self)
        self._record.setObjectName("review_record")
        self._record.setAutoDefault(False)
        self._history = words_label("", self)
        self._history.setObjectName("review_history")
        self._history.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self._connect()
        self._follow()

    def show_revisions(self, revisions: tuple[IssuedRevision, ...]) -> None:
        """Show what was issued and said of it; the newest is looked at."""
        if revisions == self._revisions:
            return
        is_newer = len(revisions) != len(self._revisions)
        chosen = self._which.currentData()
        self._revisions = revisions
        with QSignalBlocker(self._which):
            self._which.clear()
            for each in reversed(revisions):
                self._which.addItem(words.revision_words(each), each.issue.number)
            self._which.setCurrentIndex(0 if is_newer else max(0, self._which.findData(chosen)))
        lines = [f"{head}\n{told}" if told else head for head, told in words.history_lines(revisions)]
        self._history.setText("\n\n".join(lines) or NOTHING_ISSUED)
        self._follow()
        self.revision_chosen.emit(self.revision)

    @property
    def revision(self) -> int | None:
        """Number of the revision that is looked at; None where none was issued."""
        number = self._which.currentData()
        return number if isinstance(number, int) else None

    def set_reviewer(self, name: str) -> None:
        """Propose who reviews, unless somebody said so already."""
        if not self._reviewer.text().strip():
            self._reviewer.setText(name)

    def set_read_only(self, why: str) -> None:
        """Take no review, and say why; "" takes them."""
        self._why_not = why
        self._follow()

    def forget(self) -> None:
        """Begin anew: the review was recorded, or another case is open."""
        for field in (self._check, self._reviewer):
            field.clear()
        self._checks.clear()
        self._note.clear()
        self._verdicts.setExclusive(False)
        for verdict in (self._approve, self._return):
            verdict.setChecked(False)
        self._verdicts.setExclusive(True)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_history"):
            self._colour()

    def _connect(self) -> None:
        self._which.currentIndexChanged.connect(lambda _: self.revision_chosen.emit(self.revision))
        self._which.currentIndexChanged.connect(lambda _: self._follow())
        self._check.returnPressed.connect(self._add_check)
        self._reviewer.textChanged.connect(lambda _: self._follow())
        self._note.textChanged.connect(self._follow)
        self._verdicts.buttonToggled.connect(lambda _button, _on: self._follow())
        self._record.clicked.connect(lambda _=False: self._ask())

    def _lay_out(self) -> None:
        inner = QWidget(self)
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(14, 12, 14, 14)
        rows.setSpacing(4)
        self._labelled(rows, "Revision", self._which)
        self._labelled(rows, "Reviewer", self._reviewer)
        self._labelled(rows, "Your checks, which go into the note", self._check)
        rows.addWidget(self._checks)
        self._checks.setFixedHeight(5 * self.fontMetrics().lineSpacing() + 12)
        verdict = QHBoxLayout()
        verdict.setSpacing(18)
        verdict.addWidget(self._approve)
        verdict.addWidget(self._return)
        verdict.addStretch(1)
        rows.addSpacing(10)
        rows.addLayout(verdict)
        self._labelled(rows, "Note", self._note)
        rows.addSpacing(6)
        rows.addWidget(self._said)
        button = QHBoxLayout()
        button.addStretch(1)
        button.addWidget(self._record)
        rows.addLayout(button)
        heading = QLabel("History", inner)
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        rows.addSpacing(10)
        rows.addWidget(heading)
        rows.addWidget(self._history)
        rows.addStretch(1)
        area = QScrollArea(self)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(area)

    def _labelled(self, rows: QVBoxLayout, text: str, field: QWidget) -> None:
        label = QLabel(text, self)
        label.setBuddy(field)
        rows.addSpacing(6)
        rows.addWidget(label)
        rows.addWidget(field)

    def _add_check(self) -> None:
        text = self._check.text().strip()
        if not text:
            return
        row = QListWidgetItem(text)
        row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
        row.setCheckState(Qt.CheckState.Unchecked)
        self._checks.addItem(row)
        self._check.clear()

    def _follow(self) -> None:
        self._said.setText(self._problem)
        self._colour()
        takes = not self._why_not and self._is_newest
        for field in (self._reviewer, self._check, self._checks, self._approve, self._return, self._note):
            field.setEnabled(takes)
        self._record.setEnabled(takes and not self._problem)

    def _colour(self) -> None:
        palette = QPalette(self.palette())
        if self._is_author:
            palette.setColor(QPalette.ColorRole.WindowText, failure_colour(palette))
        else:
            palette.setColor(QPalette.ColorRole.WindowText, palette.color(QPalette.ColorRole.PlaceholderText))
        self._said.setPalette(palette)

    @property
    def _looked_at(self) -> IssuedRevision | None:
        return next((each for each in self._revisions if each.issue.number == self.revision), None)

    @property
    def _is_newest(self) -> bool:
        return bool(self._revisions) and self._looked_at is self._revisions[-1]

    @property
    def _is_author(self) -> bool:
        looked_at, reviewer = self._looked_at, self._reviewer.text().strip()
        if looked_at is None or not reviewer:
            return False
        return any(same_person(author, reviewer) for author in looked_at.issue.authors)

    @property
    def _problem(self) -> str:
        """Why no review can be recorded so, a sentence; "" where one can."""
        looked_at, reviewer = self._looked_at, self._reviewer.text().strip()
        told = {
            self._why_not: bool(self._why_not),
            NOTHING_ISSUED: looked_at is None,
            f"Revision {self.revision} was superseded; the newest one is reviewed.": not self._is_newest,
            "Say who you are.": not reviewer,
            f"{shown_plainly(reviewer)} is one of its authors: somebody else has to review it.": self._is_author,
            "Approve it or return it.": self._verdicts.checkedButton() is None,
            "Say in a note why it is returned.": self._return.isChecked() and not self._note.toPlainText().strip(),
        }
        return next((sentence for sentence, holds in told.items() if holds), "")

    def _ask(self) -> None:
        number = self.revision
        assert number is not None
        verdict = Outcome.APPROVED if self._approve.isChecked() else Outcome.RETURNED
        rows = [self._checks.item(row) for row in range(self._checks.count())]
        checks = [f"[{'x' if row.checkState() is Qt.CheckState.Checked else ' '}] {row.text()}" for row in rows]
        note = "\n".join(each for each in (self._note.toPlainText().strip(), *checks) if each)
        self.asked.emit(number, self._reviewer.text().strip(), verdict, note)
