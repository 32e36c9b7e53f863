"""The commands of the Case menu."""

from __future__ import annotations

from forensic_gui.views.handlers.desk import Desk, Table


def case_table(_desk: Desk) -> Table:
    """What the commands of the Case menu do."""
    return {}
