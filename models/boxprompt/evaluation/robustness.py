"""Scores under degradations, each against the same images as they are."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from boxprompt.contracts import RgbImage, ScoreMap
from boxprompt.data.datasets import DatasetItem
from boxprompt.data.degrade import Degradation, robustness_grid
from boxprompt.errors import StoppedError
from boxprompt.evaluation.evaluate import Progress, never_stop, no_progress
from boxprompt.evaluation.intervals import estimate, share_lost
from boxprompt.evaluation.measuring import Known, ReadRgb, Ruler, load
from boxprompt.evaluation.predictions import at_size
from boxprompt.evaluation.records import (
    UNDEGRADED,
    ConditionScores,
    Evaluation,
    ImageRow,
    Robustness,
    condition_name,
)
from boxprompt.evaluation.subjects import Subject
from boxprompt.evaluation.summary import flag_scores, mean

_LARGEST_SEED = 2**31 - 1


def conditions() -> tuple[Degradation, ...]:
    """The robustness grid without its one cell that changes nothing, a blur kernel of 0: that is "undegraded"."""
    return tuple(cell for cell in robustness_grid() if (cell.family, cell.level) != ("blur", 0))


def seed_of(item: DatasetItem, condition: str) -> int:
    """Seed of an image under a condition, whatever else is measured and in whichever order: 0 to 2**31 - 1."""
    return zlib.crc32(f"{item.image.name}\0{condition}".encode("utf-8", "surrogateescape")) & _LARGEST_SEED


@dataclass(frozen=True, slots=True)
class _Run:
    """What is measured of every image."""

    subjects: Sequence[Subject]
    cells: Sequence[Degradation]

    def measure(self, known: Known, cell: Degradation) -> list[ImageRow]:
        """A row for each subject."""
        condition = condition_name(cell.family, cell.level)
        degraded = cell.apply(known.image, seed_of(known.item, condition))
        return [
            Ruler(name=subject.name, threshold=subject.threshold, condition=condition)
            .measure(known, _scores_at_truth(subject, degraded, known))
            .row
            for subject in self.subjects
        ]


def evaluate_robustness(
    subjects: Sequence[Subject],
    evaluations: Sequence[Evaluation],
    *,
    cells: Sequence[Degradation],
    read: ReadRgb,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = never_stop,
) -> tuple[Evaluation, ...]:
    """Measure localizers under degradations of the images they were evaluated on.

    An image is decoded once, degraded by each condition and scored by each subject. Where a degradation changes its
    size, the score map is brought back to the image's own size bilinearly: truth is never resized.

    Args:
        subjects: the localizers, at least one.
        evaluations: theirs, of the images as they are, in the same order; all of the same images.
        cells: the degradations.
        read: decodes an image.
        progress: told of every image under every condition; its totals count each once for every localizer.
        should_stop: asked before every image under every condition.

    Returns:
        The evaluations with `scores.robustness`, and with the rows of every condition after their own.

    Raises:
        StoppedError: `should_stop` said so.
        UnreadableImageError: an image that was read before cannot be read any more.
        ValueError: a localizer's map has another size, dtype or range than promised.
    """
    run = _Run(subjects=subjects, cells=cells)
    items = evaluations[0].measured
    assert all(one.measured == items for one in evaluations)
    # Failed images may have tied groups together, so that the rows are asked rather than the images left.
    group_of = {item.image: row.group for item, row in zip(items, evaluations[0].rows, strict=True)}
    rows: dict[tuple[str, str], list[ImageRow]] = {}
    total = len(items) * len(cells) * len(subjects)
    done = 0
    for item in items:
        known = load(item, group=group_of[item.image], read=read)
        for cell in cells:
            if should_stop():
                raise StoppedError(f"The robustness grid was stopped after {done} of {total} measurements.")
            for row in run.measure(known, cell):
                rows.setdefault((row.localizer, row.condition), []).append(row)
            done += len(subjects)
            progress(done=done, total=total, item=str(item.image), failure="")
    return tuple(_extended(evaluation, cells, rows) for evaluation in evaluations)


def _scores_at_truth(subject: Subject, degraded: RgbImage, known: Known) -> ScoreMap:
    scores = subject.score(known.item, degraded)
    if scores.shape != degraded.shape[:2]:
        raise ValueError(f"{subject.name} made a map of {scores.shape} for an image of {degraded.shape[:2]}")
    rows, columns = known.truth.shape
    return at_size(scores, shape=(rows, columns))


def _extended(
    evaluation: Evaluation, cells: Sequence[Degradation], rows: dict[tuple[str, str], list[ImageRow]]
) -> Evaluation:
    before = evaluation.rows
    scores = [_condition_scores(UNDEGRADED, "", before=before, after=before)]
    degraded: list[ImageRow] = []
    for cell in cells:
        after = rows.get((evaluation.scores.localizer, condition_name(cell.family, cell.level)), [])
        scores.append(_condition_scores(cell.family, cell.level, before=before, after=after))
        degraded += after
    return Evaluation(
        scores=replace(evaluation.scores, robustness=Robustness(conditions=tuple(scores))),
        rows=(*before, *degraded),
        measured=evaluation.measured,
    )


def _condition_scores(
    family: str, level: float | str, *, before: Sequence[ImageRow], after: Sequence[ImageRow]
) -> ConditionScores:
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if new.f1_at_half is not None]
    edited = [new for _, new in pairs]
    groups = [row.group for row in edited]
    return ConditionScores(
        family=family,
        level=level,
        n=len(edited),
        f1_at_half=mean(edited, lambda row: row.f1_at_half),
        f1_at_threshold=mean(edited, lambda row: row.f1_at_threshold),
        auc=mean(edited, lambda row: row.auc),
        f1_lost=share_lost([old.f1_at_threshold for old, _ in pairs], [new.f1_at_threshold for new in edited], groups),
        auc_change=estimate([_change(old.auc, new.auc) for old, new in pairs], groups),
        missed=mean(edited, lambda row: row.missed_at_threshold),
        untouched=flag_scores([row for row in after if row.f1_at_half is None]),
    )


def _change(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else new - old
