"""Whether a plan shows what a case has."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter

from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.plan import Part, PictureKind, PinnedView, ReportPlan
from forensic_gui.storage.case import items

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # RFC 5646, as far as templates are named by it


def require_sound_plan(connection: sqlite3.Connection, plan: ReportPlan) -> None:
    """Raise `ReportError` where a plan names what the case does not have, or the same thing twice."""
    known = items.fetch(connection, sorted({*plan.item_ids, *(view.item_id for view in plan.pinned)}))
    for item_id in (*plan.item_ids, *(view.item_id for view in plan.pinned)):
        if item_id not in known:
            raise ReportError(f"There is no item {item_id} in this case, so the report cannot show it.")
    twice = [item_id for item_id, times in Counter(plan.item_ids).items() if times > 1]
    if twice:
        raise ReportError(f"The report would show item {twice[0]} twice: name each item once.")
    if not plan.parts or list(plan.parts) != [part for part in Part if part in plan.parts]:
        names = ", ".join(Part)
        raise ReportError(f"A report has at least one of its parts, each once, in this order: {names}.")
    if not _LANGUAGE.fullmatch(plan.language):
        raise ReportError(f"{plan.language!r} names no language: give its code, as en.")
    for view in plan.pinned:
        _require_drawable(view, known[view.item_id])


def _require_drawable(view: PinnedView, item: CaseItem) -> None:
    if view.picture is PictureKind.EMBEDDED:
        raise ReportError("A view of the thumbnail that a file carries cannot be pinned: it has pixels of its own.")
    if item.size is None:
        raise ReportError(f"{item.name} was not read yet, so no part of it can be pinned; show or analyze it first.")
    box = view.box
    if box.x0 < 0 or box.y0 < 0 or box.x1 > item.size.width or box.y1 > item.size.height:
        corners = f"{box.x0:g},{box.y0:g},{box.x1:g},{box.y1:g}"
        size = f"{item.size.width}x{item.size.height}"
        raise ReportError(f"The pinned view {corners} reaches beyond {item.name}, which has {size} pixels.")
