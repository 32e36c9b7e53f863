"""The window of the report: fields on the left, what comes of them on the right. Closing it hides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from forensic_gui.domain.reports.revision import IssuedRevision
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.door import PREVIEW_ITEMS, REVIEW_ITEMS, ReportState, TemplateFacts
from forensic_gui.views.reportroom.drafting import DraftKeeper, Keeping
from forensic_gui.views.reportroom.form_page import FormPage
from forensic_gui.views.reportroom.header import ReportHeader
from forensic_gui.views.reportroom.items_page import ItemsPage
from forensic_gui.views.reportroom.job_bar import JobBar
from forensic_gui.views.reportroom.jobs import JobState, ReportJobs
from forensic_gui.views.reportroom.notice import NoticeStrip
from forensic_gui.views.reportroom.preview_panel import PreviewPanel
from forensic_gui.views.reportroom.previewing import PreviewMaker
from forensic_gui.views.reportroom.review_page import ReviewPage
from forensic_gui.views.reportroom.text_page import TextPage
from forensic_gui.views.reportroom.views_page import ViewsPage

_FIRST_SIZE = (1240, 860)
_SMALLEST_SIZE = (960, 560)
_LEFT_WIDTH_PX = 490
_KEEPING = {
    Keeping.ABSENT: "",
    Keeping.KEPT: "Kept in the case",
    Keeping.EDITED: "Not kept yet…",
    Keeping.WRITING: "Keeping…",
    Keeping.REFUSED: "Not kept",
    Keeping.CONTESTED: "Not kept",
}
assert set(_KEEPING) == set(Keeping)


class ReportWindow(QWidget):
    """Shows the keeper's draft and the maker's preview; tells what the user wants done."""

    shown_changed = Signal(bool)
    """Whether the window is seen."""
    issue_asked = Signal()
    export_asked = Signal()
    templates_asked = Signal(object)
    """Path of a template folder, or None."""
    review_asked = Signal(int, str, object, str)
    """Revision, reviewer, Outcome, note."""
    looked_at = Signal()
    """Something else is to be previewed."""

    def __init__(
        self,
        *,
        keeper: DraftKeeper,
        maker: PreviewMaker,
        jobs: ReportJobs,
        ask_folder: Callable[[], Path | None],
    ) -> None:
        # No parent: the main window, in which views are pinned, must be able to come before it.
        super().__init__(None, Qt.WindowType.Window)
        self._keeper, self._jobs = keeper, jobs
        self._state: ReportState | None = None
        self._names: dict[int, str] = {}
        self._read_only = ""
        self._reviews = self._shows_all = False
        self.setObjectName("report_window")
        self.setWindowTitle("Report")
        self.header = ReportHeader(self)
        self.notice = NoticeStrip(self)
        self.text = TextPage(self)
        self.items = ItemsPage(self)
        self.views = ViewsPage(self)
        self.form = FormPage(ask_folder=ask_folder, parent=self)
        self.review = ReviewPage(self)
        self.preview = PreviewPanel(maker, self)
        self.job_bar = JobBar(self)
        self.tabs = QTabWidget(self)
        self._left = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self._size_first()

    @property
    def reviews(self) -> bool:
        """Whether a revision is reviewed, rather than the draft written."""
        return self._reviews

    @property
    def revision(self) -> int | None:
        """Number of the revision that is to be seen; None for the draft, where that says something else."""
        if self._reviews:
            return self.review.revision
        is_as_issued = self._state is not None and self._state.is_as_issued and self._keeper.is_untouched
        return self._state.revisions[-1].issue.number if is_as_issued and self._state is not None else None

    @property
    def whole_up_to(self) -> int | None:
        """A report of at most so many items is to be seen whole; None for one of any number."""
        if self._shows_all:
            return None
        return REVIEW_ITEMS if self._reviews else PREVIEW_ITEMS

    def show_case(self, name: str, *, read_only: str) -> None:
        """Show of which case the report is.

        Args:
            name: of the case.
            read_only: why nothing can be changed, a sentence; "" where it can.
        """
        self._read_only = read_only
        self.setWindowTitle(f"Report — {shown_plainly(name)}")
        self.header.show_case(name)
        self.review.set_read_only(read_only)
        self._follow()

    def show_state(self, state: ReportState) -> None:
        """Show what the case knows of its report."""
        self._state = state
        self._names = {item.id: item.name for item in state.items}
        self.review.show_revisions(state.revisions)
        self._show_plan()
        self._follow()

    def show_template(self, template: TemplateFacts) -> None:
        """Show what the template offers."""
        self.form.set_template(template)

    def show_mode(self, *, reviews: bool) -> None:
        """Write the draft, or review a revision."""
        self._reviews, self._shows_all = reviews, False
        self.header.show_mode(reviews=reviews)
        self._left.setCurrentWidget(self.review if reviews else self.tabs)
        self._follow()
        self.looked_at.emit()

    def go_to_field(self, name: str) -> None:
        """Go to a field of the text."""
        self.show_mode(reviews=False)
        self.tabs.setCurrentWidget(self.text)
        self.text.focus_field(name)

    def show_views(self) -> None:
        """Bring the pinned views to the front."""
        self.show_mode(reviews=False)
        self.tabs.setCurrentWidget(self.views)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Previews are made while the window is seen."""
        super().showEvent(event)
        self.shown_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """No previews are made for nobody."""
        super().hideEvent(event)
        self.shown_changed.emit(False)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Go out of sight; a job goes on."""
        self._keeper.keep()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self.tabs.setObjectName("report_tabs")
        self.tabs.setDocumentMode(True)
        for page, name in (
            (self.text, "&Text"),
            (self.items, "&Items"),
            (self.views, "&Views"),
            (self.form, "&Form"),
        ):
            self.tabs.addTab(page, name)
        self._left.addWidget(self.tabs)
        self._left.addWidget(self.review)
        self._left.setMinimumWidth(400)
        self.preview.setMinimumWidth(500)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setObjectName("report_split")
        split.setChildrenCollapsible(False)
        split.addWidget(self._left)
        split.addWidget(self.preview)
        split.setStretchFactor(1, 1)
        split.setSizes([_LEFT_WIDTH_PX, _FIRST_SIZE[0] - _LEFT_WIDTH_PX])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.header, self.notice):
            column.addWidget(widget)
        column.addWidget(split, 1)
        column.addWidget(self.job_bar)

    def _connect(self) -> None:
        keeper = self._keeper
        keeper.opened.connect(self._show_draft)
        keeper.keeping_changed.connect(self._follow)
        keeper.keeping_changed.connect(self._part_undo)
        self.text.edited.connect(keeper.set_opinion)
        self.items.chosen.connect(lambda ids: keeper.set_plan(replace(keeper.plan, item_ids=ids)))
        self.views.edited.connect(lambda views: keeper.set_plan(replace(keeper.plan, pinned=views)))
        self.form.edited.connect(
            lambda plan: keeper.set_plan(replace(keeper.plan, parts=plan.parts, language=plan.language))
        )
        keeper.edited.connect(self._show_plan)
        keeper.edited.connect(self._follow)
        keeper.edited.connect(lambda: self._show_all(on=False))
        self.form.templates_asked.connect(self.templates_asked)
        self.header.review_asked.connect(lambda reviews: self.show_mode(reviews=reviews))
        self.header.issue_asked.connect(self.issue_asked)
        self.header.export_asked.connect(self.export_asked)
        self.review.revision_chosen.connect(lambda _: self._show_all(on=False))
        self.preview.whole_asked.connect(lambda: self._show_all(on=True))
        self.review.asked.connect(self.review_asked)
        self._jobs.changed.connect(self._on_job)
        self.job_bar.stop_asked.connect(self._jobs.stop)
        self.job_bar.dismissed.connect(self._jobs.forget)
        for keys, do in (("Ctrl+W", self.close), ("Ctrl+E", self.export_asked.emit)):
            QShortcut(QKeySequence(keys), self).activated.connect(do)

    def _size_first(self) -> None:
        screen = QGuiApplication.primaryScreen().availableSize()
        self.setMinimumSize(*_SMALLEST_SIZE)
        self.resize(min(_FIRST_SIZE[0], screen.width()), min(_FIRST_SIZE[1], screen.height() - 40))

    def _part_undo(self) -> None:
        if self._keeper.keeping is Keeping.KEPT:
            self.text.part_undo()

    def _show_all(self, *, on: bool) -> None:
        self._shows_all = on
        self.looked_at.emit()

    def _show_draft(self) -> None:
        self.text.show_opinion(self._keeper.opinion)
        self._show_plan()
        self._follow()
        self.looked_at.emit()

    def _show_plan(self) -> None:
        plan = self._keeper.plan
        state = self._state
        if state is not None:
            self.items.show_items(state.items, plan.item_ids)
        self.views.show_views(plan.pinned, self._names)
        self.form.show_plan(plan)
        count = len(plan.pinned)
        self.tabs.setTabText(self.tabs.indexOf(self.views), f"&Views ({count})" if count else "&Views")

    def _on_job(self, state: JobState) -> None:
        self.job_bar.show_state(state)
        self._follow()

    def _follow(self) -> None:
        keeper, state = self._keeper, self._state
        is_editable = keeper.is_editable and not self._read_only
        for page in (self.text, self.items, self.views, self.form):
            page.set_editable(is_editable)
        revisions = () if state is None else state.revisions
        self.header.show_standing(*self._standing(revisions))
        busy = "Wait until what goes on has ended." if self._jobs.is_running else ""
        absent = "The report is still being read." if state is None else ""
        self.header.allow(issue=self._read_only or busy or absent, export=busy or absent)
        self._tell()

    def _standing(self, revisions: tuple[IssuedRevision, ...]) -> tuple[str, ...]:
        """How the report stands, the most important first."""
        issued = words.standing_words(revisions)
        if self._reviews:
            return (issued or "Nothing was issued yet",)
        if self.revision is not None:
            return (issued, "Nothing was changed since")
        kept = "" if self._read_only else _KEEPING[self._keeper.keeping]
        return (f"Draft after revision {len(revisions)}" if revisions else "Draft", kept, issued)

    def _tell(self) -> None:
        keeper = self._keeper
        if self._read_only:
            self.notice.tell(f"{self._read_only} The report can be read and exported, and not changed.")
        elif keeper.keeping is Keeping.CONTESTED:
            self.notice.tell(
                f"{keeper.trouble} The draft in the case is another one than this window's.",
                (
                    ("report_take_theirs", "Show the Case's", keeper.give_in),
                    ("report_keep_mine", "Keep This One", keeper.insist),
                ),
            )
        elif keeper.keeping is Keeping.REFUSED:
            self.notice.tell(
                f"{keeper.trouble} What you wrote is in this window only.",
                (("report_try_again", "Try Again", keeper.keep),),
            )
        else:
            self.notice.tell("")
