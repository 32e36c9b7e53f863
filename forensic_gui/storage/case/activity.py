"""What was done with items, of all of them at once: thousands of findings are not read one by one."""

from __future__ import annotations

import sqlite3
from typing import Any

from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.domain.summary import ItemActivity
from forensic_gui.storage.case.text import parsed

_QUERY = """
SELECT
    item.id,
    (SELECT count(*) FROM finding WHERE finding.item_id = item.id),
    (SELECT count(*) FROM edit WHERE edit.item_id = item.id),
    (SELECT record FROM finding WHERE finding.item_id = item.id ORDER BY finding.id DESC LIMIT 1),
    (SELECT facts FROM decoding WHERE decoding.item_id = item.id)
FROM item
"""


def of_all(connection: sqlite3.Connection) -> dict[int, ItemActivity]:
    """What was done with every item, by its id.

    Raises:
        CaseDamaged: a finding says what no finding can say.
    """
    found: dict[int, ItemActivity] = {}
    for item_id, findings, edits, record, facts in connection.execute(_QUERY):
        try:
            found[item_id] = _activity(
                findings,
                edits,
                {} if record is None else parsed(record),
                {} if facts is None else parsed(facts),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CaseDamaged(
                f"What was done with item {item_id} cannot be read; restore the case from a copy."
            ) from error
    return found


def _activity(findings: int, edits: int, record: dict[str, Any], facts: dict[str, Any]) -> ItemActivity:
    form = str(facts["format"]) if facts else ""
    if not record:
        return ItemActivity(edits=edits, format=form)
    remarks = record.get("remarks", [])
    if not isinstance(remarks, list):
        raise TypeError("remarks are a list")
    return ItemActivity(
        findings=findings,
        edits=edits,
        weights_id=str(record["weights_id"]),
        weights_sha256=str(record["weights_sha256"]),
        views=str(record["views"]),
        remarks=tuple(map(str, remarks)),
        finding_time=str(record["time"]),
        format=form,
    )
