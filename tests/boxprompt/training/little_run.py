"""A run small enough to be done several times in a test: a network with BatchNorm, samples that are partly labelled.

As a program, started by torchrun: does the run in one piece and in two, and writes what came of it by process.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel
from torch import Tensor, nn
from torch.utils.data import Dataset

from boxprompt.errors import CheckpointError
from boxprompt.training.config import RunConfig
from boxprompt.training.distributed import ALONE, ProcessGroup, joined
from boxprompt.training.loop import NetworkTrainer
from boxprompt.training.validation import ValidationSet

SIDE_PX = 16
STEPS = 6
EXTRAS = {
    **{"edge_weight": 2.0, "edge_width_px": 2, "dice_weight": 0.5, "deep_supervision": 0.5},
    **{"positive_weight": 2.0, "ema_decay": 0.9},
}
STOPPED_AFTER = 3


class LittleData(BaseModel):
    workers: int = 0


class LittleConfig(RunConfig):
    data: LittleData = LittleData()


@dataclass(frozen=True)
class LittleOutput:
    logits: Tensor
    scales: tuple[Tensor, ...]


class LittleNetwork(nn.Module):
    """Two convolutions, BatchNorm between them unless it is left out, and a second answer to supervise."""

    def __init__(self, *, normed: bool = True) -> None:
        super().__init__()
        norm: nn.Module = nn.BatchNorm2d(6) if normed else nn.Identity()
        # No bias before BatchNorm: its gradient is nothing but rounding, which AdamW would blow up to full steps.
        first = nn.Conv2d(3, 6, 3, padding=1, bias=not normed)
        self.body = nn.Sequential(first, norm, nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1))
        self.head, self.other = nn.Conv2d(6, 1, 1), nn.Conv2d(6, 1, 1)

    def forward(self, image: Tensor) -> LittleOutput:
        features = self.body(image)
        return LittleOutput(self.head(features), (self.other(features),))


class PartlyLabelled(Dataset[tuple[Tensor, ...]]):
    """Bright squares on dark; how much of a sample is labelled differs widely, and of some nothing is."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        rng = np.random.default_rng((7, index))
        image = rng.integers(0, 120, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
        target = np.zeros((1, SIDE_PX, SIDE_PX), dtype=np.float32)
        top, left = rng.integers(0, SIDE_PX // 2, 2)
        target[0, top : top + 8, left : left + 8] = 1.0
        image[target[0] > 0] += 100
        labelled = np.zeros_like(target, dtype=bool)
        labelled[:, : (0, 3, 9, SIDE_PX)[int(rng.integers(4))]] = True
        return torch.from_numpy(image), torch.from_numpy(target), torch.from_numpy(labelled)


def settings(folder: Path, *, run: dict[str, Any] | None = None, **recipe: Any) -> LittleConfig:
    small = {"steps": STEPS, "batch_size": 8, "accumulate": 2, "warmup_steps": 2, "learning_rate": 0.01}
    return LittleConfig.model_validate(
        {
            "name": "little",
            "recipe": {**small, **recipe},
            "run": {"output": str(folder), "device": "cpu", "log_every": 1, "validate_every": STEPS, **(run or {})},
        }
    )


def trainer(config: LittleConfig, *, normed: bool = True, group: ProcessGroup = ALONE) -> NetworkTrainer:
    validation = ValidationSet(PartlyLabelled(12), mean=(0.5,) * 3, std=(0.25,) * 3) if group.is_first else None
    return NetworkTrainer(
        config,
        build=lambda: LittleNetwork(normed=normed),
        samples=PartlyLabelled,
        validation=validation,
        mean=(0.5,) * 3,
        std=(0.25,) * 3,
        group=group,
    )


def digest(network: nn.Module) -> str:
    """SHA-256 over all tensors."""
    sha = hashlib.sha256()
    for name, value in network.state_dict().items():
        sha.update(name.encode() + value.contiguous().numpy().tobytes())
    return sha.hexdigest()


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    with joined() as group:
        whole = trainer(settings(folder / "whole", **EXTRAS), group=group)
        finished = whole.run()
        pieces = settings(folder / "pieces", **EXTRAS)
        asked = iter(range(1, STEPS + 1))
        # Only the second process is asked to stop.
        first = trainer(pieces, group=group)
        stopped = first.run(should_stop=lambda: next(asked) >= STOPPED_AFTER and group.rank == 1)
        rest = trainer(pieces, group=group)
        rest.resume()
        resumed = rest.run()
        refused = False
        try:
            trainer(settings(folder / "nowhere"), group=group).resume()
        except CheckpointError:
            refused = True
    record = {
        "refused": refused,
        "whole": digest(whole.network),
        "pieces": digest(rest.network),
        "steps": [finished.step, stopped.step, resumed.step],
    }
    (folder / f"process{group.rank}.json").write_text(json.dumps(record))
    torch.save(whole.network.state_dict(), folder / f"process{group.rank}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
