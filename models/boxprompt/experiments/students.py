"""Train what follows a backbone, or both, and ask about a set of images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boxprompt.contracts import ScoreMap
from boxprompt.experiments.grid import ClaimsRecipe
from boxprompt.experiments.scales import BACKBONE, ScaleSource, backbone_of
from boxprompt.network.config import StudentConfig
from boxprompt.network.student import Student
from boxprompt.training.loop import learning_rate, parameter_groups, repeatable
from boxprompt.training.losses import masked_bce
from boxprompt.weights import WeightsFile

_BATCH = 16
_LAST_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class TrainedStudent:
    """A student that was trained.

    Attributes:
        student: where only its head was trained, its backbone is that of the start.
        steps: optimizer steps done.
        loss: mean training loss of the last steps.
    """

    student: Student
    steps: int
    loss: float


def train_student(
    config: StudentConfig,
    *,
    weights: WeightsFile,
    trains: Literal["head", "all"],
    source: ScaleSource,
    targets: NDArray[np.uint8],
    recipe: ClaimsRecipe,
    seed: int,
) -> TrainedStudent:
    """Train multi-scale preprocessing, gates, memory, guidance and refinement from random initialisation.

    The order of the images depends on the seed and the epoch alone, so that all rows of a seed see the same.

    Args:
        config: the student; S must be that of the scales.
        weights: whose backbone it starts from.
        trains: "all" trains the backbone too; its batch statistics stay those of the weights, as batches are small.
        source: what the backbone answers to each image; for "all", one that asks.
        targets: uint8 (N, S, S) of 255, see `Labels.targets`.
        recipe: see `ClaimsRecipe`.
        seed: of initialisation and order.

    Raises:
        WeightsMismatchError: altered weights, or tensors of another network.
        WeightsNotFoundError: the file cannot be read.
    """
    torch.manual_seed(seed)
    student = Student(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    student.backbone = backbone_of(weights)
    student.backbone.requires_grad_(trains == "all")
    student.initialise_bias(float(np.clip(targets.mean() / 255, 0.01, 0.99)))
    optimizer = torch.optim.AdamW(_groups(student, recipe), lr=recipe.learning_rate)
    batches = list(_batches(len(targets), recipe.batch_size, epochs=recipe.epochs, seed=seed))
    schedule = recipe.schedule(len(batches))
    losses: list[float] = []
    _set_training(student, trains=trains)
    with repeatable(torch.device("cpu")):
        for step, indices in enumerate(batches):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(schedule, step) * group["share"]
            share = torch.from_numpy(targets[indices][:, None].astype(np.float32) / np.float32(255))
            loss = masked_bce(_logits(student, source, indices, precision=recipe.precision), share)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(student.parameters(), recipe.clip_norm)
            optimizer.step()
            losses.append(float(loss.detach()))
    return TrainedStudent(student, steps=len(batches), loss=float(np.mean(losses[-_LAST_STEPS:])))


def shipped_head(weights: WeightsFile) -> Student:
    """The student of weights with the head that they were trained with.

    Raises:
        WeightsMismatchError: altered weights.
        WeightsNotFoundError: the file cannot be read.
    """
    student = Student(StudentConfig.from_dict(weights.card.student))
    student.load_state_dict({name: torch.from_numpy(value) for name, value in weights.tensors().items()})
    return student.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


@torch.inference_mode()
def respond(student: Student, source: ScaleSource, *, precision: str = "float32") -> Iterator[ScoreMap]:
    """A_refined of every image in order, float32 (S, S), in evaluation mode."""
    student.eval()
    for start in range(0, len(source), _BATCH):
        indices = np.arange(start, min(start + _BATCH, len(source)))
        yield from torch.sigmoid(_logits(student, source, indices, precision=precision).float())[:, 0].numpy()


def head_parameters(student: Student) -> int:
    """Parameters beside the backbone's."""
    return sum(value.numel() for name, value in student.named_parameters() if not name.startswith(BACKBONE))


def _set_training(student: Student, *, trains: Literal["head", "all"]) -> None:
    student.train()
    if trains == "head":
        student.backbone.eval()
    for module in student.backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _groups(student: Student, recipe: ClaimsRecipe) -> Iterator[dict[str, Any]]:
    head = nn.ModuleList(module for name, module in student.named_children() if f"{name}." != BACKBONE)
    # A backbone that is not trained gets no gradient, and so no step.
    for module, share in ((head, 1.0), (student.backbone, recipe.backbone_rate)):
        for group in parameter_groups(module, recipe.weight_decay):
            yield {**group, "share": share}


def _logits(student: Student, source: ScaleSource, indices: NDArray[np.int64], *, precision: str) -> Tensor:
    side = source.side_px
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        return student.from_scales(source.batch(indices, backbone=student.backbone), size=(side, side)).logits


def _batches(count: int, size: int, *, epochs: int, seed: int) -> Iterator[NDArray[np.int64]]:
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch)).permutation(count)
        # The rest of an epoch that fills no batch is left out: batch statistics of one image would be noise.
        yield from order[: count - count % size].reshape(-1, size)
