"""What the window asks of the services of the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from forensic_gui.services.progress import CancelToken, ProgressSink

if TYPE_CHECKING:
    from forensic_gui.services.auditing.exporting import ExportedTrail
    from forensic_gui.services.auditing.reading import ShownEvent
    from forensic_gui.services.auditing.verdict import PrintedHead, TrailVerdict
    from forensic_gui.services.case import CaseSession


class ReadTrail(Protocol):
    """Reads events, whole or damaged; see `services.auditing.reading`."""

    def __call__(self, folder: Path, *, after: int, cancel: CancelToken) -> Iterator[ShownEvent]:
        """Read."""
        ...


class VerifyTrail(Protocol):
    """Checks the chain and what it vouches for; see `services.auditing.verifying`."""

    def __call__(
        self, source: Path, *, printed: PrintedHead | None, progress: ProgressSink, cancel: CancelToken
    ) -> TrailVerdict:
        """Check."""
        ...


class ExportTrail(Protocol):
    """Writes a file of events; see `services.auditing.exporting`."""

    def __call__(self, case: CaseSession, path: Path, *, progress: ProgressSink, cancel: CancelToken) -> ExportedTrail:
        """Write."""
        ...


@dataclass(frozen=True, slots=True)
class AuditDoor:
    """The use cases of the audit trail; tests put others here.

    Attributes:
        read: reads events.
        verify: checks them.
        export: writes them into a file.
    """

    read: ReadTrail
    verify: VerifyTrail
    export: ExportTrail


def open_audit_door() -> AuditDoor:
    """The real ones."""
    from forensic_gui.services.auditing.exporting import export_trail
    from forensic_gui.services.auditing.reading import read_trail
    from forensic_gui.services.auditing.verifying import verify_trail

    return AuditDoor(read=read_trail, verify=verify_trail, export=export_trail)
