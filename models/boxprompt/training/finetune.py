"""Fine-tuning: labelled images and a parent's weights to new weights with a card, not yet scored."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.card_calibration import View
from boxprompt.data.datasets import DatasetItem, TamperedDataset, UnreadableImageError
from boxprompt.errors import ConfigurationError, StoppedError
from boxprompt.inference.device import resolve_device
from boxprompt.training.finetune_config import FinetuneRecipe
from boxprompt.training.finetune_loop import Control, FineTuner, OnEvent, RunThrough, TunedState
from boxprompt.training.finetune_parent import (
    limits_of_parts,
    network_of,
    recipe_of_parts,
    student_of,
    tensors_of_child,
)
from boxprompt.training.finetune_parts import Parts, Shares, manifest_sha256, split_parts
from boxprompt.training.finetune_samples import (
    FinetuneSamples,
    LabelledImage,
    ReadLabels,
    ReadRgb,
    load,
    mask_labels,
)
from boxprompt.training.finetune_validation import Views
from boxprompt.training.run import code_commit
from boxprompt.weights import TrainingSource, WeightCard, WeightsFile, rewrite_card, write_weights

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class FinetuneJob:
    """What to fine-tune, on what, how.

    Attributes:
        dataset: images with masks, and untouched ones.
        terms: on what terms the images may be used, for the card.
        parent: weights to start from: a student's, or joint ones, of which the student is tuned.
        identifier: id of the new weights.
        folder: working folder, for the checkpoint and the new weights.
        recipe: how.
        shares: of the parts.
        seed: of the split, of every sample.
        device: "auto", "cpu", "cuda" or "mps".
        threads: CPU threads of torch; 0 leaves its default.
    """

    dataset: TamperedDataset
    terms: str
    parent: WeightsFile
    identifier: str
    folder: Path
    recipe: FinetuneRecipe = field(default_factory=FinetuneRecipe)
    shares: Shares = field(default_factory=Shares)
    seed: int = 0
    device: str = "auto"
    threads: int = 0


@dataclass(frozen=True, slots=True)
class FinetunePlan:
    """What a job comes to, known before the first step.

    Attributes:
        parts: who learns, who chooses, who is held out.
        manifest_sha256: of all three parts' images and masks.
    """

    parts: Parts
    manifest_sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """A fine-tuning that has come to its end.

    Attributes:
        weights: in the job's folder; their threshold is the parent's until one is chosen.
        state: how the loop ended.
        unreadable: images left out, a sentence each.
    """

    weights: WeightsFile
    state: TunedState
    unreadable: tuple[str, ...]


def plan(job: FinetuneJob) -> FinetunePlan:
    """Split the data and hash it.

    Raises:
        ConfigurationError: too few images.
        UnreadableImageError: a file cannot be read.
    """
    return FinetunePlan(
        parts=split_parts(job.dataset.items, shares=job.shares, seed=job.seed),
        manifest_sha256=manifest_sha256(job.dataset.items),
    )


def finetune(
    job: FinetuneJob,
    planned: FinetunePlan,
    *,
    read: ReadRgb,
    read_labels: ReadLabels = mask_labels,
    on_event: OnEvent = lambda _: None,
    control: Control | None = None,
    resume: bool = False,
) -> Tuned:
    """Train, and write the best weights into the job's folder.

    Args:
        job: what.
        planned: `plan(job)`.
        read: decodes an image as the caller's application does.
        read_labels: labels of an item, 255 where unknown; None for an untouched one.
        on_event: told of steps and validations.
        control: asked after every step.
        resume: go on from the checkpoint in the job's folder.

    Raises:
        ConfigurationError: nothing is left to learn from, or no step was better than the parent.
        CheckpointError: nothing to resume, or a checkpoint of another job.
        DeviceUnavailableError: no such device.
        StoppedError: the control said so; a checkpoint was left.
        WeightsMismatchError: the parent was altered, or there is no student in it.
    """
    student = student_of(job.parent)
    network = network_of(student)
    mean, std, side = student.card.input_mean, student.card.input_std, network.config.input_side_px
    device = resolve_device(job.device)
    if job.threads:
        torch.set_num_threads(job.threads)
        cv2.setNumThreads(job.threads)
    reader = _Reader(side, read, read_labels, control or RunThrough())
    training = reader.read_all(planned.parts.training)
    validation = reader.read_all(planned.parts.validation)
    manipulated = [one for one in training if bool((one.target > 0).any())]
    if not manipulated or not validation:
        raise ConfigurationError(
            "Too few images could be read to learn from: " + " ".join(reader.unreadable[:3] or ("none is labelled.",))
        )
    tuner = FineTuner(
        network,
        recipe=job.recipe,
        samples=FinetuneSamples(
            manipulated,
            [one for one in training if not bool((one.target > 0).any())],
            recipe=job.recipe,
            side_px=side,
            seed=job.seed,
        ),
        views=Views(validation, side_px=side, mean=mean, std=std),
        device=device,
        identity=_identity(job, planned),
        checkpoint=job.folder / CHECKPOINT,
    )
    if resume:
        tuner.resume()
    state = tuner.run(on_event=on_event, control=control)
    if state.best_step == 0:
        raise ConfigurationError(
            f"No step lowered the loss on the validation part in {state.steps_done} steps: no weights were written. "
            "More labelled images or a lower learning rate may help."
        )
    weights = _export(job, planned, state, student=student)
    return Tuned(weights=weights, state=state, unreadable=tuple(reader.unreadable))


def complete(
    weights: WeightsFile,
    *,
    thresholds: Mapping[View, float],
    threshold_origin: str,
    scores: Mapping[str, Any],
    limits: Sequence[str],
) -> WeightsFile:
    """Put on the card what scoring has shown; limits are added to those it has.

    Args:
        weights: as `finetune` left them.
        thresholds: on model scores, of both views.
        threshold_origin: how they were chosen, a sentence.
        scores: by name of what was scored.
        limits: a sentence each.
    """
    return rewrite_card(
        weights,
        threshold=thresholds["fast"],
        view_thresholds={"thorough": thresholds["thorough"]},
        threshold_origin=threshold_origin,
        scores=dict(scores),
        limits=(*weights.card.limits, *limits),
    )


class _Reader:
    """Reads the images of a part and remembers which could not be read."""

    def __init__(self, side_px: int, read: ReadRgb, read_labels: ReadLabels, control: Control) -> None:
        self._side_px, self._read, self._read_labels, self._control = side_px, read, read_labels, control
        self.unreadable: list[str] = []

    def read_all(self, items: Sequence[DatasetItem]) -> list[LabelledImage]:
        found = []
        for item in items:
            if self._control.should_stop():
                raise StoppedError("The fine-tuning was stopped while its images were read.")
            try:
                found.append(load(item, side_px=self._side_px, read=self._read, read_labels=self._read_labels))
            except UnreadableImageError as error:
                self.unreadable.append(str(error))
        return found


def _identity(job: FinetuneJob, planned: FinetunePlan) -> dict[str, Any]:
    return {
        "kind": "fine-tuning",
        "parent": {"id": job.parent.card.id, "sha256": job.parent.card.sha256},
        "data": {
            "name": job.dataset.name,
            "manifest_sha256": planned.manifest_sha256,
            "parts": planned.parts.counts(),
            "shares": {"held_out": job.shares.held_out, "validation": job.shares.validation},
        },
        "recipe": job.recipe.record(),
        "seed": job.seed,
    }


def _export(job: FinetuneJob, planned: FinetunePlan, state: TunedState, *, student: WeightsFile) -> WeightsFile:
    card, parts = job.parent.card, planned.parts
    fields: dict[str, Any] = {
        "id": job.identifier,
        "architecture": card.architecture,
        "student": card.student,
        "input_mean": card.input_mean,
        "input_std": card.input_std,
        "threshold": card.threshold,
        "threshold_origin": f"the parent's: {card.threshold_origin}",
        "training_data": (
            *card.training_data,
            TrainingSource(
                name=f"{job.dataset.name}, fine-tuned on",
                images=len(parts.training) + len(parts.validation),
                terms=job.terms,
            ),
        ),
        "recipe": {
            **_identity(job, planned),
            "best_step": state.best_step,
            "steps_done": state.steps_done,
            "stopped_early": state.stopped_early,
            **recipe_of_parts(card),
        },
        "code_commit": code_commit(),
        "steps": state.best_step,
        "licence": card.licence,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "parent": card.sha256,
        "limits": (*card.limits, *_not_inherited(card), *limits_of_parts(card)),
    }
    kept = _kept(state, student, share=job.recipe.parent_share)
    return write_weights(tensors_of_child(job.parent, kept), fields, job.folder)


def _not_inherited(card: WeightCard) -> tuple[str, ...]:
    """What is said in place of a calibration and a domain, which hold for the parent's scores and images alone."""
    left = [
        *(["its calibration"] if card.calibration else []),
        *(["what it says of its training images"] if card.domain else []),
    ]
    if not left:
        return ()
    return (f"Fine-tuned from «{card.id}», of which {' and '.join(left)} are not taken over: fit a calibration anew.",)


def _kept(state: TunedState, student: WeightsFile, *, share: float) -> dict[str, NDArray[Any]]:
    """The student's tensors to write: the best ones, with that share of those it started from in them."""
    parent = student.tensors()
    return {
        name: (1 - share) * value.detach().float().cpu().numpy() + share * parent[name].astype(np.float32)
        if value.is_floating_point()
        else value.cpu().numpy()
        for name, value in state.state.items()
    }
