"""What the audit trail says of how items were decoded, and whether the tables say the same."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.case import AuditEvent
from forensic_gui.storage.case.text import storable

EVIDENCE_DECODED = "evidence decoded"
EVIDENCE_NOT_DECODED = "evidence not decoded"


@dataclass(frozen=True, slots=True)
class _Reading:
    width: int | None = None
    height: int | None = None
    unreadable: str = ""
    facts: str | None = None


class Readings:
    """How every item was decoded last, made up again from the events, the oldest first.

    What follows an event raises KeyError, TypeError or AttributeError where the event says nothing of the kind.
    """

    def __init__(self) -> None:
        """Start before the first event."""
        self._by_hash: dict[str, _Reading] = {}

    def decoded(self, event: AuditEvent) -> None:
        """Follow how pixels were made."""
        # Which item it is of is no fact of its decoding; cases made before the event said it are without it.
        facts = {name: value for name, value in event.details.items() if name != "item"}
        stored = facts["stored"]
        self._by_hash[event.subject] = _Reading(stored["width"], stored["height"], "", canonical_json(facts))

    def not_decoded(self, event: AuditEvent) -> None:
        """Follow that there are no pixels, and why; what was known before stays."""
        before = self._by_hash.get(event.subject, _Reading())
        reason = storable(event.details["reason"])
        self._by_hash[event.subject] = _Reading(before.width, before.height, reason, before.facts)

    def first_misfit(self, connection: sqlite3.Connection) -> str:
        """What the tables say otherwise, a clause; "" where they say the same of every item."""
        rows = connection.execute(
            "SELECT id, sha256, width, height, unreadable, facts FROM item"
            " LEFT JOIN decoding ON item_id = id ORDER BY id"
        )
        for item_id, sha256, *shown in rows:
            if _Reading(*shown) != self._by_hash.get(sha256, _Reading()):
                return f"how item {item_id} was decoded is not what the trail says"
        return ""
