"""`forensic-gui analyze`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.case import add_to_case, open_case
from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal, wait_for
from forensic_gui.cli.options import AuthorOption, DeviceOption, ThresholdOption, ViewsOption, WeightsOption
from forensic_gui.cli.output import ProgressStyle, emit, failure_line, paragraphs, passed_over, progress_view, tell
from forensic_gui.domain.errors import Cancelled, RequestError
from forensic_gui.domain.finding import Failure, Product
from forensic_gui.services.ports import Views

if TYPE_CHECKING:
    from forensic_gui.domain.case import CaseItem
    from forensic_gui.services.analyze import AnalyzeRequest, AnalyzeSummary
    from forensic_gui.services.case import CaseSession

NOTHING_TO_WRITE = "none"

HELP = """Localize manipulation in images: a finding for each, and pictures of it.

PATHS are files and folders. Folders recurse: every file is opened, whatever its suffix, except usual companions of
photographs (texts, tables, archives, films) and what is hidden, files and folders; these are counted. Symbolic links,
FIFOs and devices are not followed. What is named is always opened. Evidence is opened read-only and nothing is written
beside it, unless DIR is its folder.

Into DIR go findings.jsonl, one line for each image in the order of the input (appended to; a line comes when its
image's files are in place), and for each image <stem>.mask.png (0 or 255: model score strictly over the threshold),
<stem>.heatmap.png (16-bit grey, model score x 65535) and <stem>.overlay.jpg (to look at only).

SIZE AND ORIENTATION: all three have the evidence's own size and stored pixel order, and its EXIF orientation as a tag:
row and column mean the same in both, and a viewer that turns the evidence upright turns them too.

SAME NAMES: the second image of a run called IMG.jpg (or IMG.png) writes IMG~2.mask.png and so on, the third IMG~3, in
the order of the input; findings.jsonl says which is whose. A later run replaces files only where findings.jsonl says
that the same image (by SHA-256) made them; it passes over any other file and takes the next free number. What lies
in DIR is not analyzed, unless DIR is among PATHS or holds them: then only files that findings.jsonl lists are left out.

CASES: with `--case CASE` what PATHS name is first copied into the case, where it is not there already, then read from
the case, its hash compared; findings and maps are kept in the case as well. Without PATHS every item of the case is
analyzed.

REMARKS: a finding says in sentences in what the image is unlike those that the weights were trained on (its size, its
JPEG quality, signs of a screenshot or of an earlier compression); they are told on stderr for a single image, and
counted for more.

OUTPUT: failures are told on stderr, `path: sentence`. `--progress jsonl` writes one JSON object a line on stdout for
each image started, finished or failed; `--json` writes one more at the end, with "event": "summary".

EXIT STATUS: 0 done; 1 some inputs failed (each named, the rest done) or the output gave out; 2 nothing was done,
because the call was wrong or the weights, the device or DIR cannot be used; 130 stopped by Ctrl-C (what was finished
stays; a second Ctrl-C ends at once).
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("analyze", help=paragraphs(HELP))(analyze_command)


def analyze_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the results.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Images, or folders with images.", metavar="PATHS", show_default=False)
    ] = None,
    case: Annotated[
        Path | None, typer.Option(metavar="CASE", help="Keep evidence and findings in this case as well.")
    ] = None,
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    threshold: ThresholdOption = None,
    views: ViewsOption = Views.THOROUGH,
    write: Annotated[
        str, typer.Option(metavar="KINDS", help="Any of mask,heatmap,overlay, with commas; or none.")
    ] = "mask,heatmap,overlay",
    page: Annotated[int, typer.Option(metavar="N", help="Page or frame of multi-page files, from 0.")] = 0,
    progress: Annotated[
        ProgressStyle, typer.Option(help="bar and jsonl as above; auto: a bar on a terminal.")
    ] = ProgressStyle.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout at the end.")] = False,
    author: AuthorOption = None,
) -> None:
    """Turn arguments into a request, run it, tell how it ended."""
    # OpenCV and what reads images: --help and a wrong call must not wait for them.
    from forensic_gui.services.analyze import AnalyzeRequest

    make_request = partial(
        AnalyzeRequest, output=output, views=views, threshold=threshold, products=parse_products(write), page=page
    )
    try:
        if case is None:
            request = make_request(tuple(paths or ()))
            summary = run_request(request, weights=weights, device=device, progress=progress)
        else:
            with open_case(case, author=author) as session:
                in_case = _choose(session, paths, progress=progress)
                request = make_request(tuple(session.original(item.id) for item in in_case.items))
                summary = run_request(request, weights=weights, device=device, progress=progress, in_case=in_case)
                summary = replace(summary, failures=(*in_case.unread, *summary.failures))
    except Cancelled:
        tell("Stopped before the first image.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    tell_summary(summary)
    if summary.analyzed and _is_among_evidence(output, paths or ()):
        tell(f"The results lie among the evidence in {output}; another DIR keeps the two apart.")
    if as_json:
        emit(summary_record(summary))
    raise typer.Exit(exit_status(summary))


def _is_among_evidence(output: Path, paths: Sequence[Path]) -> bool:
    folder = output.resolve()
    return any(folder == (path if path.is_dir() else path.parent).resolve() for path in paths)


@dataclass(frozen=True, slots=True)
class InCase:
    """The case whose items are analyzed, which, and what could not be added to it."""

    session: CaseSession
    items: Sequence[CaseItem]
    unread: tuple[Failure, ...] = ()


def run_request(
    request: AnalyzeRequest,
    *,
    weights: str | None,
    device: str,
    progress: ProgressStyle,
    in_case: InCase | None = None,
) -> AnalyzeSummary:
    """Wire the ports and analyze, with Ctrl-C stopping it.

    Args:
        request: what to analyze, and how.
        weights: id or file of weights; None for the default.
        device: "auto", "cpu", "cuda" or "mps".
        progress: how progress is shown.
        in_case: the case that the request's paths are originals of, and which items they are.

    Raises:
        Cancelled: stopped before the first image.
        ForensicError: weights, device or output folder cannot be used.
    """
    from forensic_gui.services import bootstrap  # numpy, OpenCV
    from forensic_gui.services.analyze import analyze
    from forensic_gui.services.case.analysis import analyze_case

    with cancel_on_signal() as cancel, closing(bootstrap.open_decoder()) as decoder:
        localizer = wait_for(lambda: bootstrap.load_localizer(weights=weights, device=device), cancel=cancel)
        run = analyze if in_case is None else partial(analyze_case, case=in_case.session, items=in_case.items)
        with progress_view(progress, title="Analyzing") as sink:
            return run(request, decoder=decoder, localizer=localizer, progress=sink, cancel=cancel)


def _choose(session: CaseSession, paths: Sequence[Path] | None, *, progress: ProgressStyle) -> InCase:
    """What is to be analyzed: what the paths name, now in the case, or all of it.

    Raises:
        RequestError: there is nothing.
    """
    if not paths:
        chosen = InCase(session, session.items())
    else:
        report = add_to_case(session, paths, group="", progress=progress)
        ids = dict.fromkeys((*report.added, *report.known))
        chosen = InCase(session, tuple(session.item(item_id) for item_id in ids), report.failures)
    if not chosen.items:
        raise RequestError("There is nothing to analyze in this case: add photographs to it first.")
    return chosen


def parse_products(text: str) -> frozenset[Product]:
    """Kinds of files from the argument of --write.

    Raises:
        RequestError: a kind does not exist, or `none` stands beside others.
    """
    words = [word.strip() for word in text.split(",")]
    if words == [NOTHING_TO_WRITE]:
        return frozenset()
    kinds = {product.value: product for product in Product}
    unknown = [word for word in words if word not in kinds]
    if unknown:
        raise RequestError(
            f"--write takes {', '.join(kinds)} with commas between, or {NOTHING_TO_WRITE} alone, not {text!r}."
        )
    return frozenset(kinds[word] for word in words)


def exit_status(summary: AnalyzeSummary) -> int:
    """What the command ends with."""
    if summary.cancelled:
        return INTERRUPTED_STATUS
    return 1 if summary.failures or summary.stopped else 0


def tell_summary(summary: AnalyzeSummary) -> None:
    """A remark for everything passed over, and one sentence on how the run ended."""
    for skipped in summary.skipped:
        tell(f"skipped {failure_line(str(skipped.path), skipped.message)}")
    if summary.other:
        tell(f"{passed_over(summary.other)}; name a file to have it analyzed whatever it is called.")
    _tell_oddities(summary)
    recorded = f"; findings in {summary.findings}" if summary.analyzed else ""
    images = "1 image" if summary.analyzed == 1 else f"{summary.analyzed} images"
    if summary.cancelled:
        tell(f"Stopped: {images} analyzed until then{recorded}.")
    elif summary.stopped:
        tell(f"Ended early with {images} analyzed: {summary.stopped}")
    elif not summary.analyzed and not summary.failures:
        tell("There was nothing to analyze: no image under the paths given.")
    else:
        failed = f", {len(summary.failures)} failed" if summary.failures else ""
        tell(f"{images} analyzed{failed}{recorded}.")


def _tell_oddities(summary: AnalyzeSummary) -> None:
    """Where images are unlike the training images: the sentences of a single image, the numbers of many."""
    if summary.analyzed == 1:
        for sentence in summary.remarks:
            tell(f"remark: {sentence}")
    elif summary.odd:
        counts = ", ".join(f"{count} {oddity.value}" for oddity, count in summary.odd.items())
        tell(f"Images unlike those that the weights were trained on: {counts}; see «remarks» in the findings.")


def summary_record(summary: AnalyzeSummary) -> dict[str, object]:
    """The summary as JSON values."""
    return {
        "event": "summary",
        "analyzed": summary.analyzed,
        "failed": len(summary.failures),
        "cancelled": summary.cancelled,
        "stopped": summary.stopped,
        "findings": str(summary.findings),
        "other": summary.other,
        "odd": {oddity.name.lower(): count for oddity, count in summary.odd.items()},
        "failures": [failure.to_record() for failure in summary.failures],
        "skipped": [skipped.to_record() for skipped in summary.skipped],
    }
