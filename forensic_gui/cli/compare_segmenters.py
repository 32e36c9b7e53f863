"""`forensic-gui benchmark --masks FOLDER`: segmenters against known masks."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal
from forensic_gui.cli.output import ProgressStyle, emit, failure_line, progress_view, tell
from forensic_gui.domain.errors import Cancelled

if TYPE_CHECKING:
    from forensic_gui.services.segmenting.compare import Comparison


def compare_command(folder: Path, *, limit: int | None, as_json: bool) -> int:
    """Compare, tell and return the exit status: 1 where a segmenter or an image failed."""
    from forensic_gui.services import bootstrap, engine
    from forensic_gui.services.segmenting.compare import compare

    score = partial(engine.score_segmenter, folders=bootstrap.segmenter_folders(), device="auto")
    try:
        with (
            cancel_on_signal() as cancel,
            closing(bootstrap.open_decoder()) as decoder,
            progress_view(ProgressStyle.AUTO, title="Measuring") as sink,
        ):
            found = compare(
                folder,
                segmenters=bootstrap.known_segmenters(),
                decoder=decoder,
                score=score,
                limit=limit,
                progress=sink,
                cancel=cancel,
            )
    except Cancelled:
        tell("Stopped; nothing was kept.")
        return INTERRUPTED_STATUS
    for id, sentence in found.failures.items():
        tell(failure_line(id, sentence))
    if as_json:
        emit(found.to_record())
    else:
        print_comparison(found)
    return int(bool(found.failures) or any(scores.failed for scores in found.scores))


def print_comparison(found: Comparison) -> None:
    """The table for people, on stdout."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("segmenter")
    for title in ("images", "mean IoU", "95 %", "the box itself", "boundary F", "answer"):
        table.add_column(title, justify="right")
    for scores in found.scores:
        table.add_row(
            *map(
                escape,
                (
                    scores.name,
                    str(len(scores.rows)),
                    _share(scores.iou.value),
                    f"{_share(scores.iou.low)} to {_share(scores.iou.high)}",
                    _share(scores.box_iou.value),
                    _share(scores.boundary_f.value),
                    "" if scores.decode_seconds is None else f"{1000 * scores.decode_seconds:.0f} ms",
                ),
            )
        )
    console = Console(highlight=False)
    console.print(table)
    for protocol in {scores.protocol for scores in found.scores}:
        console.print(escape(protocol), soft_wrap=True)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
