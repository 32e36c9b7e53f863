"""Commands of the Draw menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command

DRAW_COMMANDS: tuple[Command, ...] = ()
