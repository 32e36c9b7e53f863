"""Evaluate one localizer on one dataset, an image at a time; only a row and a curve outlive an image."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from boxprompt.data.datasets import DatasetItem, TamperedDataset, UnreadableImageError, read_rgb
from boxprompt.errors import StoppedError
from boxprompt.evaluation.baselines import Localize
from boxprompt.evaluation.calibrating import CalibrationTally
from boxprompt.evaluation.measuring import Known, ReadRgb, Ruler, file_facts, group_names, load
from boxprompt.evaluation.records import Calibration, Evaluation, FailedItem, ImageRow, PixelScores, Scores
from boxprompt.evaluation.subjects import HALF, Scored, Subject
from boxprompt.evaluation.summary import (
    EDIT_SIZES,
    calibration_curve,
    edit_size_name,
    flag_scores,
    image_aucs,
    pixel_scores,
    variant_scores,
)
from boxprompt.metrics.calibration import ReliabilityTally
from boxprompt.metrics.pixel import Variant, f1, threshold_grid

CALIBRATION_BINS = 10


class Progress(Protocol):
    """Told of every image that was finished."""

    def __call__(self, *, done: int, total: int, item: str, failure: str) -> None:
        """Take note.

        Args:
            done: images finished, failed ones included.
            total: images in all.
            item: path of the image just finished.
            failure: why it failed, a sentence; empty if it did not.
        """
        ...


def no_progress(*, done: int, total: int, item: str, failure: str) -> None:
    """A progress sink for callers who do not watch."""


def never_stop() -> bool:
    """A stop signal that is never given."""
    return False


@dataclass(slots=True)
class _Curve:
    """Sum of F1 curves over images, by threshold."""

    total: NDArray[np.float64]
    n: int = 0

    def add(self, values: NDArray[np.float64]) -> None:
        self.total += values
        self.n += 1


@dataclass(slots=True)
class _Tally:
    """All that is kept of the images seen so far."""

    thresholds: NDArray[np.float32]
    calibrating: CalibrationTally | None = None
    rows: list[ImageRow] = field(default_factory=list)
    measured: list[DatasetItem] = field(default_factory=list)
    curves: dict[str, _Curve] = field(default_factory=dict)
    failed: list[FailedItem] = field(default_factory=list)
    manipulated: ReliabilityTally = field(default_factory=lambda: ReliabilityTally(bins=CALIBRATION_BINS))
    untouched: ReliabilityTally = field(default_factory=lambda: ReliabilityTally(bins=CALIBRATION_BINS))

    def add(self, known: Known, subject: Scored, ruler: Ruler) -> None:
        """Score and measure an image."""
        measured = ruler.measure(known, subject.score(known.item, known.image))
        row, ranked = measured.row, measured.ranked
        self.rows.append(row)
        self.measured.append(known.item)
        edited = known.item.mask is not None
        calibration = self.manipulated if edited else self.untouched
        calibration.add_sorted(ranked.manipulated, positive=True)
        calibration.add_sorted(ranked.untouched, positive=False)
        if self.calibrating is not None:
            self.calibrating.add(ranked, group=row.group)
        if edited:
            self._add_curve(f1(ranked.confusion(self.thresholds)), ("all", row.kind, edit_size_name(row.edit_share)))

    def _add_curve(self, values: NDArray[np.float64], keys: Iterable[str]) -> None:
        for key in keys:
            self.curves.setdefault(key, _Curve(np.zeros(self.thresholds.size))).add(values)


def evaluate(
    localize: Localize,
    dataset: TamperedDataset,
    *,
    name: str,
    threshold: float = HALF,
    thresholds: NDArray[np.float32] | None = None,
    read: ReadRgb = read_rgb,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = never_stop,
) -> Evaluation:
    """Score a localizer on every image of a dataset, each at its own size.

    Args:
        localize: maps uint8 (H, W, 3) RGB to float32 (H, W) in [0, 1], the same size.
        dataset: manipulated images with masks, and untouched ones.
        name: of the localizer, for rows and tables.
        threshold: on model scores, strict greater-than; for a network the one on its card.
        thresholds: candidates for the best single threshold; None: 0, 0.001, ..., 1.
        read: decodes an image as the caller's application does.
        progress: told of every finished image.
        should_stop: asked before every image.

    Returns:
        Scores and rows. An image or mask that cannot be read is named in `scores.failed`, and the rest is scored.

    Raises:
        StoppedError: `should_stop` said so.
        ValueError: the localizer's map has another size, dtype or range than promised, or `threshold` is outside
            [0, 1].
    """
    return evaluate_subject(
        Subject(name=name, localize=localize, threshold=threshold),
        dataset,
        thresholds=thresholds,
        read=read,
        progress=progress,
        should_stop=should_stop,
    )


def evaluate_subject(
    subject: Scored,
    dataset: TamperedDataset,
    *,
    variants: Sequence[Variant] = (),
    thresholds: NDArray[np.float32] | None = None,
    calibrating: CalibrationTally | None = None,
    read: ReadRgb = read_rgb,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = never_stop,
) -> Evaluation:
    """Score anything that has a score map for each image; see `evaluate`.

    Args:
        subject: what is scored.
        dataset: manipulated images with masks, and untouched ones.
        variants: definitions of F1 to measure besides the protocol's.
        thresholds: candidates for the best single threshold.
        calibrating: given the scores of every image, for a calibration.
        read: decodes an image.
        progress: told of every finished image.
        should_stop: asked before every image.

    Raises:
        StoppedError: `should_stop` said so.
        ValueError: as for `evaluate`.
    """
    if not 0 <= subject.threshold <= 1:
        raise ValueError(f"a threshold on model scores lies in [0, 1], not {subject.threshold}")
    tally = _Tally(thresholds=threshold_grid() if thresholds is None else thresholds, calibrating=calibrating)
    ruler = Ruler(name=subject.name, threshold=subject.threshold, variants=variants)
    group_of = group_names(dataset.items)
    fingerprint = hashlib.sha256()
    for done, item in enumerate(dataset.items, start=1):
        if should_stop():
            raise StoppedError(
                f"The evaluation of {subject.name} was stopped after {done - 1} of {len(dataset.items)} images."
            )
        failure = ""
        try:
            facts = file_facts(item)
            known = load(item, group=group_of[item.image], read=read)
        except UnreadableImageError as error:
            failure = str(error)
            tally.failed.append(FailedItem(image=item.image.name, reason=failure))
        else:
            tally.add(known, subject, ruler)
            fingerprint.update(facts)
        progress(done=done, total=len(dataset.items), item=str(item.image), failure=failure)
    scores = _scores(tally, subject, ruler, dataset=dataset.name, digest=fingerprint.hexdigest())
    return Evaluation(scores=scores, rows=tuple(tally.rows), measured=tuple(tally.measured))


def _scores(tally: _Tally, subject: Scored, ruler: Ruler, *, dataset: str, digest: str) -> Scores:
    edited = [row for row in tally.rows if row.f1_at_half is not None]
    untouched = [row for row in tally.rows if row.f1_at_half is None]
    best = int(np.argmax(tally.curves["all"].total)) if edited else None

    def pixel(selected: Sequence[ImageRow], key: str) -> PixelScores:
        return pixel_scores(selected, f1_at_best=None if best is None else _mean_at(tally.curves[key], best))

    def by(key_of: Callable[[ImageRow], str], keys: Sequence[str]) -> dict[str, PixelScores]:
        groups = {key: [row for row in edited if key_of(row) == key] for key in keys}
        return {key: pixel(group, key) for key, group in groups.items() if group}

    return Scores(
        localizer=subject.name,
        dataset=dataset,
        dataset_sha256=digest,
        threshold=subject.threshold,
        # The shortest decimal that rounds to this float32: 0.419, not 0.4189999997615814.
        best_threshold=None if best is None else float(str(tally.thresholds[best])),
        pixel=pixel(edited, "all"),
        by_kind=by(lambda row: row.kind, sorted({row.kind for row in edited})),
        by_edit_size=by(lambda row: edit_size_name(row.edit_share), [name for _, name in EDIT_SIZES]),
        untouched=flag_scores(untouched),
        manipulated=flag_scores(edited),
        image_auc=image_aucs(edited, untouched),
        calibration=Calibration(
            manipulated=calibration_curve(tally.manipulated.curve()),
            untouched=calibration_curve(tally.untouched.curve()),
        ),
        f1_variants={variant: variant_scores(edited, variant) for variant in ruler.variants},
        predictions=subject.predictions,
        failed=tuple(tally.failed),
    )


def _mean_at(curve: _Curve, index: int) -> float:
    return float(curve.total[index] / curve.n)
