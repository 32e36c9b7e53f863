"""What a fine-tuning tells while it runs: frozen events, and their form as JSON lines.

The window runs `forensic-gui finetune … --progress jsonl --control stdin` as a child process. Each event is one JSON
object on a line of the child's standard output, with its name under "event"; both sides use this module, so that
`parse_event(json.dumps(to_record(event))) == event`.

    {"event": "plan", "parts": {"training": {"manipulated": 90, "untouched": 40}, …}, "steps": 600, …}
    {"event": "stage", "stage": "reading images"}
    {"event": "step", "step": 10, "steps": 600, "loss": 0.22, "learning_rate": 0.001, "images_per_second": 14.1}
    {"event": "validation", "step": 50, "loss": 0.21, "f1": 0.24, "auc": 0.71, "best": true}
    {"event": "paused"}   {"event": "resumed"}
    {"event": "done", "weights_id": …, "path": …, "sha256": …, "before": {…}, "after": {…}, "retention": {…}, …}
    {"event": "failed", "message": "A sentence."}

A validation at step 0 is the parent's. After a resume, the validations of the earlier piece are told again.

The other way, with `--control stdin`, the parent writes lines: `pause`, `resume`, `cancel`. A cancel, and the end of
standard input (the parent's death), leave a checkpoint and no weights; the child exits with status 130 and tells
neither "done" nor "failed". The exit statuses are those of the command line: 0 after "done", 2 after "failed".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over images with its 95 % interval, bootstrapped over source groups; None where there is no image."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of weights on a set of images, at the images' own size, by the protocol of `forensic-gui evaluate`.

    Attributes:
        manipulated: images with a mask that were scored.
        untouched: images without manipulation that were scored.
        threshold: the weights' own, on model scores.
        f1_at_half: pixel F1 at 0.5.
        f1_at_threshold: pixel F1 at the weights' own threshold.
        f1_at_best: pixel F1 at the single threshold that is best on these very images: an upper bound.
        best_threshold: that threshold.
        auc: pixel AUC.
        flagged: share of the pixels of untouched images over the weights' own threshold.
    """

    manipulated: int
    untouched: int
    threshold: float
    f1_at_half: Figure
    f1_at_threshold: Figure
    f1_at_best: float | None
    best_threshold: float | None
    auc: Figure
    flagged: Figure


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same images, scored with the parent and with the new weights.

    Attributes:
        name: of the images.
        before: the parent's scores.
        after: the new weights' scores.
    """

    name: str
    before: Scores
    after: Scores


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """What the run comes to.

    Attributes:
        parent_id: id of the weights it starts from.
        parent_sha256: their hash.
        manifest_sha256: hash of images and masks.
        parts: "training", "validation" and "held_out" to their "manipulated" and "untouched" images.
        steps: at most.
        batch_size: images a step.
        train: "head" or "all".
        seed: of split and samples.
    """

    parent_id: str
    parent_sha256: str
    manifest_sha256: str
    parts: Mapping[str, Mapping[str, int]]
    steps: int
    batch_size: int
    train: str
    seed: int


@dataclass(frozen=True, slots=True)
class StageEvent:
    """What is done now, in words for people."""

    stage: str


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Some steps were done.

    Attributes:
        step: steps done.
        steps: at most.
        loss: mean since the last such event.
        learning_rate: of the last step.
        images_per_second: since the last such event.
    """

    step: int
    steps: int
    loss: float
    learning_rate: float
    images_per_second: float


@dataclass(frozen=True, slots=True)
class ValidationEvent:
    """The weights so far were looked at on the validation part, at the network's input size.

    Attributes:
        step: after how many steps; 0 is the parent.
        loss: as in training, of images that are not trained on.
        f1: pixel F1 at the best single threshold.
        auc: mean pixel AUC.
        best: whether the loss is the lowest so far.
    """

    step: int
    loss: float
    f1: float
    auc: float
    best: bool


@dataclass(frozen=True, slots=True)
class PausedEvent:
    """It waits; a checkpoint lies on the disk."""


@dataclass(frozen=True, slots=True)
class ResumedEvent:
    """It goes on."""


@dataclass(frozen=True, slots=True)
class DoneEvent:
    """New weights are in place.

    Attributes:
        weights_id: their id.
        path: their file.
        sha256: its hash.
        threshold: of the fast view, on their card, chosen on the validation part.
        before: the parent's scores on the held-out part, in the fast view: what was trained is the student's.
        after: the new weights' scores there.
        retention: scores on composites that have nothing to do with the labels, before and after.
        retained: the same on the dataset that was named for it; None where none was.
        best_step: steps after which validation was best: these are the weights kept.
        steps_done: steps done in all.
        stopped_early: whether the run ended before its last step, because validation got no better.
        warnings: what the user must be told, a sentence each.
        unreadable: images that were left out, a sentence each.
        thorough: scores on the held-out part in the thorough view, before and after.
    """

    weights_id: str
    path: str
    sha256: str
    threshold: float
    before: Scores
    after: Scores
    retention: Comparison
    retained: Comparison | None
    best_step: int
    steps_done: int
    stopped_early: bool
    warnings: tuple[str, ...]
    unreadable: tuple[str, ...]
    thorough: Comparison | None = None


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """It ended without weights; a sentence says why."""

    message: str


FinetuneEvent: TypeAlias = (
    PlanEvent | StageEvent | StepEvent | ValidationEvent | PausedEvent | ResumedEvent | DoneEvent | FailedEvent
)

_NAMES: Mapping[str, type[FinetuneEvent]] = {
    "plan": PlanEvent,
    "stage": StageEvent,
    "step": StepEvent,
    "validation": ValidationEvent,
    "paused": PausedEvent,
    "resumed": ResumedEvent,
    "done": DoneEvent,
    "failed": FailedEvent,
}
_KINDS = {kind: name for name, kind in _NAMES.items()}


def to_record(event: FinetuneEvent) -> dict[str, Any]:
    """JSON values, the event's name first."""
    return {"event": _KINDS[type(event)], **asdict(event)}


def parse_event(line: str) -> FinetuneEvent:
    """The event of a line.

    Raises:
        ValueError: the line is no event of this version.
    """
    try:
        record = json.loads(line)
        kind = _NAMES[record.pop("event")]
        if kind is DoneEvent:
            return _done(record)
        return kind(**record)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no event of a fine-tuning: {line[:200]!r}") from error


def _done(record: dict[str, Any]) -> DoneEvent:
    retained, thorough = record["retained"], record.get("thorough")
    return DoneEvent(
        **{
            **record,
            "before": scores_from(record["before"]),
            "after": scores_from(record["after"]),
            "retention": _comparison(record["retention"]),
            "retained": None if retained is None else _comparison(retained),
            "thorough": None if thorough is None else _comparison(thorough),
            "warnings": tuple(record["warnings"]),
            "unreadable": tuple(record["unreadable"]),
        }
    )


def _comparison(record: Mapping[str, Any]) -> Comparison:
    return Comparison(name=record["name"], before=scores_from(record["before"]), after=scores_from(record["after"]))


def scores_from(record: Mapping[str, Any]) -> Scores:
    """Scores of their JSON values.

    Raises:
        KeyError: one is missing.
        TypeError: there is one too many.
    """
    figures = {name: Figure(**record[name]) for name in ("f1_at_half", "f1_at_threshold", "auc", "flagged")}
    return Scores(**{**record, **figures})
