"""The audit trail of the case."""

from __future__ import annotations

from pathlib import Path

from forensic_gui.views.auditing.door import open_audit_door
from forensic_gui.views.auditing.room import AuditRoom
from forensic_gui.views.handlers.desk import Desk, Table

_LINES = "JSON Lines (*.jsonl)"


def audit_table(desk: Desk) -> Table:
    """What the command that shows the audit trail does."""
    rooms: list[AuditRoom] = []

    def show() -> None:
        if not rooms:
            session = desk.session
            room = AuditRoom(session.case, desk.window, door=open_audit_door(), lanes=session.lanes)
            room.broke.connect(session.broke)
            rooms.append(room)
        rooms[0].show(ask=lambda case: _ask_place(desk, case))

    return {"audit_trail": show}


def _ask_place(desk: Desk, case: str) -> Path | None:
    path = desk.ask.place("Export Audit Trail", Path(desk.places.to_save()) / f"{case}-audit-trail.jsonl", _LINES)
    if path is not None:
        desk.places.saved_to = str(path.parent)
    return path
