"""Originals of the open case: files are copied into the vault, and hashed anew there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.case import Altered
from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.case import AddReport, CaseSession
from forensic_gui.views.browser_flow import BrowserFlow
from forensic_gui.views.casework import jobs, words
from forensic_gui.views.casework.board import Board, OpenCase
from forensic_gui.views.casework.vault import OpenVault
from forensic_gui.views.core.eta import BatchProgress
from forensic_gui.views.reporting import Reporter
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Work

AT_OPENING = "opening"
ASKED_FOR = "asked for"


class Originals(QObject):
    """Adds and verifies, each on a lane of its own: neither waits for the other."""

    progressed = Signal(object, str)
    """BatchProgress, and what is done, as "Verifying"."""
    busy_changed = Signal()
    """Whether there is something to stop has changed."""
    failed = Signal(object)
    """An exception."""

    def __init__(
        self,
        *,
        adding: Lane,
        verifying: Lane,
        vault: OpenVault,
        board: Board,
        browser: BrowserFlow,
        report: Reporter,
        case: Callable[[], OpenCase | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._adding = adding
        self._verifying = verifying
        self._vault = vault
        self._board = board
        self._browser = browser
        self._report = report
        self._case = case

    @property
    def is_busy(self) -> bool:
        """Whether files are being added or originals verified."""
        return not (self._adding.is_idle and self._verifying.is_idle)

    def add(self, paths: Sequence[Path]) -> None:
        """Copy files, and the files in folders, into the case."""
        case = self._case()
        if case is None or not paths:
            return
        session, first_id, wanted = case.session, case.first_id, tuple(paths)

        def job(work: Work) -> AddReport:
            return jobs.add(session, wanted, first_id=first_id, report=work.report, cancel=work.cancel)

        def step(value: jobs.NewRows | BatchProgress) -> None:
            if isinstance(value, BatchProgress):
                self.progressed.emit(value, "Adding")
            elif self._is_open(session):
                self._vault.add(value.index)
                self._browser.take_in(value.rows)

        self._report.job_begins()
        self._browser.expect_newcomers()
        self._adding.submit(job, receive=partial(self._on_added, session), on_step=step)
        self.busy_changed.emit()

    def verify(self, *, occasion: str = ASKED_FOR) -> None:
        """Hash all originals anew, in the background."""
        case = self._case()
        if case is None:
            return
        session = case.session
        self._verifying.submit(
            lambda work: jobs.verify(session, occasion=occasion, report=work.report, cancel=work.cancel),
            receive=partial(self._on_verified, session, occasion),
            on_step=lambda progress: self.progressed.emit(progress, "Verifying"),
            key="verify",
        )
        self.busy_changed.emit()

    def stop(self) -> None:
        """Stop both; what was done is kept, and the case's record says that it was stopped."""
        self._adding.cancel_all()
        self._verifying.cancel_key("verify")

    def _is_open(self, session: CaseSession) -> bool:
        case = self._case()
        return case is not None and case.session is session

    def _on_added(self, session: CaseSession, outcome: Outcome[AddReport]) -> None:
        self.busy_changed.emit()
        if not self._is_open(session):
            return
        match outcome:
            case Done(value=report):
                for failure in report.failures:
                    self._report.record(ForensicError(failure.message), subject=failure.path.name)
                tell = self._report.fail_many if report.failures else self._report.note
                tell(words.added(report))
                known = [item.id for item in map(self._board.item, report.known) if item is not None]
                self._browser.settle(known)
            case Failed(error=error):
                self.failed.emit(error)
            case Stopped():
                self._report.note("Stopped: what was added so far is in the case.")

    def _on_verified(self, session: CaseSession, occasion: str, outcome: Outcome[tuple[Altered, ...]]) -> None:
        self.busy_changed.emit()
        if not self._is_open(session):
            return
        match outcome:
            case Done(value=altered):
                self._show(altered, occasion)
            case Failed(error=error):
                self.failed.emit(error)
            case Stopped():
                self._report.note("Verifying was stopped; the case's record says so.")

    def _show(self, altered: Sequence[Altered], occasion: str) -> None:
        self._board.show_altered(altered)
        for each in altered:
            item = self._board.item(each.item_id)
            item_id = None if item is None else item.id
            self._report.record(words.altered_error(each), subject=each.name, item_id=item_id)
        if altered:
            self._report.fail_many(words.altered_summary(len(altered)))
        elif occasion != AT_OPENING:
            self._report.note("All originals are what was put into the case.")
