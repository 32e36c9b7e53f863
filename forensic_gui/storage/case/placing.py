"""Which group and which tags items have by the audit trail, and whether the tables say the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.storage.case import items
from forensic_gui.storage.case.items import Placement
from forensic_gui.storage.case.text import storable

GROUP_SET = "group set"
TAGS_CHANGED = "tags changed"


class Placements:
    """Group and tags of every item, made up again from the events, the oldest first.

    What follows an event raises KeyError, TypeError or AttributeError where the event says nothing of the kind, or of
    an item that was not added before it.
    """

    def __init__(self) -> None:
        """Start before the first event."""
        self._groups: dict[int, str] = {}
        self._tags: dict[int, frozenset[str]] = {}

    def added(self, event: AuditEvent) -> None:
        """Follow the adding of an item, in a group or in none."""
        item_id = event.details["item"]
        self._groups[item_id] = storable(event.details["group"])
        self._tags[item_id] = frozenset()

    def grouped(self, event: AuditEvent) -> None:
        """Follow a change of group."""
        group = storable(event.details["group"])
        for item_id in event.details["items"]:
            self._groups[self._known(item_id)] = group

    def tagged(self, event: AuditEvent) -> None:
        """Follow a change of tags."""
        added, removed = _tags(event.details["added"]), _tags(event.details["removed"])
        for item_id in event.details["items"]:
            self._tags[self._known(item_id)] = (self._tags[item_id] | added) - removed

    def first_misfit(self, connection: sqlite3.Connection) -> str:
        """What the tables say otherwise, a clause; "" where they say the same of every item."""
        try:
            shown = items.placements(connection)
        except ValueError as error:
            raise CaseDamaged(f"Tags of this case cannot be read ({error}); restore it from a copy.") from error
        for item_id, placed in shown.items():
            group, tags = self._groups.get(item_id, ""), sorted(self._tags.get(item_id, ()))
            if placed != Placement.of(group, tags):
                return f"group or tags of item {item_id} are not what the trail says was set"
        return ""

    def _known(self, item_id: int) -> int:
        if item_id not in self._groups:
            raise KeyError(item_id)
        return item_id


def _tags(values: Sequence[str]) -> frozenset[str]:
    return frozenset(storable(value) for value in values)
