"""`forensic-gui evaluate`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal, wait_for
from forensic_gui.cli.options import DeviceOption, ThresholdOption, ViewsOption, WeightsOption
from forensic_gui.cli.output import ProgressStyle, emit, printable, progress_view, tell
from forensic_gui.domain.errors import Cancelled
from forensic_gui.services.ports import Views

if TYPE_CHECKING:
    from forensic_gui.services.evaluate import EvaluateRequest, EvaluateSummary

HELP = """Score a localizer on images whose manipulated pixels are known.

DATASET has folders Tp (manipulated images), Gt (their masks, of the same size and stem; a trailing _gt is allowed) and,
where it has one, Au (untouched images). Files that do not pair are refused by name.

FIGURES: pixel F1 and IoU at the image's own size, model score strictly over the threshold, by image, then the mean over
manipulated images; mean AUC; by kind and size of the edit; what is flagged on untouched images. 95 % intervals
resample groups of images that share a source photograph. "best F1" chose its threshold on the same images: an upper
bound.

OUTPUT: the scores as JSON into FILE, a table on stdout; failures on stderr, `path: sentence`. `--progress jsonl` writes
one JSON object a line on stdout for each image, `--json` writes the scores there as one line; with either, no table.

EXIT STATUS: 0 done; 1 some images could not be measured (each named, the figures are of the others); 2 the call was
wrong; 130 stopped by Ctrl-C, nothing written.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate", help=HELP)(evaluate_command)


def evaluate_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    dataset: Annotated[Path, typer.Argument(help="Folder with Tp, Gt and perhaps Au.", metavar="DATASET")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="JSON file for the scores.")],
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    threshold: ThresholdOption = None,
    views: ViewsOption = Views.FAST,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Also score maps that learned nothing, on the same images.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(metavar="N", help="At most N images, spread evenly over the dataset.")
    ] = None,
    rows: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV file for the measurements of every image.")
    ] = None,
    progress: Annotated[
        ProgressStyle, typer.Option(help="bar and jsonl as above; auto: a bar on a terminal.")
    ] = ProgressStyle.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="The scores as JSON on stdout at the end.")] = False,
) -> None:
    """Turn arguments into a request, run it, show the figures."""
    from forensic_gui.services.evaluate import EvaluateRequest  # OpenCV: --help must not wait for it

    request = EvaluateRequest(
        dataset=dataset,
        scores=output,
        rows=rows,
        threshold=threshold,
        views=views,
        baselines=baselines,
        limit=limit,
    )
    try:
        summary = run_request(request, weights=weights, device=device, progress=progress)
    except Cancelled:
        tell("Stopped; nothing was written.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    show(summary, progress=progress, as_json=as_json)
    raise typer.Exit(1 if summary.failures else 0)


def run_request(
    request: EvaluateRequest, *, weights: str | None, device: str, progress: ProgressStyle
) -> EvaluateSummary:
    """Wire the ports and evaluate, with Ctrl-C stopping it.

    Raises:
        Cancelled: stopping was asked for.
        ForensicError: weights, device, dataset or output cannot be used.
    """
    from forensic_gui.services import bootstrap  # numpy, OpenCV
    from forensic_gui.services.evaluate import evaluate

    with cancel_on_signal() as cancel, closing(bootstrap.open_decoder()) as decoder:
        localizer = wait_for(lambda: bootstrap.load_localizer(weights=weights, device=device), cancel=cancel)
        with progress_view(progress, title="Evaluating") as sink:
            return evaluate(
                request,
                decoder=decoder,
                localizer=localizer,
                score_folder=bootstrap.score_folder,
                progress=sink,
                cancel=cancel,
            )


def show(summary: EvaluateSummary, *, progress: ProgressStyle, as_json: bool) -> None:
    """The figures on stdout, and where they lie on stderr."""
    if as_json:
        emit({"event": "summary", **summary.record})
    elif progress is not ProgressStyle.JSONL:
        for line in summary.table.splitlines():
            typer.echo(printable(line))
    count = len(summary.failures)
    if count:
        tell(f"{count} image{'s' if count > 1 else ''} could not be measured; the figures are of the others.")
    tell(f"The scores are in {summary.scores}" + (f", the rows in {summary.rows}." if summary.rows else "."))
