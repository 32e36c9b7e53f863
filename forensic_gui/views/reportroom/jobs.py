"""Files written, revisions issued, reviews recorded: on a lane, followed, told when they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.reports.revision import Outcome as Verdict
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import ProgressEvent, ProgressSink
from forensic_gui.services.reporting.contract import WrittenReport
from forensic_gui.views.core.wording import sentence, shown_plainly
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.door import ExportChoice, ReportDoor
from forensic_gui.views.reportroom.phases import Phases
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket, Work

T = TypeVar("T")
_TELL_EVERY_PERCENT = 1


@dataclass(frozen=True, slots=True)
class JobState:
    """What goes on, or how it ended.

    Attributes:
        text: a sentence; "" before the first job.
        share: how far it is, in [0, 1]; None where that is not known.
        is_running: whether it goes on.
        is_failure: whether it failed.
        path: the file that was written; None for none.
        sha256: of its bytes; "" for none.
    """

    text: str = ""
    share: float | None = None
    is_running: bool = False
    is_failure: bool = False
    path: Path | None = None
    sha256: str = ""


class ReportJobs(QObject):
    """One job at a time; a second one is not begun before the first has ended."""

    changed = Signal(object)
    """JobState."""
    failed = Signal(object)
    """ForensicError that a job ended with."""
    troubled = Signal(str, str)
    """Name of an item that a written report could not show in full, and why."""
    case_changed = Signal()
    """The case says something else of its report: issued, reviewed."""
    reviewed = Signal()
    """A review was recorded."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, lane: Lane, door: ReportDoor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._door = door
        self._ticket: Ticket | None = None
        self._state = JobState()

    @property
    def state(self) -> JobState:
        """What goes on, or how the last job ended."""
        return self._state

    @property
    def is_running(self) -> bool:
        """Whether a job goes on."""
        return self._ticket is not None

    def export(self, session: CaseSession, choice: ExportChoice) -> None:
        """Write a report's file."""

        def done(report: WrittenReport) -> JobState:
            for name, why in report.troubles:
                self.troubled.emit(name, why)
            return JobState(words.written_words(report), path=report.path, sha256=report.manifest.sha256)

        name = shown_plainly(choice.request.output.name)
        self._run(
            lambda work, progress: self._door.export(session, choice, progress=progress, cancel=work.cancel),
            done,
            begins=f"Writing {name}…",
            stopped=f"Stopped: {name} was not written.",
        )

    def issue(self, session: CaseSession, *, reason: str) -> None:
        """Make a revision of the draft."""

        def done(_: object) -> JobState:
            self.case_changed.emit()
            return JobState("The revision was issued. It is never changed again; a later one may supersede it.")

        self._run(
            lambda work, progress: self._door.issue(session, reason=reason, progress=progress, cancel=work.cancel),
            done,
            begins="Issuing the revision…",
            stopped="Stopped: nothing was issued.",
        )

    def review(self, session: CaseSession, revision: int, *, reviewer: str, verdict: Verdict, note: str) -> None:
        """Record a second person's word."""

        def done(_: object) -> JobState:
            self.reviewed.emit()
            self.case_changed.emit()
            said = "approved" if verdict is Verdict.APPROVED else "returned"
            return JobState(f"Recorded: revision {revision} {said} by {shown_plainly(reviewer)}.")

        self._run(
            lambda _work, _progress: self._door.review(
                session, revision, reviewer=reviewer, outcome=verdict, note=note
            ),
            done,
            begins="Recording the review…",
            stopped="Stopped.",
        )

    def stop(self) -> None:
        """Stop what goes on."""
        if self._ticket is not None:
            self._lane.cancel(self._ticket)

    def forget(self) -> None:
        """Say nothing of the last job any more."""
        if not self.is_running:
            self._set(JobState())

    def _run(
        self,
        job: Callable[[Work, ProgressSink], T],
        done: Callable[[T], JobState],
        *,
        begins: str,
        stopped: str,
    ) -> None:
        if self._ticket is not None:
            return

        def receive(outcome: Outcome[T]) -> None:
            self._ticket = None
            match outcome:
                case Done(value=value):
                    self._set(done(value))
                case Stopped():
                    self._set(JobState(stopped))
                case Failed(error=error):
                    self._fail(error)

        def step(event: ProgressEvent) -> None:
            told = phases.at(event)
            if self.is_running and told is not None:
                self._set(JobState(f"{begins[:-1]}: {told[0]}…", told[1], is_running=True))

        phases = Phases()
        self._ticket = self._lane.submit(lambda work: job(work, _Thinned(work.report)), receive=receive, on_step=step)
        self._set(JobState(begins, is_running=True))

    def _fail(self, error: Exception) -> None:
        if isinstance(error, ForensicError):
            self._set(JobState(sentence(error), is_failure=True))
            self.failed.emit(error)
        else:
            self._set(JobState("It was ended by a defect of this program.", is_failure=True))
            self.broke.emit(error)

    def _set(self, state: JobState) -> None:
        self._state = state
        self.changed.emit(state)


class _Thinned:
    """Passes on as many steps as a bar can show."""

    def __init__(self, report: Callable[[object], None]) -> None:
        self._report = report
        self._told: tuple[int, str] = (-1, "")

    def __call__(self, event: ProgressEvent) -> None:
        """Take a step."""
        percent = 100 * event.done // max(event.total or 1, 1)
        now = (percent // _TELL_EVERY_PERCENT, event.message)
        if now != self._told:
            self._told = now
            self._report(event)
