"""Fine-tuning, as a service runs it: training in the library, scoring as `evaluate` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from boxprompt.weights import find_weights
from forensic_gui.domain.errors import EvidenceError, RequestError
from forensic_gui.services.engine.translation import translated, view_name
from forensic_gui.services.finetune.events import (
    Figure,
    FinetuneEvent,
    Scores,
    StepEvent,
    ValidationEvent,
)
from forensic_gui.services.ports import Views

if TYPE_CHECKING:
    from boxprompt.data.datasets import DatasetItem, TamperedDataset
    from boxprompt.training.finetune import FinetuneJob, FinetunePlan
    from boxprompt.weights import WeightsFile
    from forensic_gui.services.finetune.control import RunControl

ReadPixels = Callable[[Path], NDArray[np.uint8]]
ScorePixels = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class TuningRequest:
    """What the library is asked for; see `boxprompt.training.finetune.FinetuneJob`.

    Attributes:
        dataset: in any layout of `boxprompt.data.layouts.open_dataset` that has more than boxes.
        name: what the card calls it.
        groups: source group by image file's name, for images that share one beyond what their names say.
        terms: on what terms its images may be used.
        weights: id or path of the weights to start from.
        folders: where installed weights lie.
        identifier: id of the new weights.
        work: working folder.
        recipe: fields that differ from the default recipe.
        held_out: share of the images that chooses nothing.
        validation: share of the images that chooses step and threshold.
        seed: of split and samples.
        device: "auto", "cpu", "cuda" or "mps".
        threads: of torch; 0 leaves its default.
    """

    dataset: Path
    name: str
    groups: Mapping[str, str]
    terms: str
    weights: str
    folders: Sequence[Path]
    identifier: str
    work: Path
    recipe: Mapping[str, Any]
    held_out: float
    validation: float
    seed: int
    device: str
    threads: int


class Tuning:
    """One fine-tuning in the library: planned when it is made, then trained, then completed with what was measured."""

    def __init__(self, request: TuningRequest) -> None:
        """Find the weights, list, split and hash the images.

        Raises:
            RequestError: the folder is no dataset, has too few images, or a number of the recipe cannot be used.
            WeightsError: unknown weights.
        """
        from pydantic import ValidationError

        from boxprompt.data.datasets import TamperedDataset  # OpenCV: tenths
        from boxprompt.data.labels import refuse_boxes_alone
        from boxprompt.data.layouts import open_dataset
        from boxprompt.faults import faults
        from boxprompt.training.finetune import FinetuneJob, plan  # torch: seconds
        from boxprompt.training.finetune_config import FinetuneRecipe
        from boxprompt.training.finetune_parts import Shares

        with translated():
            try:
                recipe = FinetuneRecipe.model_validate(dict(request.recipe))
            except ValidationError as error:
                raise RequestError(f"The recipe cannot be used: {faults(error)}.") from error
            dataset = refuse_boxes_alone(open_dataset(request.dataset))
            self.job: FinetuneJob = FinetuneJob(
                dataset=TamperedDataset(name=request.name, items=tuple(_grouped(dataset.items, request.groups))),
                terms=request.terms,
                parent=find_weights(request.weights, request.folders),
                identifier=request.identifier,
                folder=request.work,
                recipe=recipe,
                shares=Shares(held_out=request.held_out, validation=request.validation),
                seed=request.seed,
                device=request.device,
                threads=request.threads,
            )
            self.plan: FinetunePlan = plan(self.job)

    @property
    def parent(self) -> WeightsFile:
        """The weights it starts from."""
        return self.job.parent

    def part(self, name: str) -> TamperedDataset:
        """The images of a part: "training", "validation" or "held_out"."""
        from boxprompt.data.datasets import TamperedDataset

        items: tuple[DatasetItem, ...] = getattr(self.plan.parts, name)
        return TamperedDataset(name=f"{self.job.dataset.name}, {name.replace('_', ' ')}", items=items)

    def learned_of(self, dataset: TamperedDataset) -> int:
        """How many images of a dataset are learned from or chosen by: scores on those say nothing.

        Raises:
            RequestError: a file cannot be read.
        """
        from boxprompt.training.finetune_parts import shared_images

        parts = self.plan.parts
        with translated():
            return shared_images((*parts.training, *parts.validation), dataset.items)

    def run(
        self, *, read: ReadPixels, on_event: Callable[[FinetuneEvent], None], control: RunControl, resume: bool
    ) -> Any:
        """Train.

        Returns:
            `boxprompt.training.finetune.Tuned`.

        Raises:
            RequestError: nothing to learn from, nothing gained, or nothing to resume.
            DeviceUnavailable: the device is not on this machine.
            WeightsError: the weights were altered.
            Cancelled: stopping was asked for; a checkpoint was left.
        """
        from boxprompt.training.finetune import finetune

        with translated():
            return finetune(
                self.job,
                self.plan,
                read=naming_failures(read),
                on_event=lambda event: on_event(_told(event)),
                control=control,
                resume=resume,
            )

    def complete(
        self,
        weights: WeightsFile,
        *,
        thresholds: Mapping[Views, float],
        origin: str,
        scores: Mapping[str, Any],
        limits: Sequence[str],
    ) -> WeightsFile:
        """Put on the card what scoring has shown, a threshold for either view with it."""
        from boxprompt.training.finetune import complete

        return complete(
            weights,
            thresholds={view_name(views): threshold for views, threshold in thresholds.items()},
            threshold_origin=origin,
            scores=scores,
            limits=limits,
        )


def open_dataset(path: Path) -> TamperedDataset:
    """A dataset to score on.

    Raises:
        RequestError: it is none, or of some images only scribbles or boxes are known.
    """
    from boxprompt.data import labels, layouts

    with translated():
        return labels.require_masks(layouts.open_dataset(path), purpose="A comparison")


def retention_set(
    photographs: Mapping[str, tuple[Path, NDArray[np.bool_] | None]], folder: Path, *, count: int
) -> TamperedDataset:
    """Composites of the untouched parts of photographs; see `boxprompt.training.finetune_retention`.

    Args:
        photographs: file and known manipulation, bool (H, W) or None, by name.
        folder: absent or empty.
        count: images in all.

    Raises:
        OSError: the folder takes no files.
    """
    from boxprompt.data.datasets import read_rgb
    from boxprompt.training import finetune_retention

    with translated():
        return finetune_retention.retention_set(
            {
                name: finetune_retention.untouched_part(read_rgb(path), mask)
                for name, (path, mask) in photographs.items()
            },
            folder,
            count=count,
        )


def score_dataset(
    dataset: TamperedDataset,
    *,
    name: str,
    localize: ScorePixels,
    threshold: float,
    read: ReadPixels,
    control: RunControl,
) -> dict[str, Any]:
    """Score a localizer on images, as `forensic-gui evaluate` does.

    Args:
        dataset: images with known masks, and untouched ones.
        name: of the localizer.
        localize: uint8 (H, W, 3) RGB to float32 (H, W) in [0, 1].
        threshold: on model scores.
        read: decodes an image.
        control: asked before every image.

    Returns:
        `boxprompt.evaluation.records.Scores` as JSON values.

    Raises:
        Cancelled: stopping was asked for.
    """
    from boxprompt.evaluation.evaluate import evaluate

    def should_stop() -> bool:
        control.wait_while_paused()
        return control.should_stop()

    with translated():
        return evaluate(
            localize,
            dataset,
            name=name,
            threshold=threshold,
            read=naming_failures(read),
            should_stop=should_stop,
        ).scores.as_json()


def summary_of(scores: Mapping[str, Any]) -> Scores:
    """The figures that are told, of an evaluation's JSON values."""

    def figure(estimate: Mapping[str, Any]) -> Figure:
        return Figure(value=estimate["value"], low=estimate["low"], high=estimate["high"])

    pixel = scores["pixel"]
    return Scores(
        manipulated=pixel["n"],
        untouched=scores["untouched"]["n"],
        threshold=scores["threshold"],
        f1_at_half=figure(pixel["f1_at_half"]),
        f1_at_threshold=figure(pixel["f1_at_threshold"]),
        f1_at_best=pixel["f1_at_best"],
        best_threshold=scores["best_threshold"],
        auc=figure(pixel["auc"]),
        flagged=figure(scores["untouched"]["pixels"]),
    )


def naming_failures(read: ReadPixels) -> ReadPixels:
    """A reader whose failures the library takes for those of one image."""
    from boxprompt.data.datasets import UnreadableImageError

    def read_or_name(path: Path) -> NDArray[np.uint8]:
        try:
            return read(path)
        except EvidenceError as error:
            raise UnreadableImageError(str(error)) from error

    return read_or_name


def _grouped(items: Sequence[DatasetItem], groups: Mapping[str, str]) -> Iterator[DatasetItem]:
    for item in items:
        group = groups.get(item.image.name, "")
        yield replace(item, sources=item.sources | {f"group {group}"}) if group else item


def _told(event: Any) -> FinetuneEvent:
    from boxprompt.training import finetune_loop

    if isinstance(event, finetune_loop.StepEvent):
        return StepEvent(
            step=event.step,
            steps=event.steps,
            loss=event.loss,
            learning_rate=event.learning_rate,
            images_per_second=event.images_per_second,
        )
    assert isinstance(event, finetune_loop.ValidationEvent)
    return ValidationEvent(
        step=event.step, loss=event.scores.loss, f1=event.scores.f1, auc=event.scores.auc, best=event.best
    )
