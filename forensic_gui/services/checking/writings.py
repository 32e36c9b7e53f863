"""For which files a case vouches: those that it wrote, and what was made of them by signing, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forensic_gui.domain.case import AuditEvent

WRITTEN, SIGNED = "report written", "report signed"


@dataclass(frozen=True, slots=True)
class _Vouched:
    """The newest event of a file, and the one that wrote what it was before it was signed."""

    newest: AuditEvent
    written: AuditEvent


def vouching_event(trail: Iterable[AuditEvent], sha256: str) -> AuditEvent | None:
    """The newest event by which a case vouches for a file; None where it does not.

    Args:
        trail: of the case, the oldest event first.
        sha256: of the file's bytes.
    """
    vouched = _vouched(trail).get(sha256)
    return None if vouched is None else vouched.newest


def written_event(trail: Iterable[AuditEvent], sha256: str) -> AuditEvent | None:
    """The event by which the case wrote what a file was before it was signed; None where it does not vouch for it.

    Args:
        trail: of the case, the oldest event first.
        sha256: of the file's bytes.
    """
    vouched = _vouched(trail).get(sha256)
    return None if vouched is None else vouched.written


def _vouched(trail: Iterable[AuditEvent]) -> dict[str, _Vouched]:
    """Every file that a case vouches for, by its SHA-256.

    Signing alone makes no file the case's, for anything can be signed: what was signed must have been its own before.
    """
    known: dict[str, _Vouched] = {}
    for event in trail:
        after, before = (str(event.details.get(name, "")) for name in ("sha256", "before"))
        if after and event.action == WRITTEN:
            known[after] = _Vouched(event, event)
        elif after and event.action == SIGNED and before in known:
            known[after] = _Vouched(event, known[before].written)
    return known
