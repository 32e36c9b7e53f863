"""The case at a glance."""

from __future__ import annotations

from pathlib import Path

from forensic_gui.services.summary.contract import SummaryForm
from forensic_gui.views.handlers.desk import Desk, Table
from forensic_gui.views.summary.door import open_summary_door
from forensic_gui.views.summary.room import SummaryRoom

_KINDS = {
    SummaryForm.CSV: "Tables (*.csv)",
    SummaryForm.JSONL: "JSON Lines (*.jsonl)",
    SummaryForm.HTML: "Web pages (*.html)",
    SummaryForm.PDF: "PDF files (*.pdf)",
}
assert set(_KINDS) == set(SummaryForm)


def summary_table(desk: Desk) -> Table:
    """What the command that shows the summary does."""
    rooms: list[SummaryRoom] = []

    def show() -> None:
        if not rooms:
            room = SummaryRoom(
                desk.session, door=open_summary_door(), ask_place=lambda case, form: _ask_place(desk, case, form)
            )
            room.broke.connect(desk.session.broke)
            rooms.append(room)
        rooms[0].show()

    return {"summary": show}


def _ask_place(desk: Desk, case: str, form: SummaryForm) -> Path | None:
    proposal = Path(desk.places.to_save()) / f"{case}-summary{form.value}"
    path = desk.ask.place("Save Summary", proposal, _KINDS[form])
    if path is not None:
        desk.places.saved_to = str(path.parent)
    return path
