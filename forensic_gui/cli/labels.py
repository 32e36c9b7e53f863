"""`forensic-gui labels`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli.case import open_case
from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal
from forensic_gui.cli.options import AuthorOption, CaseArgument, JsonOption, ProgressOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, progress_view, tell
from forensic_gui.domain.errors import Cancelled, RequestError
from forensic_gui.services.labels.formats import FORMATS, LabelFormat, losses_in_words

if TYPE_CHECKING:
    from forensic_gui.domain.finding import Failure
    from forensic_gui.services.labels.contract import ImportReport, LabelsReport

HELP = """Labels out of a case and into one: images with masks, in the forms that trainers and other tools read.

EXIT STATUS: 0 done; 1 some images were refused or not found (each named on stderr, the rest done); 2 nothing was done,
because the call was wrong, or case, labels or folder cannot be used; 130 stopped by Ctrl-C.
"""

EXPORT_HELP = """Write the labels of a case, with their images and a manifest, into a new folder.

Images with regions and images marked as without manipulation are written; the others are counted. Originals are
verified first: an altered one is refused by name, the rest goes on. The folder appears when it is complete.

IMAGES: the original byte by byte where every reader sees its stored pixels (8-bit JPEG, PNG, TIFF, BMP or WebP,
upright, RGB or grey); otherwise a PNG of them without orientation tag. Masks are in stored orientation as well. A
second image of the same stem becomes STEM~2; dots and what file systems refuse become _.

"""

IMPORT_HELP = """Add regions from label files to a case, one undo an image; what is there already is not added again.

PATH is a label file, or the folder of an export. Images are matched to items by the SHA-256 of the image that lies
beside its labels; otherwise by the hash that an export states; otherwise by name and size, which is told. Images of the
labels that are no items are named, and so are shapes without an area.
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help=paragraphs(HELP), no_args_is_help=True)
    group.command("export", help=paragraphs(EXPORT_HELP + _formats_in_words()))(export_command)
    group.command("import", help=paragraphs(IMPORT_HELP))(import_command)
    app.add_typer(group, name="labels")


FormatOption = Annotated[LabelFormat, typer.Option("--format", help="Form of the labels.", show_default=False)]


def export_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    case: CaseArgument,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="A new or empty folder.")],
    chosen: FormatOption,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="PARTS",
            help="As train=0.8,val=0.2: images of one group, or of one photograph by CASIA's names, stay together.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Decides which groups go to which part.")] = 0,
    scribbles: Annotated[
        bool,
        typer.Option(
            "--scribbles",
            help="Strokes too, as PNG: 1 on manipulated pixels, 2 on untouched ones, 0 where none was drawn.",
        ),
    ] = False,
    per_region: Annotated[bool, typer.Option("--per-region", help="For png: a mask for each region too.")] = False,
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Turn arguments into a request, run it, say what was written."""
    from forensic_gui.services import bootstrap  # numpy, OpenCV: --help must not wait for them
    from forensic_gui.services.labels.contract import ExportLabelsRequest
    from forensic_gui.services.labels.exporting import export_labels
    from forensic_gui.services.labels.splits import parse_parts

    parts = parse_parts(split) if split else ()
    if per_region and chosen is not LabelFormat.PNG:
        raise RequestError(f"--per-region goes with --format png, not with {chosen.value}: leave it out.")
    request = ExportLabelsRequest(output, chosen, parts, seed, scribbles, per_region)
    with (
        open_case(case, author=author, only_records="export") as session,
        closing(bootstrap.open_decoder()) as decoder,
        cancel_on_signal() as cancel,
        progress_view(progress, title="Exporting") as sink,
    ):
        try:
            report = export_labels(request, case=session, decoder=decoder, progress=sink, cancel=cancel)
        except Cancelled:
            tell("Stopped; nothing was written.")
            raise typer.Exit(INTERRUPTED_STATUS) from None
    _show_export(report, as_json=as_json)
    raise typer.Exit(1 if report.failures else 0)


def import_command(
    case: CaseArgument,
    path: Annotated[Path, typer.Argument(help="A label file, or the folder of an export.", metavar="PATH")],
    chosen: FormatOption,
    author: AuthorOption = None,
    progress: ProgressOption = ProgressStyle.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Turn arguments into a request, run it, say what was added."""
    from forensic_gui.services import bootstrap
    from forensic_gui.services.labels.contract import ImportLabelsRequest
    from forensic_gui.services.labels.importing import import_labels

    with (
        open_case(case, author=author) as session,
        closing(bootstrap.open_decoder()) as decoder,
        cancel_on_signal() as cancel,
        progress_view(progress, title="Importing") as sink,
    ):
        try:
            request = ImportLabelsRequest(path, chosen)
            report = import_labels(request, case=session, decoder=decoder, progress=sink, cancel=cancel)
            altered = session.verify(occasion="labels import", progress=sink, cancel=cancel)
        except Cancelled:
            tell("Stopped; images that were done stay.")
            raise typer.Exit(INTERRUPTED_STATUS) from None
    _show_import(report, as_json=as_json)
    raise typer.Exit(1 if report.failures or altered else 0)


def _formats_in_words() -> str:
    """A paragraph for each format: what it is, what the folder holds, what is lost."""
    return "\n\n".join(
        f"{traits.format.value.upper()}: {traits.title}. {traits.layout} {losses_in_words(traits.format)}"
        for traits in FORMATS.values()
    )


def _show_export(report: LabelsReport, *, as_json: bool) -> None:
    for notice in report.notices:
        tell(notice)
    split = ", ".join(f"{name} {count}" for name, count in report.parts.items())
    parts = f" ({split})" if len(report.parts) > 1 else ""
    written = (
        f"Nothing was written to any folder; {len(report.failures)} images were refused."
        if report.folder is None
        else f"{report.manipulated} images with {report.regions} regions and {report.untouched} without manipulation "
        f"were written to {report.folder}{parts}; {report.left_out} images have no label."
    )
    tell(written)
    if as_json:
        emit(
            {
                "event": "labels exported",
                "folder": None if report.folder is None else str(report.folder),
                "format": report.format.value,
                "manipulated": report.manipulated,
                "untouched": report.untouched,
                "regions": report.regions,
                "parts": dict(report.parts),
                "without_label": report.left_out,
                "notices": list(report.notices),
                "failures": _failure_records(report.failures),
            }
        )


def _show_import(report: ImportReport, *, as_json: bool) -> None:
    for remark in report.remarks:
        tell(remark)
    tell(
        f"{report.regions} regions were added to {report.images - report.marked} images, {report.marked} images marked "
        f"as without manipulation; {report.known} were there already, {len(report.failures)} images failed."
    )
    if as_json:
        emit(
            {
                "event": "labels imported",
                "images": report.images,
                "regions": report.regions,
                "marked": report.marked,
                "known": report.known,
                "remarks": list(report.remarks),
                "failures": _failure_records(report.failures),
            }
        )


def _failure_records(failures: tuple[Failure, ...]) -> list[dict[str, Any]]:
    return [failure.to_record() for failure in failures]
