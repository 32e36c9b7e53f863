"""The rows of a summary."""

from __future__ import annotations

from collections.abc import Sequence

from forensic_gui.domain.errors import CaseError
from forensic_gui.domain.summary import SummaryRow
from forensic_gui.services.case.session import CaseSession


def read_rows(case: CaseSession, item_ids: Sequence[int] | None = None) -> tuple[SummaryRow, ...]:
    """Rows of items in their order, all of one moment; None: of all, in the order of adding.

    Raises:
        CaseError: one of them is not in the case.
    """
    rows = case.summarized()
    if item_ids is None:
        return rows
    known = {row.item.id: row for row in rows}
    missing = [item_id for item_id in item_ids if item_id not in known]
    if missing:
        raise CaseError(f"There is no item {missing[0]} in this case.")
    return tuple(known[item_id] for item_id in item_ids)
