"""Reports as an examiner would write them, and records of them as a report is made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.domain.reports.record import CaseFacts, ItemFacts, ReportRecord, Software
from forensic_gui.domain.reports.revision import IssuedReport
from forensic_gui.services.case import CaseSession

CONCLUDED = Opinion(
    title="Photographs of the quay",
    first_proposition="Image 1 was altered after it was taken.",
    second_proposition="Image 1 is as the camera wrote it.",
    level=Level.LIMITED_FIRST,
    reasons="A region repeats another one.",
)
NOTED = replace(CONCLUDED, limits="The scale of the photographs is unknown.")


@contextmanager
def in_the_name_of(author: str, case: CaseSession) -> Iterator[CaseSession]:
    """The case opened by somebody else, once its first user has closed it."""
    case.close()
    with CaseSession.open(case.folder, author=author) as session:
        yield session


def last_event(case: CaseSession) -> tuple[str, str, dict[str, Any]]:
    """(who, what, details) of the newest event."""
    event = case.audit()[-1]
    return event.actor, event.action, dict(event.details)


def record_of(case: CaseSession) -> ReportRecord:
    """The record of the draft as it stands; nothing is known of its items but what a list shows."""
    info, draft = case.info, case.reports.draft()
    item_ids = draft.plan.item_ids or tuple(item.id for item in case.items())
    return ReportRecord(
        case=CaseFacts(info.id, info.name, info.created, info.created_by, info.tool_version, info.items),
        trail=case.reports.trail_state(),
        opinion=draft.opinion,
        plan=replace(draft.plan, item_ids=item_ids),
        issue=None,
        items=tuple(_facts(case.item(item_id)) for item_id in item_ids),
        weights=(),
        software=Software("0.1.0", "", {}, {}),
    )


def issued(case: CaseSession, *, reason: str = "") -> IssuedReport:
    """The draft, issued as it stands."""
    return case.reports.issue(record_of(case), reason=reason)


def _facts(item: CaseItem) -> ItemFacts:
    return ItemFacts(
        id=item.id,
        name=item.name,
        sha256=item.sha256,
        is_unaltered=True,
        size_bytes=item.size_bytes,
        source=item.source,
        modified_utc=item.modified_utc,
        added=item.added,
        added_by=item.added_by,
        group=item.group,
        tags=item.tags,
        unreadable=item.unreadable,
        decoding=None,
        metadata=None,
        finding=None,
        finding_id=None,
        mask=None,
        regions=(),
        conclusion=item.conclusion.value,
        edits=0,
        last_edit=("", ""),
        difference=None,
    )
