"""Commands of the Case menu."""

from __future__ import annotations

from forensic_gui.views.core.commands.records import Command

CASE_COMMANDS: tuple[Command, ...] = ()
