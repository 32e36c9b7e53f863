"""Batches of numbered samples: the same ones whoever makes them, however they are divided, wherever a run goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from boxprompt.errors import ConfigurationError
from boxprompt.training.samples import single_threaded_worker

Sample: TypeAlias = tuple[Tensor, ...]
"""uint8 (S, S, 3) RGB, float32 (1, S, S) share manipulated and, where not all is known, bool (1, S, S) labelled."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples that pass through the network together.

    Attributes:
        images: uint8 (B, S, S, 3) RGB.
        target: float32 (B, 1, S, S), share of the pixel that is manipulated.
        labelled: bool (B, 1, S, S), False where that is not known; None: all is.
    """

    images: Tensor
    target: Tensor
    labelled: Tensor | None = None


class BatchShares(Sampler[int]):
    """Sample numbers of one process, in the order of a run, from the step on where a resumed run stopped.

    A batch is taken in `accumulate` parts, and each part is divided among the processes in equal, contiguous shares:
    all processes together see of each part what one process alone would see of it.

    Args (of the constructor):
        steps: of the run.
        start: first step.
        batch_size: samples of a step, in all processes together.
        accumulate: parts of a batch.
        rank: number of this process.
        world: how many there are.

    Raises:
        ConfigurationError: a batch cannot be divided like that.
    """

    def __init__(self, *, steps: int, start: int, batch_size: int, accumulate: int, rank: int, world: int) -> None:
        if batch_size % (accumulate * world):
            raise ConfigurationError(
                f"A batch of {batch_size} cannot be divided into {accumulate} parts for each of {world} processes; "
                "change batch_size or accumulate in [recipe], or start another number of processes."
            )
        self.accumulate = accumulate
        self.share = batch_size // (accumulate * world)
        """Samples that a process takes at a time."""
        self._parts = range(start * accumulate, steps * accumulate)
        self._part_size = batch_size // accumulate
        self._rank = rank

    def __iter__(self) -> Iterator[int]:
        """Yield sample numbers."""
        for part in self._parts:
            first = part * self._part_size + self._rank * self.share
            yield from range(first, first + self.share)

    def __len__(self) -> int:
        """Samples left for this process."""
        return len(self._parts) * self.share


def batches_by_step(dataset: Dataset[Any], shares: BatchShares, *, workers: int) -> Iterator[list[Batch]]:
    """The parts of each step's batch that are this process's.

    Args:
        dataset: numbered samples, see `Sample`.
        shares: which of them.
        workers: processes that make samples; 0 makes them in this one.
    """
    loader: DataLoader[Any] = DataLoader(
        dataset,
        batch_size=shares.share,
        sampler=shares,
        num_workers=workers,
        worker_init_fn=_start_worker,
        prefetch_factor=4 if workers else None,
        # Not fork: OpenCV's and torch's thread pools do not survive it, and the first image would wait for ever.
        multiprocessing_context="spawn" if workers else None,
    )
    parts: list[Batch] = []
    for tensors in loader:
        parts.append(Batch(*tensors))
        if len(parts) == shares.accumulate:
            yield parts
            parts = []


def _start_worker(number: int) -> None:
    # A terminal and `torchrun` send these to every process of a group. The run stops after its step, for which it needs
    # its samples, and ends its workers itself; they also end when it is gone.
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    single_threaded_worker(number)
