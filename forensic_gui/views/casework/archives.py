"""Handing a case on as one file, and taking one in."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import ProgressEvent
from forensic_gui.views.casework.door import CaseDoor
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.reporting import Reporter
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Work

_TELL_EVERY_S = 0.1


class CaseArchives(QObject):
    """Exports and imports, one after the other."""

    progressed = Signal(float, str)
    """Share of this step that is done, in [0, 1], and what is done, as "Exporting Harbour"."""
    busy_changed = Signal()
    """Whether there is something to stop has changed."""
    failed = Signal(object)
    """An exception."""

    def __init__(self, lane: Lane, *, door: CaseDoor, report: Reporter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._door = door
        self._report = report

    def export(self, session: CaseSession, name: str, archive: Path) -> None:
        """Write a case into one archive."""
        shown = shown_plainly(str(archive))

        def job(work: Work) -> None:
            self._door.export_case(session, archive, progress=_told(work, f"Exporting {name}"), cancel=work.cancel)

        def receive(outcome: Outcome[None]) -> None:
            self.busy_changed.emit()
            match outcome:
                case Done():
                    self._report.note(f"The case was exported to {shown}")
                case Failed(error=error):
                    self.failed.emit(error)
                case Stopped():
                    self._report.note("Stopped: nothing was exported.")

        self._submit(job, receive)

    def bring_in(self, archive: Path, folder: Path, *, author: str, then: Callable[[], None]) -> None:
        """Unpack an archive into a new case; `then` is called when it is there."""

        def job(work: Work) -> None:
            progress = _told(work, f"Importing {archive.name}")
            self._door.import_case(archive, folder, author=author, progress=progress, cancel=work.cancel)

        def receive(outcome: Outcome[None]) -> None:
            self.busy_changed.emit()
            match outcome:
                case Done():
                    then()
                case Failed(error=ForensicError() as error):
                    self._report.fail(error, subject=archive.name)
                case Failed(error=error):
                    self.failed.emit(error)
                case Stopped():
                    self._report.note("Stopped: nothing was imported.")

        self._submit(job, receive)

    def _submit(self, job: Callable[[Work], None], receive: Callable[[Outcome[None]], None]) -> None:
        self._report.job_begins()
        self._lane.submit(job, receive=receive, on_step=lambda step: self.progressed.emit(*step))
        self.busy_changed.emit()


def _told(work: Work, words: str) -> Callable[[ProgressEvent], None]:
    """A sink that reports the share done, not too often."""
    told_at = 0.0

    def progress(event: ProgressEvent) -> None:
        nonlocal told_at
        now = time.monotonic()
        if event.total and (now - told_at >= _TELL_EVERY_S or event.done == event.total):
            told_at = now
            work.report((event.done / event.total, shown_plainly(words)))

    return progress
