"""`forensic-gui evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal, wait_for
from forensic_gui.cli.options import DeviceOption, ThresholdOption, ViewsOption, WeightsOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, printable, progress_view, tell
from forensic_gui.domain.errors import Cancelled, RequestError
from forensic_gui.services.ports import Views
from forensic_gui.services.scoring import F1Variant, ScoringPlan

if TYPE_CHECKING:
    from forensic_gui.services.evaluate import EvaluateRequest, EvaluateSummary

HELP = """Score a localizer on images whose manipulated pixels are known.

DATASET is a folder with Tp (manipulated images), Gt (their masks, of the same size and stem; a trailing _gt is allowed)
and, where it has one, Au (untouched images). Files that do not pair are refused by name. Where manifest.jsonl of
`synthesize` lies there, kinds and source photographs are read from it. DATASET may also be IMDL-BenCo's JSON list
[[image, mask], [image, "Negative"], ...], with paths relative to it; COCO and other labels become one by
`labels import` and `labels export --format benco-json`.

FIGURES: pixel F1 and IoU at the image's own size, model score strictly over the threshold, by image, then the mean over
manipulated images; mean AUC; by kind and size of the edit; what is flagged on untouched images. 95 % intervals
resample groups of images that share a source photograph. "best F1" chose its threshold on the same images: an upper
bound.

OTHER TOOLS: --predictions NAME=FOLDER sets the heatmaps of another tool in the same table, at a threshold of 0.5: grey
PNG of 8 or 16 bits, or .npy of floats (H, W) from 0 to 1, named <stem of the image> or <stem>.heatmap. A map of another
size is brought to the image's bilinearly, and scores.json says how many were. All maps are checked first; one that is
missing is refused, since rows compare only on the same images.

ROBUSTNESS: --robustness scores every image 25 times more: JPEG 100 to 50, Gaussian blur of kernel 3 to 23, Gaussian
noise of variance 3 to 23, resized by 0.5 to 1.5, and three recipes of sharing services (shrunk to 2048, 1280 or 960
pixels if larger, then JPEG 85, 75 or 70). Heatmaps come back to the image's own size bilinearly. Noise has a seed by
image and condition. "F1 lost" is the share of the F1 at the threshold that a condition costs.

CALIBRATION: --fit-calibration FILE also fits, to the images of DATASET, which share of the pixels of each model score
is manipulated, and writes it for `weights calibrate` to put on the weights' card. DATASET must hold nothing that the
weights were trained on, and untouched images beside manipulated ones as the work will. Each view has its own.

OUTPUT: the scores as JSON into FILE, tables on stdout; failures on stderr, `path: sentence`. `--progress jsonl` writes
one JSON object a line on stdout for each image, `--json` writes the scores there as one line; with either, no table.

EXIT STATUS: 0 done; 1 some images could not be measured (each named, the figures are of the others); 2 the call was
wrong; 130 stopped by Ctrl-C, nothing written.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate", help=paragraphs(HELP))(evaluate_command)


def evaluate_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    dataset: Annotated[
        Path, typer.Argument(help="Folder with Tp, Gt and perhaps Au, a JSON list, or a COCO file.", metavar="DATASET")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="JSON file for the scores.")],
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    threshold: ThresholdOption = None,
    views: ViewsOption = Views.THOROUGH,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Also score maps that learned nothing, on the same images.")
    ] = False,
    predictions: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FOLDER", help="Heatmaps of another tool, in the same table; may be repeated."),
    ] = None,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Also score every image degraded in 25 ways, as above.")
    ] = False,
    calibration: Annotated[
        bool, typer.Option("--calibration", help="Also show how model scores compare with shares of pixels.")
    ] = False,
    fit_calibration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON file for a calibration fitted to these images, as above.")
    ] = None,
    f1: Annotated[
        list[F1Variant] | None,
        typer.Option("--f1", help="F1 by another of IMDL-BenCo's definitions, in columns of its own; may be repeated."),
    ] = None,
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
        plan=ScoringPlan(
            limit=limit,
            baselines=baselines,
            predictions=named_folders(predictions or []),
            robustness=robustness,
            variants=tuple(dict.fromkeys(f1 or [])),
        ),
        calibration=calibration,
        fitted=fit_calibration,
    )
    try:
        summary = run_request(request, weights=weights, device=device, progress=progress)
    except Cancelled:
        tell("Stopped; nothing was written.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    show(summary, progress=progress, as_json=as_json)
    raise typer.Exit(1 if summary.failures else 0)


def named_folders(options: Sequence[str]) -> dict[str, Path]:
    """Folders by name, as `NAME=FOLDER` says.

    Raises:
        RequestError: one says no such thing, or a name occurs twice.
    """
    folders: dict[str, Path] = {}
    for option in options:
        name, _, folder = option.partition("=")
        if not name.strip() or not folder:
            raise RequestError(f"--predictions takes NAME=FOLDER, as other-tool=heatmaps, not {option!r}.")
        if name.strip() in folders:
            raise RequestError(f"--predictions names «{name.strip()}» twice.")
        folders[name.strip()] = Path(folder)
    return folders


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
    written = {"scores are": summary.scores, "rows are": summary.rows, "calibration is": summary.fitted}
    for what, path in written.items():
        if path is not None:
            tell(f"The {what} in {path}.")
