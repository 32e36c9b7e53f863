"""A second person's look at an issued revision: checks of their own, a verdict, a note."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.reports.people import same_name, same_person
from forensic_gui.domain.reports.revision import IssuedRevision, Outcome
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.checks_field import ChecksField
from forensic_gui.views.reportroom.text_fields import GrowingText
from forensic_gui.views.theme import failure_colour

NOTHING_ISSUED = "Nothing was issued yet. A draft is not reviewed: issue a revision first."


def _refusal(reviewer: str, author: str) -> str:
    """Why an author does not review, and what somebody of a like name does."""
    if same_name(reviewer, author):
        return f"{shown_plainly(reviewer)} is one of its authors: somebody else has to review it."
    return (
        f"«{shown_plainly(reviewer)}» was taken for {shown_plainly(author)}, one of its authors: somebody else has to "
        "review it. Whoever is somebody else writes the full name."
    )


class ReviewPage(QWidget):
    """Shows revisions and their reviews; takes a review of the newest one."""

    revision_chosen = Signal(object)
    """Number of the revision that is looked at, or None."""
    asked = Signal(int, str, object, str)
    """Revision, reviewer, Outcome, note: to be recorded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._revisions: tuple[IssuedRevision, ...] = ()
        self._why_not = self._proposed = self._moved_on = ""
        self._which = QComboBox(self)
        self._which.setObjectName("review_revision")
        self._which.setAccessibleName("Revision")
        self._which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._reviewer = QLineEdit(self)
        self._reviewer.setObjectName("review_reviewer")
        self._reviewer.setAccessibleName("Your name")
        self._reviewer.setPlaceholderText("your name; not one of the authors")
        self._checks = ChecksField(self)
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
        """Show what was issued and said of it; the newest is looked at.

        What somebody had begun to say of the newest before stays, as that, and is no verdict on this one.
        """
        if revisions == self._revisions:
            return
        if self._revisions and len(revisions) > len(self._revisions):
            self._move_on(self._revisions[-1].issue.number, revisions[-1].issue.number)
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

    @property
    def has_words(self) -> bool:
        """Whether a note or checks are written that were not recorded."""
        return bool(self._note.toPlainText().strip()) or self._checks.has_words

    def set_reviewer(self, name: str) -> None:
        """Propose who reviews, unless somebody wrote something else there."""
        if self._reviewer.text().strip() in ("", self._proposed):
            self._reviewer.setText(name)
        self._proposed = name

    def set_read_only(self, why: str) -> None:
        """Take no review, and say why; "" takes them."""
        self._why_not = why
        self._follow()

    def forget(self) -> None:
        """Begin anew: the review was recorded, or another case is open."""
        self._reviewer.clear()
        self._checks.forget()
        self._note.clear()
        self._moved_on = ""
        self._clear_verdict()
        self._follow()

    def _move_on(self, before: int, now: int) -> None:
        """Another revision is to be reviewed; what was said of the one before was not said of this one."""
        if not self.has_words and self._verdicts.checkedButton() is None:
            return
        self._clear_verdict()
        self._checks.untick()
        if self.has_words:
            self._note.setPlainText(f"Written for revision {before}:\n{self._note.toPlainText()}".rstrip())
        self._moved_on = (
            f"Revision {now} was issued meanwhile. What you had begun was for revision {before}: look at revision "
            f"{now}, and say anew whether you approve it or return it."
        )

    def _clear_verdict(self) -> None:
        self._verdicts.setExclusive(False)
        for verdict in (self._approve, self._return):
            verdict.setChecked(False)
        self._verdicts.setExclusive(True)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_history"):
            self._colour()

    def _connect(self) -> None:
        self._which.currentIndexChanged.connect(lambda _: self.revision_chosen.emit(self.revision))
        self._which.currentIndexChanged.connect(lambda _: self._follow())
        self._reviewer.textChanged.connect(lambda _: self._follow())
        self._note.textChanged.connect(self._follow)
        self._verdicts.buttonToggled.connect(lambda _button, _on: self._follow())
        self._record.clicked.connect(lambda _=False: self._ask())

    def _lay_out(self) -> None:
        inner = QWidget(self)
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(14, 6, 14, 14)
        rows.setSpacing(4)
        self._labelled(rows, "Revision", self._which)
        self._labelled(rows, "Reviewer", self._reviewer)
        self._labelled(rows, "Your checks, which go into the note", self._checks)
        rows.addSpacing(10)
        rows.addLayout(_in_a_row(self._approve, self._return))
        self._labelled(rows, "Note", self._note)
        rows.addSpacing(6)
        rows.addWidget(self._said)
        rows.addWidget(self._record, 0, Qt.AlignmentFlag.AlignRight)
        rows.addSpacing(10)
        rows.addWidget(_bold("History", inner))
        rows.addWidget(self._history)
        rows.addStretch(1)
        empty = words_label(NOTHING_ISSUED, self, name="review_empty")
        empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        empty.setContentsMargins(14, 14, 14, 14)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(_scrolled(inner, self))
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self._stack)

    def _labelled(self, rows: QVBoxLayout, text: str, field: QWidget) -> None:
        label = QLabel(text, self)
        label.setBuddy(field)
        rows.addSpacing(6)
        rows.addWidget(label)
        rows.addWidget(field)

    def _follow(self) -> None:
        self._stack.setCurrentIndex(1 if self._revisions else 0)
        self._said.setText(self._problem)
        self._colour()
        takes = not self._why_not and self._is_newest
        for field in (self._reviewer, self._checks, self._approve, self._return, self._note):
            field.setEnabled(takes)
        self._record.setEnabled(takes and not self._problem)

    def _colour(self) -> None:
        palette = QPalette(self.palette())
        if self._author:
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
    def _author(self) -> str:
        """Which of the authors the reviewer's name is taken for; "" for none."""
        looked_at, reviewer = self._looked_at, self._reviewer.text().strip()
        if looked_at is None or not reviewer:
            return ""
        return next((author for author in looked_at.issue.authors if same_person(author, reviewer)), "")

    @property
    def _problem(self) -> str:
        """Why no review can be recorded so, a sentence; "" where one can."""
        looked_at, reviewer = self._looked_at, self._reviewer.text().strip()
        told = {
            self._why_not: bool(self._why_not),
            NOTHING_ISSUED: looked_at is None,
            f"Revision {self.revision} was superseded; the newest one is reviewed.": not self._is_newest,
            "Say who you are.": not reviewer,
            _refusal(reviewer, self._author): bool(self._author),
            self._moved_on or "Approve it or return it.": self._verdicts.checkedButton() is None,
            "Say in a note why it is returned.": self._return.isChecked() and not self._note.toPlainText().strip(),
        }
        return next((sentence for sentence, holds in told.items() if holds), "")

    def _ask(self) -> None:
        number = self.revision
        assert number is not None
        verdict = Outcome.APPROVED if self._approve.isChecked() else Outcome.RETURNED
        note = "\n".join(each for each in (self._note.toPlainText().strip(), *self._checks.lines) if each)
        self.asked.emit(number, self._reviewer.text().strip(), verdict, note)


def _in_a_row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(18)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _bold(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _scrolled(inner: QWidget, parent: QWidget) -> QScrollArea:
    area = QScrollArea(parent)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setWidget(inner)
    return area
