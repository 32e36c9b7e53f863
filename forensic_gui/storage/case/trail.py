"""The audit trail in the database: appended within the transaction of the change that an event records."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from forensic_gui.domain.audit import CHANGES_NOTHING, canonical_json, seal
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.domain.trail_fault import Look, TrailRow, Walked, walk
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


def events(connection: sqlite3.Connection, *, actions: Collection[str] = ()) -> Iterator[AuditEvent]:
    """Events of a chain that holds, the oldest first.

    Args:
        connection: to the database.
        actions: only of these; none for all.

    Raises:
        CaseDamaged: one cannot be read, which a chain that somebody else made up may hold.
    """
    wanted = f" WHERE action IN ({', '.join('?' * len(actions))})" if actions else ""
    return map(_event, connection.execute(f"SELECT {_COLUMNS} FROM audit{wanted} ORDER BY seq", tuple(actions)))


def last_change(connection: sqlite3.Connection) -> AuditEvent:
    """The last event that changed what the case says (`domain.audit.CHANGES_NOTHING` tells which do not).

    Raises:
        CaseDamaged: there is none, or it cannot be read.
    """
    nothing = sorted(CHANGES_NOTHING)
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE action NOT IN ({', '.join('?' * len(nothing))}) ORDER BY seq DESC LIMIT 1",
        nothing,
    ).fetchone()
    if row is None:
        raise CaseDamaged("The audit trail says nothing of how the case was made; restore the case from a copy.")
    return _event(row)


def first_misfit(connection: sqlite3.Connection) -> str:
    """What is wrong with the first event that does not fit, a clause; "" where the whole chain holds."""
    fault = walked(connection).fault
    return "" if fault is None else fault.clause


def walked(connection: sqlite3.Connection, *, look: Look = lambda _: None) -> Walked:
    """Follow the chain to its end, or to the first event that does not fit; `look` is told of every one that does."""
    return walk(rows(connection), again=lambda: rows(connection), look=look)


def rows(connection: sqlite3.Connection, *, after: int = 0) -> Iterator[TrailRow]:
    """Every event as it is kept, in order of number, whatever it says.

    Args:
        connection: to the database.
        after: number of the last event that is not wanted; 0 for all.
    """
    found = connection.execute(f"SELECT {_COLUMNS} FROM audit WHERE ? = 0 OR seq > ? ORDER BY seq", (after, after))
    for seq, time, actor, action, subject, details_json, before, sha256 in found:
        yield TrailRow(AuditEvent(seq, time, actor, action, subject, {}, before, sha256), details_json)


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
