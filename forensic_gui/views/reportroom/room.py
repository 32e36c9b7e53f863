"""The report in one window: read, kept, previewed, written, issued, reviewed; and views pinned on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.reports.people import same_person
from forensic_gui.domain.reports.plan import PinnedView
from forensic_gui.domain.reports.revision import Outcome as Verdict
from forensic_gui.services.case import CaseSession
from forensic_gui.views.casework.controller import CaseController
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.lanes import Lanes
from forensic_gui.views.reporting import Reporter
from forensic_gui.views.reportroom.door import PreviewRequest, ReportDoor, ReportState, SigningChoice, TemplateFacts
from forensic_gui.views.reportroom.drafting import DraftKeeper, Keeping
from forensic_gui.views.reportroom.export_dialog import ExportReportDialog
from forensic_gui.views.reportroom.issue_dialog import IssueDialog
from forensic_gui.views.reportroom.jobs import ReportJobs
from forensic_gui.views.reportroom.leaving import leaving_question
from forensic_gui.views.reportroom.previewing import PreviewMaker
from forensic_gui.views.reportroom.window import ReportWindow
from forensic_gui.widgets.question import Question
from forensic_gui.workers.lane import Done, Failed, Outcome

_CATCH_UP_MS = 300


@dataclass(frozen=True, slots=True)
class AskPlaces:
    """Asks the user for places; None means never mind.

    Attributes:
        folder: a template folder.
        report: where a report is written, given a proposal.
        key: a PKCS#12 file.
        to_save: in which folder a report is proposed.
        saved: told where one was written.
    """

    folder: Callable[[], Path | None]
    report: Callable[[Path], Path | None]
    key: Callable[[], Path | None]
    to_save: Callable[[], Path]
    saved: Callable[[Path], None]


class ReportRoom(QObject):
    """Holds the window, and does what it asks for. The case comes and goes; the window follows."""

    changed = Signal()
    """What commands can be run may have changed."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self, case: CaseController, *, door: ReportDoor, lanes: Lanes, report: Reporter, parent: QObject
    ) -> None:
        """Hold no window yet.

        Args:
            case: the open case.
            door: the use cases.
            lanes: where the work is done.
            report: tells in the main window what is not told in this one.
            parent: Qt's.
        """
        super().__init__(parent)
        self._case, self._door, self._lanes, self._report = case, door, lanes, report
        self.keeper = DraftKeeper(lanes.drafting, door, self)
        self.maker = PreviewMaker(
            making=lanes.previewing, drawing=lanes.paging, open_previewer=door.open_previewer, parent=self
        )
        self.jobs = ReportJobs(lanes.reporting, door, self)
        self.window: ReportWindow | None = None
        self._ask: AskPlaces | None = None
        self._session: CaseSession | None = None
        self._state: ReportState | None = None
        self._templates: Path | None = None
        self._waiting: list[Callable[[], None]] = []
        self._waiting_for_draft: list[Callable[[], None]] = []
        self._catching_up = QTimer(self)
        self._catching_up.setSingleShot(True)
        self._catching_up.setInterval(_CATCH_UP_MS)
        self._catching_up.timeout.connect(self.read)
        case.case_changed.connect(self._follow_case)
        case.ask_before_leaving(self._leaving_question, stop=self.jobs.stop)
        case.item_changed.connect(lambda _: self._on_items_changed())
        self.keeper.edited.connect(self._look)
        self.keeper.opened.connect(self._look)
        self.keeper.keeping_changed.connect(self._on_keeping)
        self.keeper.lost.connect(lambda error: report.fail(error, subject="The report's last changes were not kept"))
        self.jobs.changed.connect(lambda _: self.changed.emit())
        # Reviews are printed beside the record: the same revision looks different then.
        self.jobs.case_changed.connect(self.maker.outdate)
        self.jobs.case_changed.connect(self.read)
        self.jobs.failed.connect(lambda error: report.record(error, subject="Report"))
        self.jobs.troubled.connect(lambda name, why: report.record(ForensicError(why), subject=name))
        for part in (self.keeper, self.maker, self.jobs):
            part.broke.connect(self.broke)

    @property
    def templates(self) -> str:
        """The user's template folder; "" for the program's own template."""
        return "" if self._templates is None else str(self._templates)

    @templates.setter
    def templates(self, folder: str) -> None:
        self._templates = Path(folder) if folder else None

    @property
    def is_busy(self) -> bool:
        """Whether there is something to stop."""
        return self.jobs.is_running

    def stop(self) -> None:
        """Stop what goes on."""
        self.jobs.stop()

    def show(self, *, ask: AskPlaces, reviews: bool = False) -> None:
        """Open the window, or bring it to the front."""
        if not self._case.is_open:
            return
        self._ask = ask
        if self.window is None:
            self.window = self._make_window()
            self._follow_case()
            self._look_at_template()
        self.read()
        self.window.show_mode(reviews=reviews)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def pin(self, view: PinnedView, *, told: str) -> None:
        """Add a view to the report, and say so with a way back.

        Args:
            view: which part of which item.
            told: which it is, in words.
        """

        def add() -> None:
            keeper = self.keeper
            if not keeper.is_editable:
                return
            keeper.set_plan(replace(keeper.plan, pinned=(*keeper.plan.pinned, view)))
            keeper.keep()
            self._report.note_and_offer(
                f"Pinned to the report: {told}.", action="Undo", answer=lambda: self._unpin(view)
            )

        self._when_read(add)

    def read(self) -> None:
        """Read anew what the case knows of its report."""
        session = self._case.session
        if session is None:
            return
        is_writable = self._case.is_writable

        def receive(outcome: Outcome[ReportState]) -> None:
            if session is not self._case.session:
                return
            match outcome:
                case Done(value=state):
                    self._take(session, state, is_writable=is_writable)
                case Failed(error=ForensicError() as error):
                    self._refuse(error)
                case Failed(error=error):
                    self.broke.emit(error)

        self._lanes.drafting.submit(lambda _: self._door.read(session), receive=receive, key="read report")

    def close(self) -> None:
        """Take the window away, before the lanes end."""
        self._catching_up.stop()
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None

    def _make_window(self) -> ReportWindow:
        ask = self._ask
        assert ask is not None
        window = ReportWindow(keeper=self.keeper, maker=self.maker, jobs=self.jobs, ask_folder=ask.folder)
        window.form.set_folder(self._templates)
        window.shown_changed.connect(self.maker.watch)
        window.looked_at.connect(self._look)
        window.issue_asked.connect(self._ask_to_issue)
        window.export_asked.connect(self._ask_to_export)
        window.templates_asked.connect(self._use_templates)
        window.review_asked.connect(self._review)
        self.jobs.reviewed.connect(window.review.forget)
        return window

    def _leaving_question(self) -> Question | None:
        """Before a case is closed, or the program ended: what goes on, and what a reviewer has written."""
        job = self.jobs.state.text if self.jobs.is_running else ""
        has_review = self.window is not None and self.window.review.has_words
        return leaving_question(job, has_review=has_review)

    def _follow_case(self) -> None:
        session = self._case.session
        if session is not self._session:
            self._session = session
            self._state = None
            self._waiting.clear()
            self._waiting_for_draft.clear()
            self._catching_up.stop()
            self.maker.leave()
            self.keeper.leave()
            self.jobs.forget()
            if self.window is not None:
                self.window.review.forget()
            if session is not None:
                self.maker.enter(session)
        if self.window is None:
            return
        if session is None:
            self.window.close()
            return
        self.window.show_case(self._case.name, read_only=self._case.read_only)
        if self.window.isVisible():
            self.read()

    def _take(self, session: CaseSession, state: ReportState, *, is_writable: bool) -> None:
        self._state = state
        if self.window is not None:
            self.window.show_state(state)
            self.window.review.set_reviewer(self._reviewer_of(session, state))
        self.keeper.take(session, state.draft, is_writable=is_writable)
        self._look()
        waiting, self._waiting = self._waiting, []
        for do in waiting:
            do()

    def _reviewer_of(self, session: CaseSession, state: ReportState) -> str:
        """Who sits here, unless they are an author of what is to be reviewed."""
        authors = state.revisions[-1].issue.authors if state.revisions else (session.author,)
        return "" if any(same_person(author, session.author) for author in authors) else session.author

    def _refuse(self, error: ForensicError) -> None:
        self._waiting.clear()
        if self.window is not None and self.window.isVisible():
            self.window.notice.tell(sentence(error))
        self._report.fail(error, subject="Report")

    def _when_read(self, do: Callable[[], None]) -> None:
        if self.keeper.keeping is Keeping.ABSENT:
            self._waiting.append(do)
            self.read()
        else:
            do()

    def _when_kept(self, do: Callable[[], None]) -> None:
        """What is issued and written is what stands in the fields; where that cannot be kept nothing is done."""
        self.keeper.keep()
        if self.keeper.is_unkept:
            self._waiting_for_draft.append(do)
        elif self.keeper.keeping is Keeping.KEPT:
            do()

    def _on_keeping(self) -> None:
        if self.keeper.is_unkept:
            return
        self._look()
        waiting, self._waiting_for_draft = self._waiting_for_draft, []
        for do in waiting if self.keeper.keeping is Keeping.KEPT else ():
            do()

    def _unpin(self, view: PinnedView) -> None:
        keeper = self.keeper
        pinned = list(keeper.plan.pinned)
        if view in pinned:
            # The last one: the same view may have been pinned before.
            del pinned[len(pinned) - 1 - pinned[::-1].index(view)]
            keeper.set_plan(replace(keeper.plan, pinned=tuple(pinned)))
            keeper.keep()
            self._report.note("The view was taken out of the report again.")

    def _on_items_changed(self) -> None:
        self.maker.outdate()
        if self.window is not None and self.window.isVisible():
            self._catching_up.start()

    def _look(self) -> None:
        """Let the preview follow."""
        if self.window is None or self._state is None:
            return
        keeper = self.keeper
        request = PreviewRequest(
            keeper.opinion,
            keeper.plan,
            self.window.revision,
            self._templates,
            kept=keeper.revision,
            whole_up_to=self.window.whole_up_to,
        )
        self.maker.ask(request, at_once=keeper.keeping is Keeping.KEPT)

    def _use_templates(self, folder: Path | None) -> None:
        self._templates = folder
        self._look_at_template()
        self._look()

    def _look_at_template(self) -> None:
        folder = self._templates

        def receive(outcome: Outcome[TemplateFacts]) -> None:
            match outcome:
                case Done(value=template) if self.window is not None:
                    self.window.show_template(template)
                case Failed(error=ForensicError() as error) if self.window is not None:
                    self.window.show_template(TemplateFacts(problem=sentence(error)))
                case Failed(error=error):
                    self.broke.emit(error)

        self._lanes.previewing.submit(lambda _: self._door.template(folder), receive=receive, key="template")

    def _ask_to_issue(self) -> None:
        session, window, state = self._session, self.window, self._state
        if session is None or window is None or state is None:
            return
        self.keeper.keep()
        dialog = IssueDialog(self.keeper.opinion, state.revisions, author=session.author, parent=window)
        dialog.fill_asked.connect(window.go_to_field)
        dialog.asked.connect(lambda reason: self._when_kept(lambda: self.jobs.issue(session, reason=reason)))
        dialog.open()

    def _ask_to_export(self) -> None:
        session, window, state, ask = self._session, self.window, self._state, self._ask
        if session is None or window is None or state is None or ask is None or self.jobs.is_running:
            return
        self.keeper.keep()
        dialog = ExportReportDialog(
            folder=ask.to_save(),
            case=self._case.name,
            revisions=state.revisions,
            seen=window.revision,
            templates=self._templates,
            ask_place=ask.report,
            ask_key=ask.key,
            try_key=self._try_key,
            parent=window,
        )
        dialog.asked.connect(lambda choice: self._when_kept(lambda: self.jobs.export(session, choice)))
        dialog.asked.connect(lambda choice: ask.saved(choice.request.output.parent))
        dialog.open()

    def _try_key(self, choice: SigningChoice, tell: Callable[[str], None]) -> None:
        def receive(outcome: Outcome[None]) -> None:
            match outcome:
                case Failed(error=ForensicError() as error):
                    tell(sentence(error))
                case Failed(error=error):
                    tell("A defect of this program keeps the key from being opened.")
                    self.broke.emit(error)
                case Done():
                    tell("")

        self._lanes.reporting.submit(lambda _: self._door.try_key(choice), receive=receive, key="key")

    def _review(self, revision: int, reviewer: str, verdict: Verdict, note: str) -> None:
        session = self._session
        if session is not None:
            self.jobs.review(session, revision, reviewer=reviewer, verdict=verdict, note=note)
