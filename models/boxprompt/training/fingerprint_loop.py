"""The training loop of the fingerprint: contrast within groups, resumable to the bit on a CPU."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from boxprompt.errors import CheckpointError
from boxprompt.inference.device import channels_last, resolve_device
from boxprompt.network.fingerprint import STRIDE_PX, FingerprintNetwork, window_means
from boxprompt.network.residual import INPUT_MEAN, INPUT_STD
from boxprompt.training.averaging import WeightAverage
from boxprompt.training.checkpoint import Checkpoint
from boxprompt.training.contrast import contrastive_loss, relations, retrieval
from boxprompt.training.fingerprint_config import FingerprintTrainingConfig
from boxprompt.training.fingerprint_windows import corner_windows
from boxprompt.training.log import TrainingEvent
from boxprompt.training.loop import (
    TrainingResult,
    learning_rate,
    parameter_groups,
    repeatable,
    to_input,
)
from boxprompt.training.samples import From, single_threaded_worker


@dataclass(frozen=True, slots=True)
class ContrastEvent(TrainingEvent):
    """One line of the log; F1 and AUC stay empty, since there are no masks.

    Attributes:
        validation_source: see `boxprompt.training.contrast.Retrieval`, on the fixed groups.
        validation_history: likewise.
    """

    validation_source: float | None = None
    validation_history: float | None = None


class FingerprintTrainer:
    """One run. Collaborators come in: how the network and the groups are made, validation groups."""

    def __init__(
        self,
        config: FingerprintTrainingConfig,
        *,
        build: Callable[[], FingerprintNetwork],
        groups: Callable[[int], Dataset[Tensor]],
        validation: Sequence[Tensor],
    ) -> None:
        """Seed, then build.

        Args:
            config: the run.
            build: makes the network as the run starts it; called again for a copy to validate averaged weights with.
            groups: the numbered groups of a run of so many: uint8 (H, P, S, S, 3).
            validation: groups to measure on.
        """
        self._config = config
        self._build = build
        self._groups = groups
        self._validation = validation
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
        contrast = config.contrast
        self._related = relations(
            histories=contrast.histories,
            photographs=contrast.photographs,
            windows=contrast.windows,
            alike=contrast.alike,
        )
        self._windows = corner_windows(contrast.piece_px // STRIDE_PX, window_cells=contrast.window_cells)
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
        if state.recipe != self._config.identity():
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
            losses.append(self._train_step(batch))
            now = time.monotonic()
            self._seconds = before + now - started
            done = self._step >= recipe.steps
            stop = should_stop() or (run.max_seconds > 0 and now - started > run.max_seconds)
            validate = done or self._step % run.validate_every == 0
            if validate or stop or self._step % run.log_every == 0:
                event = self._event(losses, seconds=max(now - logged, 1e-9), validate=validate)
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

    def _batches(self) -> Iterator[Tensor]:
        recipe, workers = self._config.recipe, self._config.data.workers
        count = recipe.steps * recipe.batch_size
        loader: DataLoader[Tensor] = DataLoader(
            self._groups(count),
            batch_size=recipe.batch_size,
            sampler=From(range(count), start=self._step * recipe.batch_size),
            num_workers=workers,
            worker_init_fn=single_threaded_worker,
            prefetch_factor=4 if workers else None,
            # Not fork: OpenCV's and torch's thread pools do not survive it, and the first image would wait for ever.
            multiprocessing_context="spawn" if workers else None,
        )
        return iter(loader)

    def _train_step(self, groups: Tensor) -> float:
        recipe = self._config.recipe
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(recipe, self._step)
        self.network.train()
        loss = self._loss(self._fingerprints(self.network, groups))
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip_norm)
        self._optimizer.step()
        self._step += 1
        if self._average is not None:
            self._average.update(self.network, step=self._step)
        return float(loss.detach())

    def _fingerprints(self, network: nn.Module, groups: Tensor) -> Tensor:
        """uint8 (G, H, P, S, S, 3) to float32 (G, N, D), in the order (history, photograph, window)."""
        pieces = to_input(groups.flatten(0, 2), self._device, mean=INPUT_MEAN, std=INPUT_STD)
        bf16 = self._config.recipe.precision == "bf16"
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=bf16):
            field = network(pieces)
        windows = self._windows.to(self._device).expand(len(pieces), -1, -1)
        means = window_means(field, windows, side=self._config.contrast.window_cells)
        return means.reshape(len(groups), -1, means.shape[-1])

    def _loss(self, fingerprints: Tensor) -> Tensor:
        return contrastive_loss(fingerprints, self._related, temperature=self._config.contrast.temperature)

    def _event(self, losses: list[float], *, seconds: float, validate: bool) -> TrainingEvent:
        recipe, contrast = self._config.recipe, self._config.contrast
        pieces = len(losses) * recipe.batch_size * contrast.histories * contrast.photographs
        event = ContrastEvent(
            step=self._step,
            steps=recipe.steps,
            loss=float(np.mean(losses)),
            learning_rate=learning_rate(recipe, self._step - 1),
            images_per_second=pieces / seconds,
            seconds=self._seconds,
        )
        return self._validated(event) if validate else event

    @torch.inference_mode()
    def _validated(self, event: ContrastEvent) -> ContrastEvent:
        network = self._shipped_network().eval()
        found = torch.cat([self._fingerprints(network, group[None]) for group in self._validation]).cpu()
        contrast = self._config.contrast
        hits = retrieval(
            found, histories=contrast.histories, photographs=contrast.photographs, windows=contrast.windows
        )
        measured = {"validation_source": hits.source, "validation_history": hits.history}
        return ContrastEvent(**{**asdict(event), **measured, "validation_loss": float(self._loss(found))})

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
            recipe=self._config.identity(),
            seconds=self._seconds,
        ).save(self.checkpoint_path)


def _append_csv(path: Path, event: TrainingEvent) -> None:
    row = asdict(event)
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)
