"""What a case says of items, all of one moment: what a report is made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.case import AuditEvent, CaseItem, StoredFinding
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.reports.revision import ReportDraft
from forensic_gui.storage.case import editlog, findings, items, reports, trail


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """What a case says of one item.

    Attributes:
        item: the item itself.
        facts: how its pixels were made when it was read last; None where it was not yet.
        finding: the newest one; None without one.
        annotation: what the analyst says; None before the first edit.
        edits: number of entries in its edit log.
        last_edit: author and time of the last one; empty texts without one.
    """

    item: CaseItem
    facts: DecodeFacts | None
    finding: StoredFinding | None
    annotation: Annotation | None
    edits: int
    last_edit: tuple[str, str]


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """What a case says at one moment.

    Attributes:
        items: in the order asked for.
        total: number of items in the case.
        draft: the report as it is being written.
        last_change: the last event of the audit trail that changed any of this.
    """

    items: tuple[ItemStanding, ...]
    total: int
    draft: ReportDraft
    last_change: AuditEvent


def read_standing(connection: sqlite3.Connection, item_ids: Sequence[int]) -> CaseStanding:
    """Read what the case says of items, within the caller's transaction.

    Raises:
        CaseError: one of them does not exist.
        CaseDamaged: what is kept of one cannot be read.
    """
    items.require(connection, item_ids)
    known = items.fetch(connection, item_ids)
    return CaseStanding(
        items=tuple(_item(connection, known[item_id]) for item_id in item_ids),
        total=items.count(connection),
        draft=reports.draft(connection),
        last_change=trail.last_change(connection),
    )


def _item(connection: sqlite3.Connection, item: CaseItem) -> ItemStanding:
    _, annotation = editlog.current(connection, item.id)
    edits, author, time = editlog.last_entry(connection, item.id)
    return ItemStanding(
        item=item,
        facts=items.decoded_facts(connection, item.id),
        finding=findings.newest_of_item(connection, item.id),
        annotation=annotation,
        edits=edits,
        last_edit=(author, time),
    )
