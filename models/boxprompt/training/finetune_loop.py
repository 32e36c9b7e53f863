"""The fine-tuning loop: short, seeded, resumable to the bit on a CPU; keeps the weights of the best validation."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from boxprompt.errors import CheckpointError, StoppedError
from boxprompt.inference.device import channels_last
from boxprompt.network.student import Student
from boxprompt.training.averaging import WeightAverage
from boxprompt.training.checkpoint import Checkpoint
from boxprompt.training.finetune_config import FinetuneRecipe
from boxprompt.training.finetune_samples import FinetuneSamples
from boxprompt.training.finetune_validation import Views, ViewScores
from boxprompt.training.loop import learning_rate, parameter_groups, repeatable, to_input
from boxprompt.training.losses import masked_bce

_TOLD_EVERY = 10
_SAVED_EVERY_S = 60.0
_BACKBONE = "backbone."


class Control(Protocol):
    """What the caller wants, asked after every step."""

    def should_stop(self) -> bool:
        """Whether to leave a checkpoint and stop."""
        ...

    def should_pause(self) -> bool:
        """Whether to leave a checkpoint and wait."""
        ...

    def wait_while_paused(self) -> None:
        """Return when the run shall go on or stop."""
        ...


class RunThrough:
    """A control that never stops."""

    def should_stop(self) -> bool:
        """Never."""
        return False

    def should_pause(self) -> bool:
        """Never."""
        return False

    def wait_while_paused(self) -> None:
        """Return at once."""


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Some steps were done.

    Attributes:
        step: steps done, of at most `steps`.
        steps: at most.
        loss: mean over the steps since the last event.
        learning_rate: of the last step, the head's.
        images_per_second: since the last event, time paused or validating left out.
    """

    step: int
    steps: int
    loss: float
    learning_rate: float
    images_per_second: float


@dataclass(frozen=True, slots=True)
class ValidationEvent:
    """The averaged weights were looked at on the validation part, at the network's own input size.

    Attributes:
        step: after how many steps; 0 is the parent.
        scores: what they got.
        best: whether this is the lowest loss so far.
    """

    step: int
    scores: ViewScores
    best: bool


@dataclass(frozen=True, slots=True)
class TunedState:
    """What a finished loop leaves.

    Attributes:
        state: tensors of the best validation; the parent's where none was better.
        best_step: after how many steps that was; 0 means that nothing was gained.
        steps_done: how many were done.
        stopped_early: whether patience ran out before the steps did.
        history: every validation.
    """

    state: dict[str, Tensor]
    best_step: int
    steps_done: int
    stopped_early: bool
    history: tuple[ValidationEvent, ...]


@dataclass(slots=True)
class _Best:
    state: dict[str, Tensor]
    step: int = 0
    loss: float = math.inf
    history: list[ValidationEvent] = field(default_factory=list)

    def waited(self) -> int:
        """Validations since the best one."""
        return sum(event.step > self.step for event in self.history)


OnEvent = Callable[[StepEvent | ValidationEvent], None]


class FineTuner:
    """One fine-tuning. BatchNorm keeps the parent's statistics: those of a few images would be worse.

    Args (of the constructor):
        network: the parent's, in float32; it is changed.
        recipe: how.
        samples: what is learned from.
        views: the validation part.
        device: where.
        identity: what a checkpoint must agree on to be resumed: recipe, seed, parent, data.
        checkpoint: its file.
    """

    def __init__(
        self,
        network: Student,
        *,
        recipe: FinetuneRecipe,
        samples: FinetuneSamples,
        views: Views,
        device: torch.device,
        identity: Mapping[str, Any],
        checkpoint: Path,
    ) -> None:
        if device.type == "cpu":
            network.backbone.use_explicit_attention()
        self._network = channels_last(network, device)
        self._recipe, self._samples, self._views, self._device = recipe, samples, views, device
        self._identity, self._checkpoint = dict(identity), checkpoint
        self._optimizer = torch.optim.AdamW(_groups(self._network, recipe), lr=recipe.learning_rate)
        self._average = WeightAverage(self._network, decay=recipe.ema_decay)
        self._best = _Best(state=_copied(self._average.state))
        self._step = 0
        self._seconds = 0.0

    def resume(self) -> None:
        """Go on from the checkpoint.

        Raises:
            CheckpointError: it is missing, damaged, or of another fine-tuning.
        """
        saved = Checkpoint.load(self._checkpoint)
        if saved.recipe != self._identity:
            raise CheckpointError(
                f"{self._checkpoint} belongs to a fine-tuning of other weights, labels, seed or recipe; "
                "go on with what it was started with, or start anew."
            )
        self._network.load_state_dict(saved.network)
        self._optimizer.load_state_dict(saved.optimizer)
        self._average.state = self._here(saved.average)
        self._step, self._seconds = saved.step, saved.seconds
        best = saved.extra
        self._best = _Best(
            state=self._here(best["state"]),
            step=best["step"],
            loss=best["loss"],
            history=[
                ValidationEvent(step=one["step"], scores=ViewScores(**one["scores"]), best=one["best"])
                for one in best["history"]
            ],
        )

    def run(self, *, on_event: OnEvent = lambda _: None, control: Control | None = None) -> TunedState:
        """Train until the steps are done or patience is at its end.

        Raises:
            StoppedError: the control said so; a checkpoint was left.
        """
        with repeatable(self._device):
            return self._run(on_event, control or RunThrough())

    def _run(self, on_event: OnEvent, control: Control) -> TunedState:
        for event in self._best.history:
            on_event(event)
        if not self._best.history:
            self._validate(on_event)
        saved, pace = time.monotonic(), _Pace(self._recipe.batch_size)
        while not self._is_done():
            self._mind(control)
            if time.monotonic() - saved > _SAVED_EVERY_S:
                self._save()
                saved = time.monotonic()
            with pace:
                pace.losses.append(self._train_step())
            validates = self._step % self._recipe.validate_every == 0 or self._step == self._recipe.steps
            if validates or self._step % _TOLD_EVERY == 0:
                on_event(self._told(pace))
                self._seconds += pace.seconds
                pace = _Pace(self._recipe.batch_size)
            if validates:
                self._validate(on_event)
        self._save()
        return TunedState(
            state=self._best.state,
            best_step=self._best.step,
            steps_done=self._step,
            stopped_early=self._step < self._recipe.steps,
            history=tuple(self._best.history),
        )

    def _mind(self, control: Control) -> None:
        if control.should_pause():
            self._save()  # whoever pauses may also switch the machine off
            control.wait_while_paused()
        if control.should_stop():
            self._save()
            raise StoppedError(f"The fine-tuning was stopped after {self._step} of {self._recipe.steps} steps.")

    def _is_done(self) -> bool:
        return self._step >= self._recipe.steps or self._best.waited() >= self._recipe.patience

    def _train_step(self) -> float:
        recipe = self._recipe
        rate = learning_rate(recipe.schedule(), self._step)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["share"]
        first = self._step * recipe.batch_size
        batch = [self._samples[first + position] for position in range(recipe.batch_size)]
        images, target, labelled = (torch.stack(parts) for parts in zip(*batch, strict=True))
        self._network.train()
        _keep_statistics(self._network)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=recipe.precision == "bf16"):
            logits = self._network(to_input(images, self._device, mean=self._views.mean, std=self._views.std)).logits
        loss = masked_bce(
            logits,
            target.to(self._device),
            labelled=labelled.to(self._device),
            positive_weight=recipe.positive_weight,
        )
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), recipe.clip_norm)
        self._optimizer.step()
        self._step += 1
        self._average.update(self._network, step=self._step)
        return float(loss.detach())

    def _told(self, pace: _Pace) -> StepEvent:
        return StepEvent(
            step=self._step,
            steps=self._recipe.steps,
            loss=float(np.mean(pace.losses)),
            learning_rate=learning_rate(self._recipe.schedule(), self._step - 1),
            images_per_second=pace.images_per_second(),
        )

    def _validate(self, on_event: OnEvent) -> None:
        shipped = Student(self._network.config)
        shipped.load_state_dict(self._average.state)
        if self._device.type == "cpu":
            shipped.backbone.use_explicit_attention()
        scores = self._views.score(
            channels_last(shipped, self._device),
            device=self._device,
            positive_weight=self._recipe.positive_weight,
            untouched_share=self._recipe.untouched_share,
        )
        best = scores.loss < self._best.loss
        event = ValidationEvent(step=self._step, scores=scores, best=best)
        self._best.history.append(event)
        if best:
            self._best.state, self._best.step, self._best.loss = _copied(self._average.state), self._step, scores.loss
        on_event(event)

    def _save(self) -> None:
        Checkpoint(
            step=self._step,
            network=self._network.state_dict(),
            average=self._average.state,
            optimizer=self._optimizer.state_dict(),
            recipe=self._identity,
            seconds=self._seconds,
            extra={
                "state": self._best.state,
                "step": self._best.step,
                "loss": self._best.loss,
                "history": [asdict(event) for event in self._best.history],
            },
        ).save(self._checkpoint)

    def _here(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: value.to(self._device) for name, value in state.items()}


class _Pace:
    """Losses and working time of a few steps."""

    def __init__(self, batch_size: int) -> None:
        self.losses: list[float] = []
        self.seconds = 0.0
        self._batch_size = batch_size
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.monotonic() - self._started

    def images_per_second(self) -> float:
        return len(self.losses) * self._batch_size / max(self.seconds, 1e-9)


def _groups(network: Student, recipe: FinetuneRecipe) -> Iterator[dict[str, Any]]:
    """Parameters by weight decay and by share of the learning rate; those of a kept backbone get no gradient."""
    head = nn.ModuleList(module for name, module in network.named_children() if f"{name}." != _BACKBONE)
    parts: list[tuple[nn.Module, float]] = [(head, 1.0)]
    if recipe.train == "all":
        parts.append((network.backbone, recipe.backbone_rate))
    else:
        network.backbone.requires_grad_(False)
    for module, share in parts:
        for group in parameter_groups(module, recipe.weight_decay):
            yield {**group, "share": share}


def _keep_statistics(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            module.eval()


def _copied(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in state.items()}
