"""`forensic-gui benchmark`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli.compare_segmenters import compare_command
from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal, wait_for
from forensic_gui.cli.output import emit, paragraphs, printable, tell
from forensic_gui.domain.errors import Cancelled, RequestError

if TYPE_CHECKING:
    from forensic_gui.services.benchmark.rows import Benchmark, Row
    from forensic_gui.services.benchmark.run import BenchmarkRequest
    from forensic_gui.services.progress import ProgressEvent

HELP = """Measure this machine at this program's work, against what its arithmetic and codecs allow.

Prints a table of figures, what each is compared with, and whether a stated target is met: the forward pass, the
analysis of a 12-megapixel JPEG to its finding and with all files, a folder of small images, peak memory, the window's
first frame, longest block and brush strokes (drawn into memory: none appears), and SAM ViT-B and GrabCut from an image
to a mask. Where SAM is not installed random weights of its shape stand in, for times do not depend on them. Ratios are
of times from this run, taken turn by turn. Takes one to two minutes; for figures worth keeping let nothing else run.

The image is made from a seed, or is FILE. Nothing is kept. The exit status is 0 whatever the figures are.

--masks FOLDER compares segmenters instead, every one that can run here: FOLDER has images/ and masks/ of the same stems
(0 is ground, all else the object). Each gets one loose box an image, its sides off by 0 to 20 %, the same for all.
"""


class Probe(StrEnum):
    """What a started process measures of itself."""

    MEMORY = "memory"
    FRAME = "frame"
    WINDOW = "window"
    STROKE = "stroke"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("benchmark", help=paragraphs(HELP))(benchmark_command)


def benchmark_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    image: Annotated[Path | None, typer.Option(metavar="FILE", help="The large image; else one is made.")] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="ID|FILE", help="Weights by id or file; see `weights list`.")
    ] = None,
    runtime: Annotated[str, typer.Option(help="What executes the network: auto, torch or openvino.")] = "auto",
    window: Annotated[bool, typer.Option(help="Measure the window as well.")] = True,
    segmenters: Annotated[bool, typer.Option(help="Measure segmenters as well: about half a minute more.")] = True,
    masks: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Compare segmenters against known masks instead.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="With --masks: at most so many images.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How often each analysis is timed.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout in place of the table.")] = False,
    probe: Annotated[Probe | None, typer.Option(hidden=True)] = None,
) -> None:
    """Measure and print, or (`--probe`) be what is measured."""
    if probe is not None:
        raise typer.Exit(_run_probe(probe, image=image, weights=weights, runtime=runtime))
    if masks is not None:
        raise typer.Exit(compare_command(masks, limit=limit, as_json=as_json))
    # numpy, OpenCV: --help must not wait for them.
    from forensic_gui.services.benchmark.run import BenchmarkRequest

    request = BenchmarkRequest(
        image=image, window=window, segmenters=segmenters, weights=weights, runtime=runtime, repeats=repeats
    )
    try:
        found = run_request(request)
    except Cancelled:
        tell("Stopped; nothing was kept.")
        raise typer.Exit(INTERRUPTED_STATUS) from None
    if as_json:
        emit(found.to_record())
    else:
        print_table(found)


def run_request(request: BenchmarkRequest) -> Benchmark:
    """Wire the ports and measure, with Ctrl-C stopping it.

    Raises:
        Cancelled: stopped.
        ForensicError: weights, runtime or image cannot be used.
    """
    from forensic_gui.services import bootstrap
    from forensic_gui.services.benchmark.probes import FreshProcess, own_command
    from forensic_gui.services.benchmark.run import benchmark

    with cancel_on_signal() as cancel, closing(bootstrap.open_decoder()) as decoder:
        tell("loading the localizer")
        localizer = wait_for(
            lambda: bootstrap.load_measurable_localizer(weights=request.weights, runtime=request.runtime),
            cancel=cancel,
        )
        return benchmark(
            request,
            decoder=decoder,
            localizer=localizer,
            run_probe=FreshProcess(own_command()),
            segmenters=bootstrap.segmenter_ports(),
            progress=_tell_progress,
            cancel=cancel,
        )


def print_table(found: Benchmark) -> None:
    """The table for people, on stdout."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("figure")
    for title in ("measured", "floor", "ratio", "target"):
        table.add_column(title, justify="right")
    table.add_column("met")
    for row in found.rows:
        table.add_row(*map(escape, cells(row)))
    console = Console(highlight=False)
    console.print(table)
    for row in found.rows:
        if row.note or row.floor_of:
            parts = "; ".join(part for part in (row.floor_of and f"against {row.floor_of}", row.note) if part)
            console.print(escape(f"{row.figure.strip()}: {parts}."), soft_wrap=True)
    console.print(
        escape(printable(", ".join(f"{name} {value}" for name, value in found.machine.items()))), soft_wrap=True
    )


def cells(row: Row) -> tuple[str, str, str, str, str, str]:
    """A row of the table: figure, measured, floor, ratio, target, met."""
    unit = row.unit.value
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
    target = "" if row.target is None else (f"{row.target:g}x" if row.floor_of else f"{row.target:g} {unit}")
    met = {True: "yes", False: "no", None: ""}[row.met]
    return (
        row.figure,
        "not measured" if row.value is None else _amount(row.value, unit),
        "" if row.floor is None else _amount(row.floor, unit),
        ratio,
        target,
        met,
    )


def _amount(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"


def _tell_progress(event: ProgressEvent) -> None:
    tell(f"measuring: {event.item}")


def _run_probe(probe: Probe, *, image: Path | None, weights: str | None, runtime: str) -> int:
    if probe is Probe.FRAME:
        return _probe_frame()
    if probe is Probe.STROKE:
        return _probe_stroke()
    if image is None:
        raise RequestError(f"--probe {probe.value} needs --image.")
    return (_probe_memory if probe is Probe.MEMORY else _probe_window)(image, weights, runtime)


def _probe_frame() -> int:
    # As `forensic-gui gui` starts.
    from forensic_gui.services.desktop import require_desktop

    require_desktop(os.environ)
    from forensic_gui.views.stopwatch import time_first_frame

    return time_first_frame(emit)


def _probe_stroke() -> int:
    from forensic_gui.services.desktop import require_desktop

    require_desktop(os.environ)
    from forensic_gui.views.stopwatch import time_strokes

    return time_strokes(emit)


def _probe_window(image: Path, weights: str | None, runtime: str) -> int:
    from forensic_gui.services.desktop import require_desktop

    require_desktop(os.environ)
    from forensic_gui.views.stopwatch import time_blocks

    def load(**_: object) -> Any:
        from forensic_gui.services import bootstrap

        return bootstrap.load_measurable_localizer(weights=weights, runtime=runtime)

    def say(message: Mapping[str, Any]) -> None:
        if message["event"] == "failed":
            tell(str(message["sentence"]))
        else:
            emit(message)

    return time_blocks(image, load_localizer=load, say=say)


def _probe_memory(image: Path, weights: str | None, runtime: str) -> int:
    from forensic_gui.services import bootstrap
    from forensic_gui.services.benchmark.memory import analyze_and_weigh

    with closing(bootstrap.open_decoder()) as decoder:
        localizer = bootstrap.load_measurable_localizer(weights=weights, runtime=runtime)
        peaks = analyze_and_weigh(image, decoder=decoder, localizer=localizer)
    emit({"event": "peaks", "program": peaks.program, "decoder": peaks.decoder})
    return 0
