"""The commands of the Draw menu."""

from __future__ import annotations

from forensic_gui.views.handlers.desk import Desk, Table


def draw_table(_desk: Desk) -> Table:
    """What the commands of the Draw menu do."""
    return {}
