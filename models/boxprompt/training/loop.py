"""The training loop: seeded, the same on CPU, CUDA and MPS, resumable to the bit on a CPU."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from boxprompt.errors import CheckpointError
from boxprompt.inference.device import channels_last, resolve_device
from boxprompt.network.student import AUXILIARY
from boxprompt.training.averaging import WeightAverage
from boxprompt.training.batches import Batch, BatchShares, batches_by_step
from boxprompt.training.checkpoint import Checkpoint
from boxprompt.training.config import RecipeTable, RunTable
from boxprompt.training.distributed import ALONE, ProcessGroup
from boxprompt.training.log import RunLog, TrainingEvent, require_tensorboard
from boxprompt.training.losses import Labelled, LossTerms, loss_share
from boxprompt.training.validation import ValidationSet

__all__ = [
    "INPUT_MEAN",
    "INPUT_STD",
    "TRAINING_STREAM",
    "NetworkTrainer",
    "TrainingEvent",
    "TrainingResult",
    "learning_rate",
    "parameter_groups",
    "repeatable",
    "to_input",
]

# ImageNet statistics, as timm states for TinyViT. No ImageNet weights are used; any fixed affine map would do.
INPUT_MEAN = (0.485, 0.456, 0.406)
INPUT_STD = (0.229, 0.224, 0.225)

TRAINING_STREAM = 0
"""Samples of a run are numbered in this stream; validation has another."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """How a run, or a piece of it, ended.

    Attributes:
        step: steps done.
        finished: whether all steps are done; False after a stop or the time limit.
        checkpoint: where the state lies.
        last: the last validation event, if any.
    """

    step: int
    finished: bool
    checkpoint: Path
    last: TrainingEvent | None


def learning_rate(recipe: RecipeTable, step: int) -> float:
    """Rate of step `step` (from 0): linear warm-up, a hold, cosine to zero."""
    if step < recipe.warmup_steps:
        return recipe.learning_rate * (step + 1) / recipe.warmup_steps
    hold = max(recipe.hold_until, recipe.warmup_steps)
    if step < hold:
        return recipe.learning_rate
    progress = (step - hold) / max(1, recipe.steps - hold)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


class DataSettings(Protocol):
    """What the loop needs to know of a run's data."""

    @property
    def workers(self) -> int:
        """Synthesis processes; 0 makes samples in the training process."""
        ...


class RunSettings(Protocol):
    """What the loop needs of a run's configuration, whatever network it trains."""

    @property
    def data(self) -> DataSettings:
        """`[data]`."""
        ...

    @property
    def recipe(self) -> RecipeTable:
        """`[recipe]`."""
        ...

    @property
    def run(self) -> RunTable:
        """`[run]`."""
        ...

    def recipe_record(self) -> dict[str, Any]:
        """Everything that determines the weights."""
        ...

    def completed(self, record: dict[str, Any]) -> dict[str, Any]:
        """A record of an earlier version with newer fields at their defaults; ValueError where it is none."""
        ...


class NetworkTrainer:
    """One run of any localizing network: what its forward pass returns has `logits`, float (B, 1, S, S).

    Collaborators come in: how the network and the samples are made, validation composites, the other processes of the
    run, who watches, who stops.
    """

    def __init__(
        self,
        config: RunSettings,
        *,
        build: Callable[[], nn.Module],
        samples: Callable[[int], Dataset[Any]],
        validation: ValidationSet | None,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
        group: ProcessGroup = ALONE,
    ) -> None:
        """Seed, then build.

        Args:
            config: recipe, schedule and places.
            build: makes the network as the run starts it; called again for a copy to validate averaged weights with.
                With deep supervision its output also has `scales`, see `StudentOutput`.
            samples: the numbered samples of a run of so many; see `boxprompt.training.batches.Sample`.
            validation: composites to score; only the first process of a group needs them.
            mean: by RGB channel, of values in [0, 1].
            std: by RGB channel.
            group: the processes that train together.

        Raises:
            ConfigurationError: the batch cannot be shared by the processes, or TensorBoard is missing.
            DeviceUnavailableError: no such device.
        """
        assert validation is not None or not group.is_first
        self._config = config
        self._build = build
        self._samples = samples
        self._validation = validation
        self._mean, self._std = mean, std
        self._group = group
        self._step = 0
        self._seconds = 0.0
        self._shares()
        if config.run.tensorboard and group.is_first:
            require_tensorboard()
        self._device = group.device(resolve_device(config.run.device))
        if config.run.threads:
            torch.set_num_threads(config.run.threads)
        torch.manual_seed(config.run.seed)
        self.network = channels_last(build(), self._device)
        group.prepare(self.network)
        self._optimizer = torch.optim.AdamW(
            parameter_groups(self.network, config.recipe.weight_decay), lr=config.recipe.learning_rate
        )
        decay = config.recipe.ema_decay
        self._average = WeightAverage(self.network, decay=decay) if decay else None
        self._loss = LossTerms.of(config.recipe)

    @property
    def checkpoint_path(self) -> Path:
        """Where this run keeps its state."""
        return self._config.run.output / "checkpoint.pt"

    def resume(self) -> None:
        """Go on from the run's checkpoint, which the first process reads for all.

        Raises:
            CheckpointError: there is none, it is damaged, or it is of another recipe (the schedule may differ).
        """
        state = self._group.from_first(self._own_checkpoint)
        self.network.load_state_dict(state.network)
        self._optimizer.load_state_dict(state.optimizer)
        if self._average is not None:
            self._average.state = {name: value.to(self._device) for name, value in state.average.items()}
        self._step, self._seconds = state.step, state.seconds

    def run(
        self,
        *,
        on_event: Callable[[TrainingEvent], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> TrainingResult:
        """Train until the steps are done, the time is up, or any process's caller says stop; leaves a checkpoint.

        The first process alone validates, calls `on_event`, and writes.
        """
        with repeatable(self._device):
            if not self._group.is_first:
                return self._run(None, on_event, should_stop)
            folder = self._config.run.output
            folder.mkdir(parents=True, exist_ok=True)
            with RunLog(folder, done=self._step, tensorboard=self._config.run.tensorboard) as log:
                return self._run(log, on_event, should_stop)

    def _run(
        self, log: RunLog | None, on_event: Callable[[TrainingEvent], None], should_stop: Callable[[], bool]
    ) -> TrainingResult:
        recipe, clock = self._config.recipe, _Clock(self._config.run, before_s=self._seconds)
        samples = self._samples(recipe.steps * recipe.batch_size)
        last = None
        for parts in batches_by_step(samples, self._shares(), workers=self._config.data.workers):
            clock.losses.append(self._train_step(parts))
            self._seconds = clock.seconds()
            done = self._step >= recipe.steps
            ends = self._group.any(done or should_stop() or clock.time_is_up())
            if log is not None:
                event = self._event_if_due(clock, done=done, ends=ends)
                if event is not None:
                    log.write(event)
                    on_event(event)
                    last = last if event.validation_loss is None else event
                if ends or clock.checkpoint_is_due():
                    self._save()
                    clock.saved = time.monotonic()
            if ends:
                break
        return TrainingResult(self._step, self._step >= recipe.steps, self.checkpoint_path, last)

    def shipped_state(self) -> dict[str, Tensor]:
        """The weights to ship: averaged ones where the recipe averages, without what serves training alone."""
        state = self.network.state_dict() if self._average is None else self._average.state
        return {name: value for name, value in state.items() if not name.startswith(AUXILIARY)}

    def _own_checkpoint(self) -> Checkpoint:
        state = Checkpoint.load(self.checkpoint_path)
        try:
            saved = self._config.completed(state.recipe)
        except ValueError:
            saved = {}
        if not saved or _without_schedule(saved) != _without_schedule(self._config.recipe_record()):
            raise CheckpointError(
                f"{self.checkpoint_path} belongs to a run with another recipe; choose another output folder."
            )
        return state

    def _shares(self) -> BatchShares:
        recipe = self._config.recipe
        return BatchShares(
            steps=recipe.steps,
            start=self._step,
            batch_size=recipe.batch_size,
            accumulate=recipe.accumulate,
            rank=self._group.rank,
            world=self._group.world,
        )

    def _train_step(self, parts: Sequence[Batch]) -> float:
        recipe = self._config.recipe
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(recipe, self._step)
        self.network.train()
        self._optimizer.zero_grad(set_to_none=True)
        counted = [Labelled.of(part.target, part.labelled) for part in parts]
        pixels, images = self._group.total([sum(one.pixels for one in counted), sum(one.images for one in counted)])
        loss = sum(self._backward(part, Labelled(pixels=pixels, images=images)) for part in parts)
        self._group.add_gradients(self.network)
        nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip_norm)
        self._optimizer.step()
        self._step += 1
        if self._average is not None:
            self._average.update(self.network, step=self._step)
        return self._group.total([loss])[0]

    def _backward(self, part: Batch, whole: Labelled) -> float:
        """Add a part's gradient; its share of the loss."""
        precision = self._config.recipe.precision
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=precision == "bf16"):
            output = self.network(to_input(part.images, self._device, mean=self._mean, std=self._std))
        loss = loss_share(
            output.logits,
            part.target.to(self._device),
            labelled=None if part.labelled is None else part.labelled.to(self._device),
            terms=self._loss,
            whole=whole,
            scales=output.scales if self._loss.deep_supervision else (),
        )
        loss.backward()
        return float(loss.detach())

    def _event_if_due(self, clock: _Clock, *, done: bool, ends: bool) -> TrainingEvent | None:
        recipe, run = self._config.recipe, self._config.run
        validates = done or self._step % run.validate_every == 0
        if not (validates or ends or self._step % run.log_every == 0):
            return None
        event = TrainingEvent(
            step=self._step,
            steps=recipe.steps,
            loss=float(np.mean(clock.losses)),
            learning_rate=learning_rate(recipe, self._step - 1),
            images_per_second=clock.steps_per_second() * recipe.batch_size,
            seconds=self._seconds,
        )
        if validates:
            assert self._validation is not None
            scores = self._validation.score(self._shipped_network(), device=self._device)
            event = replace(event, **asdict(scores))
        clock.lap()
        return event

    def _shipped_network(self) -> nn.Module:
        if self._average is None:
            return self.network
        shipped = self._build()
        shipped.load_state_dict(self._average.state)
        return channels_last(shipped, self._device)

    def _save(self) -> None:
        Checkpoint(
            step=self._step,
            network=self.network.state_dict(),
            average={} if self._average is None else self._average.state,
            optimizer=self._optimizer.state_dict(),
            recipe=self._config.recipe_record(),
            seconds=self._seconds,
        ).save(self.checkpoint_path)


class _Clock:
    """What is due when, and the losses since the last line of the log."""

    def __init__(self, run: RunTable, *, before_s: float) -> None:
        self._run, self._before_s = run, before_s
        self._started = self._logged = self.saved = time.monotonic()
        self.losses: list[float] = []

    def seconds(self) -> float:
        """Training seconds, earlier pieces of the run included."""
        return self._before_s + time.monotonic() - self._started

    def time_is_up(self) -> bool:
        return 0 < self._run.max_seconds < time.monotonic() - self._started

    def checkpoint_is_due(self) -> bool:
        return time.monotonic() - self.saved > self._run.checkpoint_every_s

    def steps_per_second(self) -> float:
        return len(self.losses) / max(time.monotonic() - self._logged, 1e-9)

    def lap(self) -> None:
        self.losses, self._logged = [], time.monotonic()


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """On a CPU, add gradients in a fixed order.

    Several threads would add those of the attention biases, which many positions share, in the order they come to it,
    and a resumed run would differ in the last bits. Elsewhere not every operation has such an order: none is promised.
    """
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(before or device.type == "cpu")
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def to_input(
    images: Tensor,
    device: torch.device,
    *,
    mean: tuple[float, float, float] = INPUT_MEAN,
    std: tuple[float, float, float] = INPUT_STD,
) -> Tensor:
    """Normalise a batch on its device: uint8 (B, S, S, 3) to float32 (B, 3, S, S), channels last in memory."""
    means = torch.tensor(mean, device=device).view(1, 3, 1, 1)
    stds = torch.tensor(std, device=device).view(1, 3, 1, 1)
    return (images.to(device).permute(0, 3, 1, 2).float() / 255.0 - means) / stds


def parameter_groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Decay matrices only: biases, norms, scales and prototypes' responses are left free, as is usual for ViTs."""
    decayed = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    free = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def _without_schedule(recipe: dict[str, Any]) -> dict[str, Any]:
    """A recipe record less what may change on resume: the length and end of the schedule, workers, threads, cadence."""
    kept = {name: value for name, value in recipe.items() if name not in {"run", "description"}}
    for table, free in {"recipe": {"steps", "hold_until"}, "data": {"workers"}}.items():
        kept[table] = {name: value for name, value in recipe[table].items() if name not in free}
    return {**kept, "seed": recipe["run"]["seed"]}
