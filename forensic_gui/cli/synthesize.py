"""`forensic-gui synthesize`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal
from forensic_gui.cli.output import ProgressStyle, emit, progress_view, tell
from forensic_gui.domain.errors import Cancelled


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("synthesize")(synthesize_command)


def synthesize_command(
    photos: Annotated[list[Path], typer.Argument(help="Folders of photographs.", metavar="PHOTOS")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Empty or new folder.")],
    count: Annotated[int, typer.Option(metavar="N", help="Images in all.")],
    seed: Annotated[int, typer.Option(help="The same seed and photographs give the same images.")] = 0,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML with a table data.synthesis, such as a recipe for training."),
    ] = None,
    progress: Annotated[ProgressStyle, typer.Option(help="How progress is shown.")] = ProgressStyle.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout at the end.")] = False,
) -> None:
    """Make manipulated images with exact masks, and untouched ones, from photographs.

    DIR gets Tp (manipulated), Gt (their masks), Au (untouched) and manifest.jsonl, which says how each was made.
    """
    from forensic_gui.services.synthesize import SynthesizeRequest, synthesize  # OpenCV

    request = SynthesizeRequest(tuple(photos), output, count, seed, config)
    try:
        with cancel_on_signal() as cancel, progress_view(progress, title="Synthesizing") as sink:
            summary = synthesize(request, progress=sink, cancel=cancel)
    except Cancelled:
        tell(f"Stopped; what was finished is in {output}.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    made = ", ".join(f"{number} {kind}" for kind, number in summary.written.items())
    tell(f"Made {made}; in {summary.folder}.")
    if as_json:
        emit({"event": "summary", "folder": str(summary.folder), "written": dict(summary.written)})
