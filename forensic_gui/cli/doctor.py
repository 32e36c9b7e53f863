"""`forensic-gui doctor`."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Annotated

import typer

from forensic_gui.cli.output import emit, printable


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor_command)


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show what this installation consists of and try its parts; exit 1 where one does not work.

    A machine without a display passes: only the window needs one, and its line says so.
    """
    from forensic_gui.services.doctor import diagnose

    diagnosis = diagnose(os.environ)
    failed = any(not check.passed for check in diagnosis.checks if check.name != "window")
    if as_json:
        emit(asdict(diagnosis))
        raise typer.Exit(int(failed))
    for name, value in diagnosis.facts.items():
        typer.echo(printable(f"{name}: {value}"))
    typer.echo(", ".join(f"{name} {version or 'MISSING'}" for name, version in diagnosis.packages.items()))
    for check in diagnosis.checks:
        verdict = "works" if check.passed else f"DOES NOT WORK (needed for {check.needed_for})"
        typer.echo(printable(f"{check.name} {verdict}: {check.detail}"))
    raise typer.Exit(int(failed))
