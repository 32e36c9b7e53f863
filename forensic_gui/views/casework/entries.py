"""What the list shows of a case's items. No Qt; for many items it is made beside the window's thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from forensic_gui.domain.case import CaseItem
from forensic_gui.views.core.arranging import Rows
from forensic_gui.views.core.items import NOT_ANALYZED, Analyzed, CaseEntry, CouldNot, Item, ItemState


def entry_of(item: CaseItem) -> CaseEntry:
    """What the case says of an item."""
    return CaseEntry(
        id=item.id,
        name=item.name,
        source=item.source,
        group=item.group,
        tags=item.tags,
        regions=item.regions,
        conclusion=item.conclusion,
        kept=_summary(item),
    )


def rows_of(items: Iterable[CaseItem], paths: Mapping[int, Path], *, first_id: int) -> Rows:
    """Rows of a list.

    Args:
        items: of the case.
        paths: where the vault keeps their bytes, by number within the case.
        first_id: what is added to an item's number within the case to make its id in the list.
    """
    rows = []
    for item in items:
        entry = entry_of(item)
        rows.append(Item(first_id + item.id, paths[item.id], _state(item, entry), item.sha256, entry))
    return Rows.of(rows)


def _summary(item: CaseItem) -> Analyzed | None:
    if item.share is None or item.highest_score is None or item.threshold is None:
        return None
    return Analyzed(item.share, item.highest_score, item.threshold, is_kept=True)


def _state(item: CaseItem, entry: CaseEntry) -> ItemState:
    if item.unreadable:
        return CouldNot(item.unreadable)
    return entry.kept or NOT_ANALYZED
