"""The training loop: seeded, the same on CPU, CUDA and MPS, resumable to the bit on a CPU."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from boxprompt.errors import CheckpointError
from boxprompt.inference.device import channels_last, resolve_device
from boxprompt.network.config import StudentConfig
from boxprompt.network.student import Student
from boxprompt.training.averaging import WeightAverage
from boxprompt.training.checkpoint import Checkpoint
from boxprompt.training.config import RecipeTable, RunTable, TrainingConfig
from boxprompt.training.losses import masked_bce
from boxprompt.training.samples import From, SampleSource, SynthesisDataset, single_threaded_worker
from boxprompt.training.validation import ValidationSet

# ImageNet statistics, as timm states for TinyViT. No ImageNet weights are used; any fixed affine map would do.
INPUT_MEAN = (0.485, 0.456, 0.406)
INPUT_STD = (0.229, 0.224, 0.225)

TRAINING_STREAM = 0
"""Samples of a run are numbered in this stream; validation has another."""


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    """One line of the log.

    Attributes:
        step: optimizer steps done; `steps` in all.
        loss: mean training loss since the last event.
        learning_rate: current rate.
        images_per_second: since the last event.
        seconds: training seconds so far, earlier pieces of the run included.
        validation_loss: on the fixed composites; None between validations, as are the next two.
        validation_f1: pixel F1 at the best single threshold.
        validation_auc: mean pixel AUC of manipulated images.
    """

    step: int
    steps: int
    loss: float
    learning_rate: float
    images_per_second: float
    seconds: float
    validation_loss: float | None = None
    validation_f1: float | None = None
    validation_auc: float | None = None


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


class NetworkTrainer:
    """One run of any localizing network: what its forward pass returns has `logits`, float (B, 1, S, S).

    Collaborators come in: how the network and the samples are made, validation composites, who watches, who stops.
    """

    def __init__(
        self,
        config: RunSettings,
        *,
        build: Callable[[], nn.Module],
        samples: Callable[[int], Dataset[tuple[Tensor, Tensor]]],
        validation: ValidationSet,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        """Seed, then build.

        Args:
            config: recipe, schedule and places.
            build: makes the network as the run starts it; called again for a copy to validate averaged weights with.
            samples: the numbered samples of a run of so many: uint8 (S, S, 3) and float32 (1, S, S).
            validation: composites to score.
            mean: by RGB channel, of values in [0, 1].
            std: by RGB channel.
        """
        self._config = config
        self._build = build
        self._samples = samples
        self._validation = validation
        self._mean, self._std = mean, std
        self._device = resolve_device(config.run.device)
        if config.run.threads:
            torch.set_num_threads(config.run.threads)
        torch.manual_seed(config.run.seed)
        self.network = channels_last(build(), self._device)
        self._optimizer = torch.optim.AdamW(
            parameter_groups(self.network, config.recipe.weight_decay), lr=config.recipe.learning_rate
        )
        decay = config.recipe.ema_decay
        self._average = WeightAverage(self.network, decay=decay) if decay else None
        self._step = 0
        self._seconds = 0.0

    @property
    def checkpoint_path(self) -> Path:
        """Where this run keeps its state."""
        return self._config.run.output / "checkpoint.pt"

    def resume(self) -> None:
        """Go on from the run's checkpoint.

        Raises:
            CheckpointError: there is none, it is damaged, or it is of another recipe (the schedule may differ).
        """
        state = Checkpoint.load(self.checkpoint_path)
        if _without_schedule(state.recipe) != _without_schedule(self._config.recipe_record()):
            raise CheckpointError(
                f"{self.checkpoint_path} belongs to a run with another recipe; choose another output folder."
            )
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
        """Train until the steps are done, the time is up, or the caller says stop; always leaves a checkpoint."""
        self._config.run.output.mkdir(parents=True, exist_ok=True)
        with repeatable(self._device):
            return self._run(on_event, should_stop)

    def _run(self, on_event: Callable[[TrainingEvent], None], should_stop: Callable[[], bool]) -> TrainingResult:
        recipe, run = self._config.recipe, self._config.run
        started = saved = logged = time.monotonic()
        before, last = self._seconds, None
        losses: list[float] = []
        for batch in self._batches():
            losses.append(self._train_step(*batch))
            now = time.monotonic()
            self._seconds = before + now - started
            done = self._step >= recipe.steps
            stop = should_stop() or (run.max_seconds > 0 and now - started > run.max_seconds)
            validate = done or self._step % run.validate_every == 0
            if validate or stop or self._step % 50 == 0:
                speed = len(losses) * recipe.batch_size / max(now - logged, 1e-9)
                event = self._event(losses, images_per_second=speed, validate=validate)
                last = event if validate else last
                _append_csv(run.output / "log.csv", event)
                on_event(event)
                losses, logged = [], time.monotonic()
            if done or stop or now - saved > run.checkpoint_every_s:
                self._save()
                saved = time.monotonic()
            if done or stop:
                break
        return TrainingResult(self._step, self._step >= recipe.steps, self.checkpoint_path, last)

    def shipped_state(self) -> dict[str, Tensor]:
        """The weights to validate and ship: averaged ones where the recipe averages."""
        return self.network.state_dict() if self._average is None else self._average.state

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        recipe, workers = self._config.recipe, self._config.data.workers
        dataset = self._samples(recipe.steps * recipe.batch_size)
        loader: DataLoader[tuple[Tensor, Tensor]] = DataLoader(
            dataset,
            batch_size=recipe.batch_size,
            sampler=From(range(recipe.steps * recipe.batch_size), start=self._step * recipe.batch_size),
            num_workers=workers,
            worker_init_fn=single_threaded_worker,
            prefetch_factor=4 if workers else None,
            # Not fork: OpenCV's and torch's thread pools do not survive it, and the first image would wait for ever.
            multiprocessing_context="spawn" if workers else None,
        )
        return iter(loader)

    def _train_step(self, images: Tensor, target: Tensor) -> float:
        recipe = self._config.recipe
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(recipe, self._step)
        self.network.train()
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=recipe.precision == "bf16"):
            logits = self.network(to_input(images, self._device, mean=self._mean, std=self._std)).logits
        loss = masked_bce(logits, target.to(self._device), positive_weight=recipe.positive_weight)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip_norm)
        self._optimizer.step()
        self._step += 1
        if self._average is not None:
            self._average.update(self.network, step=self._step)
        return float(loss.detach())

    def _event(self, losses: list[float], *, images_per_second: float, validate: bool) -> TrainingEvent:
        recipe = self._config.recipe
        event = TrainingEvent(
            step=self._step,
            steps=recipe.steps,
            loss=float(np.mean(losses)),
            learning_rate=learning_rate(recipe, self._step - 1),
            images_per_second=images_per_second,
            seconds=self._seconds,
        )
        if not validate:
            return event
        scores = self._validation.score(self._shipped_network(), device=self._device)
        return TrainingEvent(**{**asdict(event), **asdict(scores)})

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


class Trainer(NetworkTrainer):
    """One run of the student."""

    def __init__(
        self,
        config: TrainingConfig,
        *,
        source: SampleSource,
        validation: ValidationSet,
        manipulated_share: float = 0.1,
        initial: Mapping[str, Tensor] | None = None,
    ) -> None:
        on_cpu = resolve_device(config.run.device).type == "cpu"

        def build() -> Student:
            network = Student(StudentConfig.from_dict(config.student.model_dump()))
            if initial is None:
                network.initialise_bias(manipulated_share)
            else:
                network.load_state_dict(initial)
            if on_cpu:
                network.backbone.use_explicit_attention()
            return network

        def samples(length: int) -> SynthesisDataset:
            return SynthesisDataset(
                source,
                side_px=config.student.input_side_px,
                seed=config.run.seed,
                stream=TRAINING_STREAM,
                length=length,
                tile_share=config.data.tile_share,
            )

        super().__init__(config, build=build, samples=samples, validation=validation, mean=INPUT_MEAN, std=INPUT_STD)


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


def _without_schedule(recipe: dict[str, object]) -> dict[str, object]:
    """A recipe record less what may change on resume: the length and end of the schedule, threads, cadence."""
    kept = {name: value for name, value in recipe.items() if name not in {"run", "recipe", "description"}}
    table = recipe["recipe"]
    assert isinstance(table, dict)
    kept["recipe"] = {name: value for name, value in table.items() if name not in {"steps", "hold_until"}}
    run = recipe["run"]
    assert isinstance(run, dict)
    return {**kept, "seed": run["seed"]}


def _append_csv(path: Path, event: TrainingEvent) -> None:
    row = asdict(event)
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)
