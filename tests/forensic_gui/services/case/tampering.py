"""Changing a case as somebody would who knows SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from forensic_gui.domain.audit import event_hash
from forensic_gui.domain.case import AuditEvent


def behind_the_back(folder: Path, statement: str, *values: object) -> None:
    """Change tables whatever their triggers say, which are put back afterwards."""
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement, values).rowcount
        for _, text in guards:
            connection.execute(text)


def forged(folder: Path, action: str, details_json: str, *, subject: str = "") -> None:
    """Append an event with a sound hash, as somebody can who makes up a whole case."""
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        seq, previous = connection.execute("SELECT seq, sha256 FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        event = AuditEvent(seq + 1, "2026-01-01T00:00:00+00:00", "Eve", action, subject, {}, previous, "")
        values = (event.seq, event.time, event.actor, action, subject, details_json, previous)
        sha256 = event_hash(event, details_json=details_json)
        connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, sha256))
