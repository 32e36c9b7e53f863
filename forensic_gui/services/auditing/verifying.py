"""Checking an audit trail, in a case or in a file of its events."""

from __future__ import annotations

from pathlib import Path

from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged, RequestError
from forensic_gui.domain.trail_fault import FaultKind, TrailFault, Walked
from forensic_gui.services.auditing.lines import walk_lines
from forensic_gui.services.auditing.records import NamedRecord, named_record
from forensic_gui.services.auditing.verdict import PrintedHead, TrailVerdict, verdict_of
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.storage.case.checking import check_case

_TELL_EVERY = 64


def verify_trail(
    source: Path,
    *,
    printed: PrintedHead | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> TrailVerdict:
    """Check the chain of a trail and, of a case, everything that it vouches for. Nothing is written.

    The originals are not hashed: `CaseSession.verify` does that.

    Args:
        source: folder of a case, whoever has it open, or a file that `export_trail` wrote.
        printed: the last event by the word of a report; looked for in the trail.
        progress: told now and then how far it is.
        cancel: looked at all along.

    Raises:
        RequestError: there is nothing at this path, or a file in which no line is an event.
        CaseNotFound: the folder is no case.
        CaseTooNew: the case was made by a newer version.
        Cancelled: stopping was asked for.
    """
    watch = _Watch(source.name, printed, progress, cancel or CancelToken())
    if source.is_dir():
        try:
            walked = check_case(source, begin=watch.begin, look=watch.look)
        except CaseDamaged as error:
            walked = Walked(0, None, TrailFault(FaultKind.TABLES_DIFFER, str(error).rstrip(".")))
        record = _record(source, printed, walked, watch.found)
        return verdict_of(walked, has_tables=True, printed=printed, found=watch.found, record=record)
    if not source.is_file():
        raise RequestError(f"There is no case and no file at {source}.")
    walked = walk_lines(source, look=watch.look)
    record = _record(source, printed, walked, watch.found)
    return verdict_of(walked, has_tables=False, printed=printed, found=watch.found, record=record)


def _record(source: Path, printed: PrintedHead | None, walked: Walked, found: AuditEvent | None) -> NamedRecord | None:
    """The report's record that somebody took for the head of the trail; None where there is none of this hash."""
    if printed is None or found is not None or not walked.events:
        return None
    return named_record(source, printed.sha256, events=walked.events)


class _Watch:
    """Looks at every event on the way: for the printed head, for a wish to stop, and to tell how far it is."""

    def __init__(self, name: str, printed: PrintedHead | None, progress: ProgressSink, cancel: CancelToken) -> None:
        self.found: AuditEvent | None = None
        self._name = name
        self._wanted = "" if printed is None else printed.sha256
        self._progress = progress
        self._cancel = cancel
        self._total: int | None = None
        self._done = 0

    def begin(self, total: int) -> None:
        """Learn how many events will come."""
        self._total = total

    def look(self, event: AuditEvent) -> None:
        """Look at an event."""
        if event.sha256 == self._wanted:
            self.found = event
        self._done += 1
        if self._done % _TELL_EVERY == 0 or self._done == self._total:
            self._cancel.raise_if_cancelled()
            self._progress(ProgressEvent(self._done, self._total, 0, self._name, "finished"))
