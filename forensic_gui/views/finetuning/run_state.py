"""How far a fine-tuning is: its events, one after the other, as a value. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, get_args

from forensic_gui.services.finetune.events import (
    DoneEvent,
    FailedEvent,
    FinetuneEvent,
    PausedEvent,
    PlanEvent,
    ResumedEvent,
    StageEvent,
    StepEvent,
    ValidationEvent,
)
from forensic_gui.views.core.eta import duration_left
from forensic_gui.views.core.wording import images, number

# Of an exponential mean over the points that are told, each of which is a mean over some steps.
_SMOOTHING = 0.8


class Phase(StrEnum):
    """What a run is doing."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"  # asked to, not there yet
    PAUSED = "paused"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_over(self) -> bool:
        """Whether the child has ended."""
        return self in (Phase.DONE, Phase.FAILED, Phase.STOPPED)


@dataclass(frozen=True, slots=True)
class RunState:
    """What is known of a run.

    Attributes:
        name: id of the new weights.
        phase: what it is doing.
        stage: the same in the child's words.
        plan: what it comes to; None until it is told.
        last: the last step that was told.
        losses: (step, loss) of training.
        validations: in order, the parent's first.
        done: the end of a run that made weights.
        message: why it ended without, a sentence.
    """

    name: str
    phase: Phase = Phase.STARTING
    stage: str = ""
    plan: PlanEvent | None = None
    last: StepEvent | None = None
    losses: tuple[tuple[int, float], ...] = ()
    validations: tuple[ValidationEvent, ...] = ()
    done: DoneEvent | None = None
    message: str = ""

    def after(self, event: FinetuneEvent) -> RunState:
        """The state after an event."""
        return _AFTER[type(event)](self, event)

    @property
    def is_training(self) -> bool:
        """Whether steps are being done, which end in a known number of them."""
        return self.stage == "training" and not self.phase.is_over

    @property
    def share(self) -> float:
        """Share of the steps that is done, in [0, 1]."""
        return self.last.step / self.last.steps if self.last is not None and self.last.steps else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time that the steps left will take at the pace of the last ones; None while it is not known."""
        if self.last is None or self.plan is None or not self.last.images_per_second:
            return None
        return (self.last.steps - self.last.step) * self.plan.batch_size / self.last.images_per_second

    @property
    def best(self) -> ValidationEvent | None:
        """The validation with the lowest loss so far."""
        return min(self.validations, key=lambda each: each.loss, default=None)


def smoothed(values: Sequence[float], *, keep: float = _SMOOTHING) -> list[float]:
    """An exponential mean that starts at the first value without a bias towards nothing.

    Args:
        values: in order.
        keep: weight of what came before, in [0, 1).
    """
    means: list[float] = []
    total = weight = 0.0
    for value in values:
        total, weight = keep * total + (1 - keep) * value, keep * weight + (1 - keep)
        means.append(total / weight)
    return means


def short(state: RunState) -> str:
    """What the status bar says of it."""
    if state.phase is Phase.PAUSED:
        return f"Fine-tuning is paused{_at(state)}"
    if state.phase is Phase.STOPPING:
        return "Fine-tuning is being stopped…"
    if state.last is not None and state.is_training:
        return f"Fine-tuning {number(state.last.step)}/{number(state.last.steps)}"
    return "Fine-tuning…"


def headline(state: RunState) -> str:
    """What the window says of it, in one line."""
    return _HEADLINES[state.phase](state)


def _running(state: RunState) -> str:
    if state.last is None or not state.is_training:
        return f"{state.stage[:1].upper()}{state.stage[1:]}…"
    parts = [
        f"Step {number(state.last.step)} of {number(state.last.steps)} at most",
        f"{state.last.images_per_second:.1f} images/s",
        duration_left(state.seconds_left),
    ]
    return " · ".join(parts)


def _ended(state: RunState) -> str:
    assert state.done is not None
    done = state.done
    kept = f"the weights of step {number(done.best_step)} did best on the validation part and are kept"
    if done.stopped_early:
        return f"Stopped early after {number(done.steps_done)} steps, because validation got no better: {kept}."
    return f"All {number(done.steps_done)} steps are done: {kept}."


def parts_in_words(plan: PlanEvent) -> str:
    """How the images are used."""
    names = {"training": "learned from", "validation": "to choose when to stop", "held_out": "held out to be scored"}
    told = []
    for part, counts in plan.parts.items():
        told.append(f"{images(counts['manipulated'] + counts['untouched'])} {names.get(part, part)}")
    return f"Starts from «{plan.parent_id}» (SHA-256 {plan.parent_sha256[:12]}…). {', '.join(told)}."


def _at(state: RunState) -> str:
    return "" if state.last is None else f" at step {number(state.last.step)} of {number(state.last.steps)}"


def _after_stage(state: RunState, event: StageEvent) -> RunState:
    phase = Phase.RUNNING if state.phase is Phase.STARTING else state.phase
    return replace(state, stage=event.stage, phase=phase)


def _after_validation(state: RunState, event: ValidationEvent) -> RunState:
    # After a resume those of the earlier piece are told again.
    before = tuple(each for each in state.validations if each.step != event.step)
    return replace(state, validations=(*before, event))


_AFTER: Mapping[type[FinetuneEvent], Callable[[RunState, Any], RunState]] = {
    PlanEvent: lambda state, event: replace(state, plan=event),
    StageEvent: _after_stage,
    StepEvent: lambda state, event: replace(state, last=event, losses=(*state.losses, (event.step, event.loss))),
    ValidationEvent: _after_validation,
    PausedEvent: lambda state, _: replace(state, phase=Phase.PAUSED),
    ResumedEvent: lambda state, _: replace(state, phase=Phase.RUNNING),
    DoneEvent: lambda state, event: replace(state, phase=Phase.DONE, done=event),
    FailedEvent: lambda state, event: replace(state, phase=Phase.FAILED, message=event.message),
}
assert set(_AFTER) == set(get_args(FinetuneEvent))

_HEADLINES: Mapping[Phase, Callable[[RunState], str]] = {
    Phase.STARTING: lambda state: f"Starting «{state.name}»…",
    Phase.RUNNING: _running,
    Phase.PAUSING: lambda _: "Pausing after this step…",
    Phase.PAUSED: lambda state: f"Paused{_at(state)}. A checkpoint lies on the disk.",
    Phase.STOPPING: lambda _: "Stopping…",
    Phase.DONE: _ended,
    Phase.FAILED: lambda state: state.message,
    Phase.STOPPED: lambda state: f"Stopped{_at(state)}. No weights were made; a run of the same name can go on.",
}
assert set(_HEADLINES) == set(Phase)
