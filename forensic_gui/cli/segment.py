"""`forensic-gui segment`."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal, wait_for
from forensic_gui.cli.options import DeviceOption, ReplaceOption
from forensic_gui.cli.output import emit, paragraphs, printable, tell
from forensic_gui.domain.errors import Cancelled, RequestError
from forensic_gui.domain.geometry import Box, Point
from forensic_gui.domain.prompt import PointPrompt

if TYPE_CHECKING:
    from forensic_gui.services.segmenting.segment import Segmented, SegmentedRegion, SegmentRequest

HELP = """Make a mask of one image from coarse boxes and points, with a segmenter.

COORDINATES are evidence pixels: x to the right and y down from the top-left corner of the picture as stored in the
file, before its EXIF orientation is applied. A box is x0,y0,x1,y1 and ends before column x1 and row y1. A point is
x,y,+ where it belongs to the region and x,y,- where it does not. What lies outside the image is a wrong call.

REGIONS: each --box is a region of its own, and the mask is the union of all of them. With one box or none, all points
are told about the one region; with several boxes, a point is told about every box that it lies in.

MASK.png is 8-bit grey, 255 inside and 0 outside, of the evidence's own size and stored pixel order, with its EXIF
orientation as a tag, as the masks of `analyze` are. A file that is there already is replaced only with --replace, whole
or not at all, and never where it is IMAGE itself, which is opened read-only and hashed before it is decoded.

SEGMENTER: without --segmenter the best one installed, see `weights list`: on CUDA the largest, elsewhere the fastest.
Where none is installed GrabCut is used, which is not SAM: it knows colours, no objects. What SAM saw of an image is
kept on disk, so that the next call on the same image is quick.

EXIT STATUS: 0 done; 1 the image cannot be read; 2 the call was wrong, or the segmenter or MASK.png cannot be used;
130 stopped by Ctrl-C. `--json` writes one JSON object on stdout: evidence with its hash, prompts, segmenter with hash
and parameters, quality, seconds.
"""

_SIGNS = {"+": True, "-": False}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("segment", help=paragraphs(HELP))(segment_command)


def segment_command(
    image: Annotated[Path, typer.Argument(help="The image.", metavar="IMAGE")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="MASK.png", help="File for the mask.")],
    box: Annotated[
        list[str] | None, typer.Option(metavar="x0,y0,x1,y1", help="A coarse box around a region; repeatable.")
    ] = None,
    point: Annotated[
        list[str] | None, typer.Option(metavar="x,y,+|-", help="A point that belongs, or does not; repeatable.")
    ] = None,
    segmenter: Annotated[
        str | None, typer.Option(metavar="ID", help="grabcut, mobile-sam, sam-vit-b, sam-vit-l or sam-vit-h.")
    ] = None,
    device: DeviceOption = "auto",
    page: Annotated[int, typer.Option(metavar="N", help="Page or frame of a multi-page file, from 0.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout in place of the text.")] = False,
    replace: ReplaceOption = False,
) -> None:
    """Turn arguments into a request, run it, tell what was made."""
    # OpenCV: --help and a wrong call must not wait for it.
    boxes = tuple(parse_box(text) for text in box or ())
    points = tuple(parse_point(text) for text in point or ())
    from forensic_gui.services.segmenting.segment import SegmentRequest

    request = SegmentRequest(image=image, output=output, boxes=boxes, points=points, page=page, replace=replace)
    try:
        found = run_request(request, segmenter=segmenter, device=device)
    except Cancelled:
        tell("Stopped; no mask was written.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    for notice in found.segmenter.notices:
        tell(notice)
    if as_json:
        emit(found.to_record())
    else:
        show(found)


def run_request(request: SegmentRequest, *, segmenter: str | None, device: str) -> Segmented:
    """Wire the ports and segment, with Ctrl-C stopping it.

    Raises:
        Cancelled: stopped.
        ForensicError: image, prompts, segmenter or output cannot be used.
    """
    from forensic_gui.services import bootstrap
    from forensic_gui.services.segmenting.segment import segment

    with cancel_on_signal() as cancel, closing(bootstrap.open_decoder()) as decoder:
        loaded = wait_for(lambda: bootstrap.load_segmenter(segmenter=segmenter, device=device), cancel=cancel)
        return segment(request, decoder=decoder, segmenter=loaded, cancel=cancel)


def parse_box(text: str) -> Box:
    """A box from the argument of --box.

    Raises:
        RequestError: it is not four numbers, or holds no pixel.
    """
    numbers = _numbers(text.split(","))
    if numbers is None or len(numbers) != 4:
        raise RequestError(f"--box takes four numbers x0,y0,x1,y1 with commas between, not {text!r}.")
    x0, y0, x1, y1 = numbers
    if x0 >= x1 or y0 >= y1:
        raise RequestError(f"A box goes from its top-left corner x0,y0 to its bottom-right one x1,y1, not {text!r}.")
    return Box(x0, y0, x1, y1)


def parse_point(text: str) -> PointPrompt:
    """A point from the argument of --point.

    Raises:
        RequestError: it is not two numbers and a sign.
    """
    *coordinates, sign = text.split(",")
    numbers = _numbers(coordinates)
    if numbers is None or len(numbers) != 2 or sign.strip() not in _SIGNS:
        raise RequestError(f"--point takes x,y,+ or x,y,- with commas between, not {text!r}.")
    return PointPrompt(Point(*numbers), positive=_SIGNS[sign.strip()])


def show(found: Segmented) -> None:
    """What was made, for people, on stdout."""
    info = found.segmenter
    pixels = found.decoded.facts.stored.pixels
    lines = {
        "mask": f"{found.output.name}, {_pixels(found.area_px)} ({found.area_px / pixels:.1%} of the image)",
        "evidence SHA-256": found.decoded.evidence.sha256,
        "mask SHA-256": found.output.sha256,
        "segmenter": f"{info.name} ({info.id}) on {info.device}, {info.runtime}",
        "weights SHA-256": info.weights_sha256 or "none: it has no weights",
        **{f"region {number}": _region_line(region) for number, region in enumerate(found.regions, start=1)},
        "seconds": ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in found.seconds.items()),
    }
    for name, value in lines.items():
        typer.echo(printable(f"{name}: {value}"))


def _region_line(region: SegmentedRegion) -> str:
    quality = "no estimate of its quality" if region.quality is None else f"estimated IoU {region.quality:.2f}"
    return f"{_pixels(region.area_px)}, {quality}"


def _pixels(count: int) -> str:
    return "1 pixel" if count == 1 else f"{count:,} pixels"


def _numbers(words: list[str]) -> list[float] | None:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None
