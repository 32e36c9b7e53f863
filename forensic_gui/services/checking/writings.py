"""For which files a case vouches: those that it wrote, and what was made of them by signing, step by step."""

from __future__ import annotations

from collections.abc import Iterable

from forensic_gui.domain.case import AuditEvent

WRITTEN, SIGNED = "report written", "report signed"


def vouching_event(trail: Iterable[AuditEvent], sha256: str) -> AuditEvent | None:
    """The newest event by which a case vouches for a file; None where it does not.

    Signing alone makes no file the case's, for anything can be signed: what was signed must have been its own before.

    Args:
        trail: of the case, the oldest event first.
        sha256: of the file's bytes.
    """
    known: dict[str, AuditEvent] = {}
    for event in trail:
        after, before = (str(event.details.get(name, "")) for name in ("sha256", "before"))
        if after and (event.action == WRITTEN or (event.action == SIGNED and before in known)):
            known[after] = event
    return known.get(sha256)


def written_event(trail: Iterable[AuditEvent], sha256: str) -> AuditEvent | None:
    """The event by which the case wrote what a file was before it was signed; None where it does not vouch for it.

    Args:
        trail: of the case, the oldest event first.
        sha256: of the file's bytes.
    """
    origins: dict[str, AuditEvent] = {}
    for event in trail:
        after, before = (str(event.details.get(name, "")) for name in ("sha256", "before"))
        origin = event if event.action == WRITTEN else origins.get(before) if event.action == SIGNED else None
        if after and origin is not None:
            origins[after] = origin
    return origins.get(sha256)
