"""Reports' records by their hash, which a report prints beside the head of the trail and which is no event's hash."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.trail_fault import TrailRow
from forensic_gui.services.auditing.lines import rows_of
from forensic_gui.services.checking.writings import WRITTEN
from forensic_gui.storage.case import trail
from forensic_gui.storage.case.checking import texts_read_anyway
from forensic_gui.storage.case.opening import looked_into
from forensic_gui.storage.case.reported import REPORT_ISSUED

# Each with the member of its details that numbers the revision.
_NUMBERED_BY = {REPORT_ISSUED: "number", WRITTEN: "revision"}


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """A report's record, as an event of the trail names it.

    Attributes:
        event: number of the first event that does.
        revision: number of the issued revision; None for a draft.
    """

    event: int
    revision: int | None


def named_record(source: Path, sha256: str, *, events: int) -> NamedRecord | None:
    """The record of this hash by the word of a trail; None where no event names it.

    Args:
        source: folder of a case, or a file of events, of which the chain was followed.
        sha256: of the record's canonical JSON.
        events: number of the last event that fits; none behind it is heard.
    """
    if not source.is_dir():
        return _first(rows_of(source), sha256, events)
    with looked_into(source) as connection, texts_read_anyway(connection):
        return _first(trail.rows(connection), sha256, events)


def _first(rows: Iterable[TrailRow], sha256: str, events: int) -> NamedRecord | None:
    for row in rows:
        if row.event.seq > events:
            break
        # Most events are passed over without their details being parsed.
        if row.event.action in _NUMBERED_BY and sha256 in row.details_json:
            details = _details(row.details_json)
            if details.get("record_sha256") == sha256:
                revision = details.get(_NUMBERED_BY[row.event.action])
                return NamedRecord(row.event.seq, revision if isinstance(revision, int) else None)
    return None


def _details(details_json: str) -> dict[str, Any]:
    """Details of an event; none where somebody sealed what is no JSON of an event."""
    try:
        details = json.loads(details_json)
    except (ValueError, RecursionError):
        return {}
    return details if isinstance(details, dict) else {}
