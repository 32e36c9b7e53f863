"""Checkpoints that survive a kill: written beside, flushed to disk, then put in place."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from boxprompt.errors import CheckpointError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything a run needs to go on as if it had never stopped.

    Attributes:
        step: optimizer steps done.
        network: state dict.
        average: state dict of the averaged weights; empty without averaging.
        optimizer: state dict.
        recipe: `TrainingConfig.recipe_record()` of the run.
        seconds: training seconds so far.
        extra: what else a kind of run keeps: tensors and plain values.
    """

    step: int
    network: dict[str, Any]
    average: dict[str, Any]
    optimizer: dict[str, Any]
    recipe: dict[str, Any]
    seconds: float
    extra: dict[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write atomically: after a crash either the old or the new checkpoint is there, whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(path.suffix + ".part")
        with beside.open("wb") as stream:
            torch.save({name: getattr(self, name) for name in self.__slots__}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a checkpoint; only tensors and plain values are accepted (no code is run).

        Raises:
            CheckpointError: it is not there, damaged, or of another layout.
        """
        try:
            values = torch.load(path, map_location="cpu", weights_only=True)
            return cls(**values)
        except FileNotFoundError as missing:
            raise CheckpointError(f"There is no checkpoint at {path}; start the run without resuming.") from missing
        except Exception as damaged:  # torch.load raises a dozen kinds; all of them mean the same to the user
            raise CheckpointError(f"The checkpoint {path} cannot be read: {damaged}") from damaged
