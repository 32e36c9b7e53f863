"""Evaluate several localizers on one dataset: what an application asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boxprompt.calibration_file import CalibrationFile
from boxprompt.card_calibration import View
from boxprompt.data.datasets import TamperedDataset, read_rgb
from boxprompt.data.degrade import Degradation
from boxprompt.data.labels import require_masks
from boxprompt.data.layouts import open_dataset
from boxprompt.evaluation.calibrating import CalibrationTally
from boxprompt.evaluation.evaluate import Progress, evaluate_subject, never_stop, no_progress
from boxprompt.evaluation.measuring import ReadRgb
from boxprompt.evaluation.predictions import FolderPredictions
from boxprompt.evaluation.records import Evaluation, FailedItem, Scores
from boxprompt.evaluation.robustness import evaluate_robustness
from boxprompt.evaluation.subjects import PredictedSubject, Scored, Subject
from boxprompt.evaluation.table import calibration_table, markdown_table, parts_table, robustness_table
from boxprompt.metrics.pixel import Variant


@dataclass(frozen=True, slots=True)
class ScoresOf:
    """Whose scores a calibration is fitted to.

    Attributes:
        weights_id: id of the weights.
        weights_sha256: their hash.
        network_sha256: of all that gives the scores, `WeightCard.network_sha256`.
        view: the view of the images.
    """

    weights_id: str
    weights_sha256: str
    network_sha256: str
    view: View


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure besides the protocol's own figures.

    Attributes:
        predictions: folder of score maps by the name of the tool that made them, see `FolderPredictions.open`.
        after: position among the subjects at which those tools stand in tables.
        variants: definitions of F1 besides the protocol's.
        cells: degradations; none of these can be applied to score maps that were made elsewhere.
        limit: at most so many images, spread evenly; None: all.
        calibrate: also fit a calibration to the scores of the first subject, which are these; None: none.

    Raises:
        ValueError: predictions and degradations together.
    """

    predictions: Mapping[str, Path] = field(default_factory=dict)
    after: int = 1
    variants: tuple[Variant, ...] = ()
    cells: tuple[Degradation, ...] = ()
    limit: int | None = None
    calibrate: ScoresOf | None = None

    def __post_init__(self) -> None:
        if self.predictions and self.cells:
            raise ValueError("score maps made elsewhere are of the images as they are: they have no robustness")


@dataclass(frozen=True, slots=True)
class FolderEvaluation:
    """Evaluations of several localizers on the same images.

    Attributes:
        evaluations: in the order asked for, baselines last.
        calibration: of the first localizer, if the plan asked for one.
    """

    evaluations: tuple[Evaluation, ...]
    calibration: CalibrationFile | None = None

    @property
    def failed(self) -> tuple[FailedItem, ...]:
        """Images that could not be measured, each named once."""
        return tuple(dict.fromkeys(item for one in self.evaluations for item in one.scores.failed))

    def scores_as_json(self) -> list[dict[str, Any]]:
        """Scores as JSON values, one object a localizer; absent figures are null."""
        return [one.scores.as_json() for one in self.evaluations]

    def calibration_as_json(self) -> dict[str, Any] | None:
        """The calibration as JSON values, as `boxprompt.calibration_file` reads it; None where none was asked for."""
        return None if self.calibration is None else self.calibration.model_dump(mode="json")

    def rows(self) -> Iterator[dict[str, str | float | None]]:
        """Measurements by column name, one image, condition and localizer at a time; all have the same columns."""
        columns = {name: None for one in self.evaluations for row in one.rows[:1] for name in row.as_mapping()}
        return ({**columns, **row.as_mapping()} for one in self.evaluations for row in one.rows)

    def markdown(self, *, calibration: bool = False) -> str:
        """The scores as Markdown tables with an empty line between them.

        First one of all images; then, as far as there is something to tell, by kind and size of the edit, calibration,
        and robustness.

        Args:
            calibration: also tell calibration curves.
        """
        scores = [one.scores for one in self.evaluations]
        tables = [markdown_table(scores)]
        if any(one.by_kind for one in scores):
            tables.append(parts_table(scores))
        if calibration:
            tables.append(calibration_table(scores))
        if any(one.robustness is not None for one in scores):
            tables.append(robustness_table(scores))
        return "\n".join(tables)


def evaluate_folder(
    folder: Path,
    *,
    subjects: Sequence[Subject],
    plan: Plan | None = None,
    read: ReadRgb = read_rgb,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = never_stop,
) -> FolderEvaluation:
    """Score localizers on a dataset.

    Args:
        folder: the dataset, in any layout of `open_dataset` that has complete masks.
        subjects: the localizers; `baseline_subjects()` gives the trivial ones.
        plan: what else to measure.
        read: decodes an image as the caller's application does; raises `UnreadableImageError` where it cannot.
        progress: told of every finished image, and of every image under every condition; its totals count each once
            for every localizer.
        should_stop: asked before every image.

    Raises:
        CalibrationError: no calibration can be fitted to these images.
        DatasetError: it is no such dataset, of some images only scribbles or boxes are known, or score maps made
            elsewhere are missing or damaged.
        StoppedError: `should_stop` said so.
        ValueError: the limit is less than 1, two localizers have one name, or one breaks its contract.
    """
    plan = plan or Plan()
    dataset = require_masks(open_dataset(folder), purpose="An evaluation")
    if plan.limit is not None:
        dataset = dataset.limited_to(plan.limit)
    scored = _all_subjects(subjects, plan, dataset, should_stop)
    plain = len(scored) * len(dataset.items)
    overall = plain * (1 + len(plan.cells))
    tally = None if plan.calibrate is None else CalibrationTally()
    evaluations = tuple(
        evaluate_subject(
            subject,
            dataset,
            variants=plan.variants,
            calibrating=tally if position == 0 else None,
            read=read,
            progress=_shifted(progress, by=position * len(dataset.items), overall=overall),
            should_stop=should_stop,
        )
        for position, subject in enumerate(scored)
    )
    if plan.cells:
        evaluations = evaluate_robustness(
            subjects,
            evaluations,
            cells=plan.cells,
            read=read,
            # Images that failed are not tried again: their share of the work is over.
            progress=_ending(progress, overall=overall),
            should_stop=should_stop,
        )
    return FolderEvaluation(evaluations=evaluations, calibration=_calibration(plan, tally, evaluations[0].scores))


def _calibration(plan: Plan, tally: CalibrationTally | None, scores: Scores) -> CalibrationFile | None:
    if tally is None or plan.calibrate is None:
        return None
    fitted = tally.fit(
        weights_sha256=plan.calibrate.weights_sha256,
        network_sha256=plan.calibrate.network_sha256,
        dataset=scores.dataset,
        dataset_sha256=scores.dataset_sha256,
    )
    return CalibrationFile(
        weights_id=plan.calibrate.weights_id,
        view=plan.calibrate.view,
        best_threshold=scores.best_threshold,
        calibration=fitted,
    )


def _all_subjects(
    subjects: Sequence[Subject], plan: Plan, dataset: TamperedDataset, should_stop: Callable[[], bool]
) -> list[Scored]:
    names = [*(subject.name for subject in subjects), *plan.predictions]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two localizers of one table are called {twice[0]!r}")
    predicted: list[Scored] = [
        PredictedSubject(name=name, maps=FolderPredictions.open(maps, dataset.items, should_stop=should_stop))
        for name, maps in plan.predictions.items()
    ]
    return [*subjects[: plan.after], *predicted, *subjects[plan.after :]]


def _shifted(progress: Progress, *, by: int, overall: int) -> Progress:
    def shifted(*, done: int, total: int, item: str, failure: str) -> None:  # noqa: ARG001 - of one localizer only
        progress(done=by + done, total=overall, item=item, failure=failure)

    return shifted


def _ending(progress: Progress, *, overall: int) -> Progress:
    def ending(*, done: int, total: int, item: str, failure: str) -> None:
        progress(done=overall - total + done, total=overall, item=item, failure=failure)

    return ending
