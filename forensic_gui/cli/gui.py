"""`forensic-gui gui`, and `forensic-gui` alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("gui")(gui_command)


def gui_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Images or folders to open.", metavar="PATHS")] = None,
) -> None:
    """Open the window, on PATHS if given."""
    from forensic_gui.services.desktop import require_desktop

    require_desktop(os.environ)
    from forensic_gui.views.app import run  # Qt: what runs without a screen must not need it

    raise typer.Exit(run(paths or []))
