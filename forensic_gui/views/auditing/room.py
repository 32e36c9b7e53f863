"""The audit trail of the open case in a window of its own: read, arranged, checked and exported beside its thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError, RequestError
from forensic_gui.services.progress import ProgressEvent
from forensic_gui.views.auditing import words
from forensic_gui.views.auditing.door import AuditDoor
from forensic_gui.views.auditing.rows import Arranged, Rest, Trail, arrange, collect, let_go
from forensic_gui.views.auditing.window import AuditWindow
from forensic_gui.views.casework.controller import CaseController
from forensic_gui.views.core.wording import sentence, shown_plainly
from forensic_gui.views.lanes import Lanes
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.message_bar import Gravity
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket, Work

if TYPE_CHECKING:
    from forensic_gui.services.auditing.exporting import ExportedTrail
    from forensic_gui.services.auditing.verdict import TrailVerdict

AskPlace = Callable[[str], Path | None]
"""Where to export to, given the case's name; None for never mind."""
_TELL_EVERY_S = 0.05


class AuditRoom(QObject):
    """Holds the window, and does what it asks for. The case comes and goes; the window follows."""

    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, case: CaseController, main: MainWindow, *, door: AuditDoor, lanes: Lanes) -> None:
        """Hold no window yet.

        Args:
            case: the open case.
            main: the main window, over which this one stands.
            door: the use cases.
            lanes: where the work is done.
        """
        super().__init__(main)
        self._case, self._main, self._door, self._lanes = case, main, door, lanes
        self._window: AuditWindow | None = None
        self._ask: AskPlace = lambda _: None
        self._folder: Path | None = None
        self._trail = Trail([])
        self._retired: list[Trail] = []
        self._must_read_anew = False
        self._at_work: tuple[Lane, Ticket] | None = None
        self._wanted_number: int | None = None
        self._told: tuple[TrailVerdict, str, str] | None = None
        case.case_changed.connect(self._follow_case)

    def show(self, *, ask: AskPlace) -> None:
        """Open the window, or bring it to the front."""
        if not self._case.is_open:
            return
        self._ask = ask
        if self._window is None:
            self._window = self._make_window()
            self._follow_case()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _make_window(self) -> AuditWindow:
        window = AuditWindow(self._main)
        window.wanted_changed.connect(self._arrange)
        window.refresh_asked.connect(self._read)
        window.verify_asked.connect(self._verify)
        window.export_asked.connect(self._export)
        window.stop_asked.connect(self._stop)
        return window

    def _follow_case(self) -> None:
        window, session = self._window, self._case.session
        folder = None if session is None else session.folder
        if window is None or folder == self._folder:
            return
        self._stop()
        self._folder = folder
        self._retired.append(self._trail)
        self._trail = Trail([])
        window.set_case(self._case.name if folder is not None else "")
        self._let_go()
        if folder is None:
            window.hide()
        else:
            self._read()

    def _read(self) -> None:
        """Read the events that came since the last time, or all of them."""
        window, folder = self._window, self._folder
        if window is None or folder is None:
            return
        before = Trail([]) if self._must_read_anew else self._trail
        after = before.events[-1].event.seq if before.events else 0

        def job(work: Work) -> Trail:
            events = self._door.read(folder, after=after, cancel=work.cancel)
            return collect(before, events, report=work.report)

        def receive(outcome: Outcome[Trail]) -> None:
            if folder != self._folder:
                return
            match outcome:
                case Done(value=trail):
                    self._take(trail)
                case Failed(error=error):
                    self._fail(error)

        if not before.events:
            window.show_reading(0)
        self._lanes.auditing.submit(job, receive=receive, on_step=window.show_reading, key="read trail")

    def _take(self, trail: Trail) -> None:
        if not self._must_read_anew and len(trail.events) == len(self._trail.events):
            return  # nothing came, and what is shown stays as it is scrolled
        self._must_read_anew = False
        self._retired.append(self._trail)
        self._trail = trail
        self._date_verdict()
        self._arrange()

    def _date_verdict(self) -> None:
        """Let no verdict that is still shown stand for events that came after it."""
        window, told = self._window, self._told
        if window is None or told is None:
            return
        verdict, at, text = told
        since = len(self._trail.events) - verdict.events
        if verdict.fault is None and since > 0 and window.tells(text):
            text = words.outgrown_text(verdict, at=at, since=since)
            window.tell(text, _gravity(verdict), head=verdict.head)
            self._told = verdict, at, text

    def _let_go(self) -> None:
        """Free what is no longer shown, beside this thread."""
        retired, self._retired = self._retired, []
        for trail in retired:
            if trail.events:
                self._lanes.arranging.submit(partial(_free, trail), receive=self._after)

    def _arrange(self) -> None:
        window, trail = self._window, self._trail
        if window is None:
            return
        wanted = window.wanted

        def receive(outcome: Outcome[Arranged]) -> None:
            match outcome:
                case Done(value=arranged) if trail is self._trail:
                    window.show_events(trail, arranged)
                    self._let_go()
                    self._show_wanted(window)
                case Failed(error=error):
                    self._fail(error)

        self._lanes.arranging.submit(
            lambda work: arrange(trail.events, wanted, cancel=work.cancel), receive=receive, key="arrange trail"
        )

    def _show_wanted(self, window: AuditWindow) -> None:
        """Bring the event into sight that checking named."""
        wanted, self._wanted_number = self._wanted_number, None
        if wanted is not None:
            window.model.mark(wanted)
            window.select(wanted)

    def _verify(self, printed_text: str) -> None:
        window, folder = self._window, self._folder
        if window is None or folder is None:
            return
        try:
            printed = words.printed_head(printed_text)
        except RequestError as error:
            window.tell(sentence(error), Gravity.WARNING)
            return

        def job(work: Work) -> TrailVerdict:
            return self._door.verify(folder, printed=printed, progress=_told(work), cancel=work.cancel)

        self._submit(self._lanes.auditing, job, self._show_verdict, words.VERIFYING)

    def _show_verdict(self, verdict: TrailVerdict) -> None:
        window = self._window
        assert window is not None
        fault = verdict.fault
        text = words.verdict_text(verdict)
        window.tell(text, _gravity(verdict), head=verdict.head if fault is None else "")
        self._told = verdict, time.strftime("%H:%M"), text
        self._wanted_number = None if fault is None else fault.stands_at
        window.model.mark(None)
        if fault is not None:
            window.show_all()
            self._must_read_anew = True
        self._read()

    def _export(self) -> None:
        session = self._case.session
        if self._window is None or session is None or session.folder != self._folder:
            return
        path = self._ask(self._case.name)
        if path is None:
            return

        def job(work: Work) -> ExportedTrail:
            return self._door.export(session, path, progress=_told(work), cancel=work.cancel)

        # On a lane that is waited for before the case is closed: the export is an event of it.
        self._submit(self._lanes.adding, job, self._show_exported, words.EXPORTING)

    def _show_exported(self, exported: ExportedTrail) -> None:
        window = self._window
        assert window is not None
        said = (
            f"{words.count_text(exported.events, exported.events)} were written to {shown_plainly(str(exported.path))}."
        )
        window.tell(f"{said} The last one is {exported.head}", Gravity.NOTE, head=exported.head)
        self._read()

    def _submit(self, lane: Lane, job: Callable[[Work], object], done: Callable[..., None], doing: str) -> None:
        window, folder = self._window, self._folder
        assert window is not None

        def receive(outcome: Outcome[object]) -> None:
            self._at_work = None
            window.show_busy("", None)
            if folder != self._folder:
                return
            match outcome:
                case Done(value=value):
                    done(value)
                case Stopped():
                    window.tell(words.STOPPED, Gravity.WARNING)
                case Failed(error=error):
                    self._fail(error)

        window.show_busy(doing, None)
        ticket = lane.submit(job, receive=receive, on_step=lambda share: window.show_busy(doing, share))
        self._at_work = lane, ticket

    def _stop(self) -> None:
        if self._at_work is not None:
            lane, ticket = self._at_work
            lane.cancel(ticket)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, ForensicError) and self._window is not None:
            self._window.tell(sentence(error), Gravity.FAILURE)
        else:
            self.broke.emit(error)

    def _after(self, outcome: Outcome[None]) -> None:
        if isinstance(outcome, Failed):
            self.broke.emit(outcome.error)


def _gravity(verdict: TrailVerdict) -> Gravity:
    if verdict.is_whole:
        return Gravity.NOTE
    is_mix_up = verdict.fault is None and verdict.printed is not None and verdict.printed.is_of_record
    return Gravity.WARNING if is_mix_up else Gravity.FAILURE


def _free(trail: Trail, _: Work) -> None:
    let_go(trail)


def _told(work: Work) -> Callable[[ProgressEvent], None]:
    """A sink that reports the share done, not too often, and lets the window's thread in between."""
    told_at, rest = 0.0, Rest()

    def progress(event: ProgressEvent) -> None:
        nonlocal told_at
        rest()
        now = time.monotonic()
        if event.total and now - told_at >= _TELL_EVERY_S:
            told_at = now
            work.report(event.done / event.total)

    return progress
