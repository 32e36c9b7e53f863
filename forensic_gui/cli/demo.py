"""`forensic-gui demo`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, printable, tell
from forensic_gui.domain.errors import InstallationError

if TYPE_CHECKING:
    from forensic_gui.services.demonstrate import Comparison
    from forensic_gui.services.sample_case import SampleImage

OUTPUT = Path("forensic-gui-demo")

HELP = """Show the tool at work on the sample case.

Five photographs ship with the program, three of them manipulated in a known way. They are opened in the window. Where
none can be opened (no display, or system libraries are missing, which are then named), or with --no-window, they are
analyzed as `forensic-gui analyze` does, the results are written to DIR, and a table compares them with what was done.

The table's columns are the highest model score, the score that 1 % of the pixels exceed, the share of pixels over the
threshold, the share that was manipulated, and pixel F1 of the mask against the known one.

EXIT STATUS: as of `analyze`.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help=paragraphs(HELP))(demo_command)


def demo_command(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help=f"Folder for the results, ./{OUTPUT} by itself."),
    ] = None,
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Analyze and write, also where there is a display.")
    ] = False,
    weights: Annotated[
        str | None, typer.Option(metavar="ID|FILE", help="Weights to analyze with; see `weights list`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The table as one JSON object on stdout.")] = False,
) -> None:
    """Open the window on the sample case, or analyze it."""
    from forensic_gui.services.sample_case import load_sample_case

    sample = load_sample_case()
    obstacle = None if no_window else obstacle_to_window(os.environ)
    if not no_window and obstacle is None:
        if output is not None:
            tell(f"Nothing is written to {output}: the window saves what it is asked to. Use --no-window to write.")
        raise typer.Exit(_open_window(sample))
    if obstacle is not None:
        tell(obstacle)
        tell("The sample case is analyzed without a window.")
    raise typer.Exit(_analyze(sample, output or OUTPUT, weights=weights, as_json=as_json))


def obstacle_to_window(environment: Mapping[str, str]) -> str | None:
    """Why no window that anybody sees can be opened here, a sentence; None where it can."""
    from forensic_gui.services.desktop import has_display, require_desktop

    if not has_display(environment):
        return "There is no display to open a window on."
    try:
        require_desktop(environment)
    except InstallationError as error:
        return str(error)
    return None


def _open_window(sample: Sequence[SampleImage]) -> int:
    from forensic_gui.views.app import run  # Qt: the analysis must not need it

    return run([image.path for image in sample])


def _analyze(sample: Sequence[SampleImage], output: Path, *, weights: str | None, as_json: bool) -> int:
    """Analyze into `output`, compare and tell; return the exit status."""
    from forensic_gui.cli.analyze import exit_status, run_request, tell_summary
    from forensic_gui.services import bootstrap  # numpy, OpenCV
    from forensic_gui.services.analyze import AnalyzeRequest
    from forensic_gui.services.demonstrate import compare_with_known

    request = AnalyzeRequest(paths=tuple(image.path for image in sample), output=output)
    summary = run_request(request, weights=weights, device="auto", progress=ProgressStyle.AUTO)
    tell_summary(summary)
    status = exit_status(summary)
    compared = compare_with_known(sample, findings=summary.findings, pixel_f1=bootstrap.pixel_f1)
    if as_json:
        emit(
            {
                "event": "demo",
                "output": str(output.absolute()),
                "findings": str(summary.findings.absolute()),
                "images": [comparison.to_record() for comparison in compared],
            }
        )
        return status
    for line in table(compared):
        typer.echo(line)
    typer.echo("A model score is a reason to look, not a verdict.")
    typer.echo(printable(f"Masks, heatmaps, overlays and findings.jsonl are in {output.absolute()}"))
    return status


def table(compared: Sequence[Comparison]) -> list[str]:
    """The comparisons as lines of text with aligned columns."""
    head = ("image", "what was done", "highest", "p99", "over threshold", "manipulated", "F1")
    rows = [head, *(_row(comparison) for comparison in compared)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _row(comparison: Comparison) -> tuple[str, ...]:
    return (
        comparison.name,
        comparison.image.manipulation.value,
        f"{comparison.scores['maximum']:.2f}",
        f"{comparison.scores['p99']:.2f}",
        f"{comparison.share_over_threshold:.1%}",
        f"{comparison.known_share:.1%}",
        "" if comparison.pixel_f1 is None else f"{comparison.pixel_f1:.2f}",
    )
