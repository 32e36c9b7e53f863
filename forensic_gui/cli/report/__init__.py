"""`forensic-gui report`: make, write, issue, review, sign and verify reports of a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from forensic_gui.cli.output import paragraphs
from forensic_gui.cli.report import checking, make, writing

HELP = """Reports of a case: an examiner's report, and a technical appendix that another examiner can repeat.

`forensic-gui report CASE -o FILE.pdf` writes one; a CASE that has the name of a command below is given as ./NAME.

EXIT STATUS: 0 done; 1 some items could not be shown, or a report is not what was written; 2 nothing was done, because
the call was wrong or the case cannot be used.
"""

# Modules of this package, each with a function that adds its commands.
_PARTS: tuple[Callable[[typer.Typer], None], ...] = (make.register, writing.register, checking.register)


class _ReportGroup(TyperGroup):
    """`report CASE …` is `report make CASE …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command that was left out."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [make.NAME, *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(cls=_ReportGroup, help=paragraphs(HELP), no_args_is_help=True)
    for add in _PARTS:
        add(group)
    app.add_typer(group, name="report")
