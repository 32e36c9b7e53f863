"""Findings to be repeated: of a report's record, or of a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.case import StoredFinding
from forensic_gui.domain.errors import CaseDamaged, RequestError
from forensic_gui.domain.reports.record import ReportRecord
from forensic_gui.services.case import CaseSession
from forensic_gui.services.reproducing.recorded import Subject


def subjects_of_record(record: ReportRecord) -> tuple[Subject, ...]:
    """What a report says, item by item, in its order."""
    return tuple(
        Subject(item.id, item.name, item.sha256, item.source, item.finding, facts=item) for item in record.items
    )


def subjects_of_case(case: CaseSession, item_ids: Sequence[int] = ()) -> tuple[Subject, ...]:
    """The newest findings of a case.

    Args:
        case: open for reading at least.
        item_ids: which items, in their order; empty for all.

    Raises:
        CaseError: an item does not exist.
        CaseDamaged: maps of a finding are missing or altered.
    """
    ids = tuple(item_ids) or tuple(item.id for item in case.items())
    found: list[Subject] = []
    for standing in case.standing(ids).items:
        item, finding = standing.item, standing.finding
        subject = Subject(item.id, item.name, item.sha256, item.source, None if finding is None else finding.record)
        found.append(subject if finding is None else replace(subject, grid=_grid(case, finding)))
    return tuple(found)


def with_case(subjects: Sequence[Subject], record: ReportRecord, case: CaseSession) -> tuple[Subject, ...]:
    """What a report says, with the whole heatmaps of the case that it was made of.

    Raises:
        RequestError: the report is of another case.
        CaseDamaged: maps of a finding are missing or altered.
    """
    if case.info.id != record.case.id:
        raise RequestError(f"The report is of another case: {record.case.name}, {record.case.id}.")
    known = {item.id for item in case.items()}
    return tuple(_with_grid(subject, case, is_item=subject.item_id in known) for subject in subjects)


def chosen(subjects: Sequence[Subject], item_ids: Collection[int]) -> tuple[Subject, ...]:
    """Those of some items, in the order of the numbers; all of them where none is named.

    Raises:
        RequestError: there is no such item.
    """
    if not item_ids:
        return tuple(subjects)
    by_id: Mapping[int, Subject] = {subject.item_id: subject for subject in subjects}
    missing = [number for number in item_ids if number not in by_id]
    if missing:
        raise RequestError(f"There is no item {missing[0]} here.")
    return tuple(by_id[number] for number in item_ids)


def _with_grid(subject: Subject, case: CaseSession, *, is_item: bool) -> Subject:
    """With the heatmap of the very finding that the report has; without one it is no finding of the case."""
    facts = subject.facts
    if facts is None or facts.finding is None:
        return subject
    for finding in case.findings(subject.item_id) if is_item else ():
        if finding.id == facts.finding_id and finding.record == facts.finding:
            return replace(subject, grid=_grid(case, finding))
    return replace(subject, is_foreign=True)


def _grid(case: CaseSession, finding: StoredFinding) -> NDArray[np.float32]:
    maps = case.maps(finding)
    if "heatmap" not in maps:
        raise CaseDamaged(f"The maps of finding {finding.id} hold no heatmap; restore the case from a copy.")
    return maps["heatmap"]
