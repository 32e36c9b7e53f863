"""The audit trail in the database: appended within the transaction of the change that an event records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from forensic_gui.domain.audit import canonical_json, misfit, seal
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.storage.case.text import parsed, storable

_COLUMNS = "seq, time, actor, action, subject, details, previous, sha256"


def append(
    connection: sqlite3.Connection,
    *,
    time: str,
    actor: str,
    action: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append an event, within the caller's transaction.

    Raises:
        CaseDamaged: the last event cannot be read.
    """
    event = seal(
        _last(connection),
        time=time,
        actor=storable(actor),
        action=action,
        subject=storable(subject),
        details=dict(details or {}),
    )
    connection.execute(
        f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.seq,
            event.time,
            event.actor,
            event.action,
            event.subject,
            canonical_json(event.details),
            event.previous,
            event.sha256,
        ),
    )
    return event


def events(connection: sqlite3.Connection) -> Iterator[AuditEvent]:
    """Every event of a chain that holds, the oldest first.

    Raises:
        CaseDamaged: one cannot be read, which a chain that somebody else made up may hold.
    """
    return map(_event, connection.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY seq"))


def first_misfit(connection: sqlite3.Connection) -> str:
    """What is wrong with the first event that does not fit, a clause; "" where the whole chain holds."""
    previous: AuditEvent | None = None
    rows = connection.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY seq")
    for seq, time, actor, action, subject, details_json, before, sha256 in rows:
        event = AuditEvent(seq, time, actor, action, subject, {}, before, sha256)
        wrong = misfit(event, previous=previous, details_json=details_json)
        if wrong:
            return wrong
        previous = event
    return "" if previous else "event 1 is missing"


def _last(connection: sqlite3.Connection) -> AuditEvent | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return None if row is None else _event(row)


def _event(row: tuple[Any, ...]) -> AuditEvent:
    seq, time, actor, action, subject, details_json, previous, sha256 = row
    try:
        details = parsed(details_json)
    except ValueError:
        details = None
    if not isinstance(details, dict):
        raise CaseDamaged(f"What event {seq} of the audit trail says cannot be read; restore the case from a copy.")
    return AuditEvent(seq, time, actor, action, subject, details, previous, sha256)
