"""The audit trail out of a case, as lines of JSON that a third party checks without this program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.audit import event_hash, event_line
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.outputs import require_outside_cases
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.storage.atomic import StagedFile, sync_names
from forensic_gui.storage.case import trail
from forensic_gui.storage.case.opening import looked_into

TRAIL_EXPORTED = "audit trail exported"
_TELL_EVERY = 64


@dataclass(frozen=True, slots=True)
class ExportedTrail:
    """A file of events that was written.

    Attributes:
        path: where it lies.
        events: number of events in it.
        head: SHA-256 of the last of them.
        sha256: of the file.
        size_bytes: of the file.
    """

    path: Path
    events: int
    head: str
    sha256: str
    size_bytes: int


def export_trail(
    case: CaseSession,
    path: Path,
    *,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportedTrail:
    """Write every event as a line of JSON; an audit event of the case records it, and is not in the file.

    Args:
        case: open for writing or for reading only; of the latter no event is recorded.
        path: where to; what is there is replaced, once the new file is whole.
        progress: told now and then how far it is.
        cancel: looked at all along.

    Raises:
        CaseDamaged: the chain does not hold; nothing is written.
        OutputError: the file cannot be written.
        RequestError: its place lies in a case.
        Cancelled: stopping was asked for.
    """
    require_outside_cases(path)
    last: AuditEvent | None = None
    with StagedFile(path) as staged:
        for last in _events(case.folder, progress, cancel or CancelToken()):
            staged.write(f"{event_line(last)}\n".encode("ascii"))
    assert last is not None, "a chain that holds has a first event"
    staged.commit()
    sync_names(path.absolute().parent)
    exported = ExportedTrail(path, last.seq, last.sha256, staged.sha256, staged.size_bytes)
    if not case.info.read_only:
        case.note(TRAIL_EXPORTED, subject=str(path), details=_details(exported))
    return exported


def _details(exported: ExportedTrail) -> dict[str, Any]:
    return {
        "events": exported.events,
        "head": exported.head,
        "sha256": exported.sha256,
        "size_bytes": exported.size_bytes,
    }


def _events(folder: Path, progress: ProgressSink, cancel: CancelToken) -> Iterator[AuditEvent]:
    """Every event of a chain that holds, each such that others compute its hash."""
    with looked_into(folder) as connection:
        walked = trail.walked(connection, look=lambda _: cancel.raise_if_cancelled())
        if walked.fault is not None:
            raise CaseDamaged(f"The audit trail of {folder} is damaged: {walked.fault.clause}. It was not exported.")
        for event in trail.events(connection):
            if not _is_hashed_as_written(event):
                raise CaseDamaged(
                    f"Event {event.seq} of the audit trail of {folder} is not written as this program writes events, "
                    "so that nobody else could compute its hash. The trail was not exported."
                )
            yield event
            if event.seq % _TELL_EVERY == 0 or event.seq == walked.events:
                cancel.raise_if_cancelled()
                progress(ProgressEvent(event.seq, walked.events, 0, folder.name, "finished"))


def _is_hashed_as_written(event: AuditEvent) -> bool:
    """Whether others compute its hash: somebody may have sealed details in a form that no JSON library writes."""
    try:
        return event_hash(event) == event.sha256
    except ValueError:  # a number that JSON does not have
        return False
