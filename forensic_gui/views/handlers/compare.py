"""Comparing the image with its layers."""

from __future__ import annotations

from forensic_gui.views.canvas.scene import CompareMode
from forensic_gui.views.handlers.desk import Desk, Table


def compare_table(desk: Desk) -> Table:
    """What the commands of the Compare menu do."""
    session = desk.session
    return {
        "compare_single": lambda: session.set_compare_mode(CompareMode.SINGLE),
        "compare_swipe": lambda: session.set_compare_mode(CompareMode.SWIPE),
        "compare_side": lambda: session.set_compare_mode(CompareMode.SIDE_BY_SIDE),
        "end_comparison": session.weights.comparison.end,
        "blink": lambda: blink(desk, held=False),
    }


def blink(desk: Desk, *, held: bool) -> None:
    """The key shows the other state of what the command has chosen."""
    desk.session.canvas.set_blink(held != desk.is_on("blink"))
