"""The audit trail as it is kept, to be looked at: whole or damaged, of a case that anybody may have open."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.services.auditing.summary import summary_of
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.case import trail
from forensic_gui.storage.case.checking import texts_read_anyway, trail_is_readable
from forensic_gui.storage.case.opening import looked_into

_LOOK_EVERY = 256
_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that events speak of.

    Attributes:
        id: number within the case.
        sha256: of its bytes.
        name: its file name.
    """

    id: int
    sha256: str
    name: str


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event as lists show it. Texts are as they are kept: whoever shows them makes them harmless.

    Attributes:
        event: as it is kept; without its details.
        details_json: its details, which need not be JSON where somebody changed them.
        items: the items it is about, as far as the case knows them.
    """

    event: AuditEvent
    details_json: str
    items: tuple[KnownItem, ...]

    @property
    def about(self) -> str:
        """What it is about, in a few words; "" for the case itself."""
        if len(self.items) > 1:
            return f"{len(self.items)} items"
        return self.items[0].name if self.items else self.event.subject

    @property
    def details(self) -> Mapping[str, Any] | None:
        """Its details; None where they are no JSON of an event."""
        return _parsed(self.details_json)

    @property
    def summary(self) -> str:
        """Its details in short."""
        return summary_of(self.details, self.details_json)


def read_trail(folder: Path, *, after: int = 0, cancel: CancelToken | None = None) -> Iterator[ShownEvent]:
    """Every event of a case, in order of number; the chain is not checked.

    Args:
        folder: of the case.
        after: number of the last event that is not wanted; 0 for all.
        cancel: looked at now and then.

    Raises:
        CaseNotFound: there is no case.
        CaseTooNew: made by a newer version.
        CaseDamaged: it cannot be read at all.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    with looked_into(folder) as connection, texts_read_anyway(connection):
        if not trail_is_readable(connection):
            raise CaseDamaged(f"{folder} has no audit trail that could be read; restore it from a copy.")
        rows = connection.execute("SELECT id, sha256, name FROM item ORDER BY id")
        known = {item_id: KnownItem(item_id, sha256, name) for item_id, sha256, name in rows}
        by_hash = {item.sha256: item for item in known.values()}
        for number, row in enumerate(trail.rows(connection, after=after)):
            if number % _LOOK_EVERY == 0:
                token.raise_if_cancelled()
            items = _items(row.event.subject, _parsed(row.details_json), known, by_hash)
            yield ShownEvent(row.event, row.details_json, items)


def _parsed(details_json: str) -> Mapping[str, Any] | None:
    try:
        details = json.loads(details_json, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return None
    return details if isinstance(details, dict) else None


def _finite(text: str) -> float:
    """A number that JSON has; Python reads NaN and infinity too, and no other program what it writes of them."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no number of JSON")
    return value


def _items(
    subject: str, details: Mapping[str, Any] | None, known: Mapping[int, KnownItem], by_hash: Mapping[str, KnownItem]
) -> tuple[KnownItem, ...]:
    said = details or _NONE
    numbers = [said.get("item"), *_listed(said.get("items"))]
    numbers += [each.get("item_id") for each in _listed(said.get("altered")) if isinstance(each, dict)]
    found = {number: known[number] for number in numbers if type(number) is int and number in known}
    item = by_hash.get(subject)
    if item is not None:
        found[item.id] = item
    return tuple(found.values())


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
