"""`forensic-gui finetune`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from forensic_gui.cli.interrupts import INTERRUPTED_STATUS, cancel_on_signal
from forensic_gui.cli.options import DeviceOption, WeightsOption
from forensic_gui.cli.output import ProgressStyle, emit, paragraphs, printable, progress_view, tell
from forensic_gui.domain.errors import Cancelled, ForensicError
from forensic_gui.services.progress import ProgressEvent, ProgressSink

if TYPE_CHECKING:
    from forensic_gui.services.finetune.control import RunControl
    from forensic_gui.services.finetune.events import Comparison, DoneEvent, Figure, FinetuneEvent, Scores
    from forensic_gui.services.finetune.request import FinetuneRequest

HELP = """Adapt weights to your own labelled images, and say on images held out whether it helped.

SOURCE is a case with drawn regions, or a dataset: folders Tp (manipulated images), Gt (their masks) and perhaps Au
(untouched images), a COCO file, or another layout that has more than boxes. It is split by source photograph into a
part to learn from, one that chooses when to stop and the threshold, and one that is held out and chooses nothing.

WEIGHTS is the path of a .safetensors file, or an id under which the new weights are installed. The card beside it says
what they were made of and what they scored before and after, on the held-out part in either view and on composites that
have nothing to do with your labels. What is trained is a student: the one that ships where none is named, of joint
weights the one within, whose other parts stay as they are. Weights that ship are never written over, others only with
`--replace`.

Ctrl-C leaves a checkpoint and no weights; `--resume` goes on from it as if it had never stopped.

`--progress jsonl` writes one JSON object a line on stdout; with `--control stdin`, lines `pause`, `resume` and `cancel`
are obeyed and the end of standard input cancels. The module forensic_gui.services.finetune.events has the protocol.

EXIT STATUS: 0 done; 1 done, but some images could not be read (each named); 2 the call was wrong or nothing was gained;
130 stopped.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("finetune", help=paragraphs(HELP))(finetune_command)


def finetune_command(  # noqa: PLR0913, PLR0917 - one argument for each option
    source: Annotated[Path, typer.Argument(help="A case, or a dataset with masks or scribbles.", metavar="SOURCE")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="WEIGHTS", help="A .safetensors file, or an id.")],
    weights: WeightsOption = None,
    train: Annotated[
        Literal["head", "all"] | None, typer.Option(help="What is trained: all but the backbone, or all of it.")
    ] = None,
    steps: Annotated[int | None, typer.Option(metavar="N", help="Steps at most.")] = None,
    batch_size: Annotated[int | None, typer.Option(metavar="N", help="Images a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(metavar="RATE", help="At its peak.")] = None,
    positive_weight: Annotated[
        float | None, typer.Option(metavar="W", help="Weight of manipulated pixels in the loss.")
    ] = None,
    keep: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Of the parent, averaged in at the end against forgetting.")
    ] = None,
    validate_every: Annotated[int | None, typer.Option(metavar="N", help="Steps between validations.")] = None,
    patience: Annotated[
        int | None, typer.Option(metavar="N", help="Validations without a gain after which it stops.")
    ] = None,
    held_out: Annotated[float, typer.Option(metavar="SHARE", help="Of the images, to score on.")] = 0.25,
    validation: Annotated[float, typer.Option(metavar="SHARE", help="Of the images, to choose by.")] = 0.15,
    seed: Annotated[int, typer.Option(help="Of the split and of every sample.")] = 0,
    retain: Annotated[
        Path | None, typer.Option(metavar="DATASET", help="Images on which scores must not fall, scored as well.")
    ] = None,
    scribbles: Annotated[
        bool, typer.Option("--scribbles", help="Of a case: learn from scribbles alone where an image has some.")
    ] = False,
    terms: Annotated[str | None, typer.Option(help="On what terms the images may be used, for the card.")] = None,
    device: DeviceOption = "auto",
    threads: Annotated[int, typer.Option(metavar="N", help="Of torch; 0: as many as it likes.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the unfinished run.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over existing weights and an unfinished run.")
    ] = False,
    control: Annotated[Literal["stdin"] | None, typer.Option(help="Obey lines on standard input; see above.")] = None,
    progress: Annotated[ProgressStyle, typer.Option(help="How progress is shown.")] = ProgressStyle.AUTO,
) -> None:
    """Turn arguments into a request, run it, show the figures."""
    from forensic_gui.services.finetune.request import TERMS_UNSTATED, FinetuneRequest

    chosen = {
        "train": train,
        "steps": steps,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "positive_weight": positive_weight,
        "parent_share": keep,
        "validate_every": validate_every,
        "patience": patience,
    }
    request = FinetuneRequest(
        source=source,
        output=output,
        weights=weights,
        recipe={name: value for name, value in chosen.items() if value is not None},
        held_out=held_out,
        validation=validation,
        seed=seed,
        retain=retain,
        scribbles=scribbles,
        resume=resume,
        replace=replace,
        device=device,
        threads=threads,
        terms=terms or TERMS_UNSTATED,
    )
    done = _run(request, progress=progress, obeys_stdin=control == "stdin")
    if progress is not ProgressStyle.JSONL:
        show(done)
    for warning in done.warnings:
        tell(warning)
    for sentence in done.unreadable:
        tell(sentence)
    tell(f"The weights «{done.weights_id}» are in {done.path}.")
    raise typer.Exit(1 if done.unreadable else 0)


def _run(request: FinetuneRequest, *, progress: ProgressStyle, obeys_stdin: bool) -> DoneEvent:
    from forensic_gui.services import bootstrap
    from forensic_gui.services.finetune.control import RunControl
    from forensic_gui.services.finetune.run import finetune

    jsonl = progress is ProgressStyle.JSONL
    style = ProgressStyle.NONE if jsonl else progress
    with cancel_on_signal() as cancel, progress_view(style, title="Fine-tuning") as sink:
        told = _emit_event if jsonl else _shown_by(sink)
        steering = RunControl(cancel, tell=told)
        if obeys_stdin:
            _obey_stdin(steering)
        try:
            with closing(bootstrap.open_decoder()) as decoder:
                return finetune(
                    request,
                    destination=bootstrap.weights_destination(request.output),
                    ports=bootstrap.finetune_ports(decoder),
                    tell=told,
                    control=steering,
                    cancel=cancel,
                )
        except Cancelled:
            tell("Stopped; no weights were written. The same call with --resume goes on.")
            raise typer.Exit(INTERRUPTED_STATUS) from None
        except ForensicError as error:
            if jsonl:
                from forensic_gui.services.finetune.events import FailedEvent

                _emit_event(FailedEvent(str(error)))
            raise


def _emit_event(event: FinetuneEvent) -> None:
    from forensic_gui.services.finetune.events import to_record

    emit(to_record(event))


def _obey_stdin(control: RunControl) -> None:
    from forensic_gui.services.finetune.control import obey

    # A daemon: nobody may ever write a line, and the process ends without one.
    Thread(target=obey, args=(sys.stdin, control), name="control", daemon=True).start()


def _shown_by(sink: ProgressSink) -> Callable[[FinetuneEvent], None]:
    from forensic_gui.services.finetune import events

    def show_event(event: FinetuneEvent) -> None:
        if isinstance(event, events.PlanEvent):
            tell(_plan_line(event.parts))
        elif isinstance(event, events.StepEvent):
            figures = f"loss {event.loss:.4f}, {event.images_per_second:.1f} images/s"
            sink(ProgressEvent(event.step, event.steps, 0, figures, "finished"))
        elif isinstance(event, events.ValidationEvent):
            best = ", the best so far" if event.best and event.step else ""
            tell(f"step {event.step}: validation loss {event.loss:.4f}, F1 {event.f1:.3f}, AUC {event.auc:.3f}{best}")
        elif isinstance(event, events.StageEvent):
            tell(f"{event.stage} …")

    return show_event


def _plan_line(parts: Mapping[str, Mapping[str, int]]) -> str:
    counts = ", ".join(
        f"{name.replace('_', ' ')} {part['manipulated']} manipulated and {part['untouched']} untouched"
        for name, part in parts.items()
    )
    return f"Images: {counts}."


def show(done: DoneEvent) -> None:
    """The figures on stdout as a Markdown table, with what decided them."""
    ending = "stopped early" if done.stopped_early else "all steps done"
    lines = [
        f"Best of {done.steps_done} steps: {done.best_step} ({ending}); threshold {done.threshold:g}.",
        "",
        "| images | weights | F1 at 0.5 | F1 at its threshold | best F1 | AUC | untouched pixels flagged |",
        "|---|---|---|---|---|---|---|",
    ]
    further = (done.thorough, done.retention, done.retained)
    comparisons = [("held out, fast view", done.before, done.after), *map(_named, further)]
    for name, before, after in (one for one in comparisons if one is not None):
        lines += [_row(name, "before", before), _row(name, "after", after)]
    for line in lines:
        typer.echo(printable(line))


def _named(comparison: Comparison | None) -> tuple[str, Scores, Scores] | None:
    return None if comparison is None else (comparison.name, comparison.before, comparison.after)


def _row(name: str, weights: str, scores: Scores) -> str:
    count = f"{name} ({scores.manipulated} + {scores.untouched})"
    best = "–" if scores.f1_at_best is None else f"{scores.f1_at_best:.3f} at {scores.best_threshold:.3f}"
    own = f"{_figure(scores.f1_at_threshold)} at {scores.threshold:.3f}"
    cells = (count, weights, _figure(scores.f1_at_half), own, best, _figure(scores.auc), _figure(scores.flagged))
    return "| " + " | ".join(cells) + " |"


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    interval = "" if figure.low is None or figure.high is None else f" [{figure.low:.3f}, {figure.high:.3f}]"
    return f"{figure.value:.3f}{interval}"
