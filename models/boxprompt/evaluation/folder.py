"""Evaluate several localizers on one folder: what an application asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxprompt.data.datasets import TamperedDataset, read_rgb
from boxprompt.evaluation.baselines import BASELINES, Localize
from boxprompt.evaluation.evaluate import HALF, Progress, ReadRgb, evaluate, never_stop, no_progress
from boxprompt.evaluation.records import Evaluation, FailedItem
from boxprompt.evaluation.table import markdown_table


@dataclass(frozen=True, slots=True)
class Subject:
    """A localizer to be evaluated.

    Attributes:
        name: in rows and tables, as the id of its weights.
        localize: maps uint8 (H, W, 3) RGB to float32 (H, W) in [0, 1], the same size.
        threshold: on model scores, strict greater-than.
    """

    name: str
    localize: Localize
    threshold: float = HALF


@dataclass(frozen=True, slots=True)
class FolderEvaluation:
    """Evaluations of several localizers on the same images, in the order asked for, baselines last."""

    evaluations: tuple[Evaluation, ...]

    @property
    def failed(self) -> tuple[FailedItem, ...]:
        """Images that could not be measured, each named once."""
        return tuple(dict.fromkeys(item for one in self.evaluations for item in one.scores.failed))

    def scores_as_json(self) -> list[dict[str, Any]]:
        """Scores as JSON values, one object a localizer; absent figures are null."""
        return [one.scores.as_json() for one in self.evaluations]

    def rows(self) -> Iterator[dict[str, str | float | None]]:
        """Measurements by column name, one image and localizer at a time."""
        return (row.as_mapping() for one in self.evaluations for row in one.rows)

    def markdown(self) -> str:
        """The scores as a Markdown table."""
        return markdown_table([one.scores for one in self.evaluations])


def baseline_subjects() -> tuple[Subject, ...]:
    """The trivial baselines, each at a threshold of 0.5."""
    return tuple(Subject(name=name, localize=localize) for name, localize in BASELINES.items())


def evaluate_folder(
    folder: Path,
    *,
    subjects: Sequence[Subject],
    limit: int | None = None,
    read: ReadRgb = read_rgb,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = never_stop,
) -> FolderEvaluation:
    """Score localizers on a folder with Tp/, Gt/ and, where it has one, Au/.

    Args:
        folder: the dataset.
        subjects: the localizers; `baseline_subjects()` gives the trivial ones.
        limit: at most so many images, spread evenly; None: all.
        read: decodes an image as the caller's application does; raises `UnreadableImageError` where it cannot.
        progress: told of every finished image; its totals count each image once for every localizer.
        should_stop: asked before every image.

    Raises:
        DatasetError: the folder is no such dataset.
        StoppedError: `should_stop` said so.
        ValueError: `limit` is less than 1, or a localizer breaks its contract.
    """
    dataset = TamperedDataset.open(folder)
    if limit is not None:
        dataset = dataset.limited_to(limit)
    overall = len(subjects) * len(dataset.items)
    evaluations = [
        evaluate(
            subject.localize,
            dataset,
            name=subject.name,
            threshold=subject.threshold,
            read=read,
            progress=_shifted(progress, by=position * len(dataset.items), overall=overall),
            should_stop=should_stop,
        )
        for position, subject in enumerate(subjects)
    ]
    return FolderEvaluation(evaluations=tuple(evaluations))


def _shifted(progress: Progress, *, by: int, overall: int) -> Progress:
    def shifted(*, done: int, total: int, item: str, failure: str) -> None:  # noqa: ARG001 - of one localizer only
        progress(done=by + done, total=overall, item=item, failure=failure)

    return shifted
