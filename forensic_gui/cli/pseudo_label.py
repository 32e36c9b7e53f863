"""`forensic-gui pseudo-label`."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal, wait_for
from forensic_gui.cli.options import DeviceOption
from forensic_gui.cli.output import ProgressStyle, emit, progress_view, tell
from forensic_gui.domain.errors import Cancelled

if TYPE_CHECKING:
    from forensic_gui.services.pseudo_label import PseudoLabelSummary, Quality


class BoxesFrom(Enum):
    """Whose boxes are asked with."""

    GIVEN = "given"
    DERIVED = "derived"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("pseudo-label")(pseudo_label_command)


def pseudo_label_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    dataset: Annotated[
        Path,
        typer.Argument(
            help="Boxes or masks: a .json file of boxes, COCO or BenCo, or a folder with Tp, Gt and perhaps Au.",
            metavar="DATASET",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the labelled copy.")],
    segmenter: Annotated[
        str,
        typer.Option(metavar="ID", help="grabcut, mobile-sam, sam-vit-b, sam-vit-l, sam-vit-h; box: the box itself."),
    ] = "grabcut",
    looseness: Annotated[
        float, typer.Option(metavar="SHARE", help="How far a side of a box moves outwards at most, of that side.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="Of the boxes that are drawn.")] = 0,
    boxes: Annotated[
        BoxesFrom | None,
        typer.Option(help="Whose boxes; without it the given ones where there are some, else drawn ones."),
    ] = None,
    box_where_collapsed: Annotated[
        bool,
        typer.Option(
            "--box-where-collapsed", help="Take the box where the answer spans too little of it, in place of no image."
        ),
    ] = False,
    device: DeviceOption = "auto",
    progress: Annotated[ProgressStyle, typer.Option(help="How progress is shown.")] = ProgressStyle.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="A summary as JSON on stdout at the end.")] = False,
) -> None:
    """Make masks of boxes, and measure how near they come to known ones.

    Boxes are those that DATASET gives, or loose ones drawn around its masks. DIR gets the images again, with
    pseudo-masks in Gt, and pseudo-masks.jsonl with boxes, IoU and boundary F; `train`, `finetune` and `evaluate` read
    it. The same call goes on with a stopped one. What a box was drawn around spans most of it: an image where an answer
    spans less than half of its box in width or height (at the looseness of 0.2) is left out, or the box is taken.

    Exit status: 0 done; 1 some images were left out, each named; 2 the call was wrong; 130 stopped.
    """
    from forensic_gui.services import bootstrap
    from forensic_gui.services.pseudo_label import BoxFilling, PseudoLabelRequest, pseudo_label

    request = PseudoLabelRequest(
        dataset,
        output,
        looseness=looseness,
        seed=seed,
        boxes=None if boxes is None else boxes.value,
        box_where_collapsed=box_where_collapsed,
    )
    try:
        with cancel_on_signal() as cancel, closing(bootstrap.open_decoder()) as decoder:
            loaded = (
                BoxFilling()
                if segmenter == BoxFilling.info.id
                else wait_for(lambda: bootstrap.load_segmenter(segmenter=segmenter, device=device), cancel=cancel)
            )
            with progress_view(progress, title="Labelling") as sink:
                summary = pseudo_label(request, decoder=decoder, segmenter=loaded, progress=sink, cancel=cancel)
    except Cancelled:
        tell(f"Stopped; what was finished is in {output}. The same call goes on.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    if as_json:
        emit({"event": "summary", **_figures(summary), "segmenter": loaded.info.id})
    tell(
        f"{_images(summary.labelled)} with pseudo-masks by {loaded.info.name}, which answered every box in "
        f"{summary.answered}."
    )
    if summary.quality is not None:
        tell(_in_words("Against known masks", summary.quality))
        for name, quality in summary.by_size.items():
            tell(_in_words(f"  covering {name} of the image", quality))
        for name, quality in summary.by_kind.items():
            tell(_in_words(f"  of kind {name}", quality))
    tell(f"They are in {summary.output}, with {_images(summary.untouched, 'untouched ')}.")
    raise typer.Exit(1 if summary.failures else 0)


def _images(count: int, kind: str = "") -> str:
    return f"{count} {kind}image{'' if count == 1 else 's'}"


def _figures(summary: PseudoLabelSummary) -> dict[str, Any]:
    return {
        "folder": str(summary.output),
        "labelled": summary.labelled,
        "answered": summary.answered,
        "untouched": summary.untouched,
        "quality": None if summary.quality is None else asdict(summary.quality),
        "by_size": {name: asdict(quality) for name, quality in summary.by_size.items()},
        "by_kind": {name: asdict(quality) for name, quality in summary.by_kind.items()},
        "failed": len(summary.failures),
    }


def _in_words(of: str, quality: Quality) -> str:
    low, high = quality.iou_interval
    return (
        f"{of}, {_images(quality.images)}: mean IoU {quality.mean_iou:.3f} [{low:.3f}, {high:.3f}], "
        f"median {quality.median_iou:.3f}, boundary F {quality.mean_boundary_f:.3f}; "
        f"the boxes themselves {quality.mean_box_iou:.3f}."
    )
