"""Every command of the window. The menus and the overview of keys are made of this."""

from __future__ import annotations

from forensic_gui.views.core.commands.analyze import ANALYZE_COMMANDS
from forensic_gui.views.core.commands.case import CASE_COMMANDS
from forensic_gui.views.core.commands.compare import COMPARE_COMMANDS
from forensic_gui.views.core.commands.draw import DRAW_COMMANDS
from forensic_gui.views.core.commands.edit import EDIT_COMMANDS
from forensic_gui.views.core.commands.file import FILE_COMMANDS
from forensic_gui.views.core.commands.help import HELP_COMMANDS
from forensic_gui.views.core.commands.records import Command as Command
from forensic_gui.views.core.commands.records import Menu as Menu
from forensic_gui.views.core.commands.records import Needs as Needs
from forensic_gui.views.core.commands.report import REPORT_COMMANDS
from forensic_gui.views.core.commands.view import VIEW_COMMANDS

COMMANDS: tuple[Command, ...] = (
    *FILE_COMMANDS,
    *CASE_COMMANDS,
    *EDIT_COMMANDS,
    *VIEW_COMMANDS,
    *DRAW_COMMANDS,
    *ANALYZE_COMMANDS,
    *COMPARE_COMMANDS,
    *REPORT_COMMANDS,
    *HELP_COMMANDS,
)


def command(command_id: str) -> Command:
    """The command of this id."""
    return next(each for each in COMMANDS if each.id == command_id)
