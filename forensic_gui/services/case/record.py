"""Who does what to which open case: what the use cases of a case share."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import EvidenceAltered, EvidenceMissing
from forensic_gui.storage.case import items, trail
from forensic_gui.storage.case.database import Database
from forensic_gui.storage.case.folder import CaseFolder

ALTERED = "altered original found"
MISSING = "The case's copy is missing or cannot be read. Restore the case from a copy of it."


def now() -> str:
    """The time, ISO 8601 in UTC with offset."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """An open case, and in whose name it is changed.

    Attributes:
        folder: where its parts lie.
        database: its tables.
        author: who works on it.
    """

    folder: CaseFolder
    database: Database
    author: str

    def event(
        self,
        connection: sqlite3.Connection,
        action: str,
        *,
        subject: str = "",
        details: Mapping[str, Any] | None = None,
        time: str | None = None,
    ) -> AuditEvent:
        """Append an audit event within the caller's transaction."""
        return trail.append(
            connection, time=time or now(), actor=self.author, action=action, subject=subject, details=details
        )

    def subject(self, connection: sqlite3.Connection, item_ids: Sequence[int]) -> str:
        """What an event about items names as its subject: the one item's hash, "" where they are several."""
        return items.kept_under(connection, item_ids[0])[0] if len(item_ids) == 1 else ""

    def require_unaltered(self, item_id: int, sha256: str, *, occasion: str) -> None:
        """Compare a hash measured just now with that of an item.

        Raises:
            EvidenceAltered: they differ; an audit event says so where the case can be changed.
        """
        with self.database.reading() as connection:
            item = items.get(connection, item_id)
        if sha256 == item.sha256:
            return
        if not self.database.read_only:
            with self.database.changing() as connection:
                details = {"item": item_id, "occasion": occasion, "measured": sha256}
                self.event(connection, ALTERED, subject=item.sha256, details=details)
        if not sha256:
            raise EvidenceMissing(MISSING)
        raise EvidenceAltered(
            f"The case's copy is not what was put into the case: its SHA-256 is {sha256} and was {item.sha256}. "
            "Restore the case from a copy; nothing was made of the altered bytes."
        )
