"""`forensic-gui train`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal
from forensic_gui.cli.output import ProgressStyle, emit, progress_view, tell
from forensic_gui.services.progress import ProgressEvent

if TYPE_CHECKING:
    from collections.abc import Callable


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train_command)


def train_command(
    config: Annotated[Path, typer.Argument(help="A run's TOML file.", metavar="CONFIG.toml")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's checkpoint.")] = False,
    progress: Annotated[ProgressStyle, typer.Option(help="How progress is shown.")] = ProgressStyle.AUTO,
) -> None:
    """Train a student on composites made on the fly; Ctrl-C leaves a checkpoint and the weights so far.

    With `--progress jsonl` every line of the log is a JSON object on stdout, with "event": "step".

    Several processes, on this and other hosts, train as one when torchrun starts them: `torchrun --nproc-per-node 2 -m
    forensic_gui train CONFIG.toml`. The first of them speaks and writes.
    """
    from forensic_gui.services import engine  # pydantic; torch when it runs

    shown = progress if engine.is_first_process() else ProgressStyle.NONE
    with cancel_on_signal() as cancel, progress_view(_bar_or_none(shown), title="Training") as sink:
        on_event = _emit_step if shown is ProgressStyle.JSONL else _told_to(sink)
        run = engine.train(config, resume=resume, on_event=on_event, cancel=cancel)
    if run.weights is not None:
        ending = "Finished" if run.result.finished else "Stopped"
        tell(f"{ending} after {run.result.step} steps; weights in {run.weights.path}, resume with --resume.")
    raise typer.Exit(INTERRUPTED_STATUS if cancel.is_cancelled else 0)


def _bar_or_none(progress: ProgressStyle) -> ProgressStyle:
    return ProgressStyle.NONE if progress is ProgressStyle.JSONL else progress


def _emit_step(event: Any) -> None:
    emit({"event": "step", **asdict(event)})


def _told_to(sink: Callable[[ProgressEvent], None]) -> Callable[[Any], None]:
    def tell_step(event: Any) -> None:
        figures = f"loss {event.loss:.4f}, {event.images_per_second:.1f} images/s"
        sink(ProgressEvent(event.step, event.steps, 0, figures, "finished"))

    return tell_step
