"""Evaluate one localizer on one dataset, an image at a time; only a row and a curve outlive an image."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage, ScoreMap
from boxprompt.data.datasets import (
    DatasetItem,
    TamperedDataset,
    UnreadableImageError,
    groups_by_source,
    read_mask,
    read_rgb,
)
from boxprompt.errors import StoppedError
from boxprompt.evaluation.baselines import Localize
from boxprompt.evaluation.intervals import estimate
from boxprompt.evaluation.records import Estimate, Evaluation, FailedItem, FlagScores, ImageRow, PixelScores, Scores
from boxprompt.metrics.image import counts_as_flagged, image_auc, share_flagged, summarise
from boxprompt.metrics.pixel import RankedScores, f1, iou, rank, threshold_grid

HALF = 0.5
ONE_PERCENT = 0.01
# Upper ends of the edit-size buckets, exclusive, as shares of the image.
EDIT_SIZES = ((0.01, "<1 %"), (0.05, "1-5 %"), (0.20, "5-20 %"), (math.inf, ">=20 %"))

ReadRgb = Callable[[Path], RgbImage]


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
    rows: list[ImageRow] = field(default_factory=list)
    curves: dict[str, _Curve] = field(default_factory=dict)
    failed: list[FailedItem] = field(default_factory=list)

    def add_curve(self, values: NDArray[np.float64], keys: Iterable[str]) -> None:
        for key in keys:
            self.curves.setdefault(key, _Curve(np.zeros(self.thresholds.size))).add(values)


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    localize: Localize
    threshold: float


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
    if not 0 <= threshold <= 1:
        raise ValueError(f"a threshold on model scores lies in [0, 1], not {threshold}")
    tally = _Tally(thresholds=threshold_grid() if thresholds is None else thresholds)
    subject = _Subject(name=name, localize=localize, threshold=threshold)
    group_of = _group_names(dataset.items)
    fingerprint = hashlib.sha256()
    for done, item in enumerate(dataset.items, start=1):
        if should_stop():
            raise StoppedError(f"The evaluation of {name} was stopped after {done - 1} of {len(dataset.items)} images.")
        failure = ""
        try:
            facts = _file_facts(item)
            _measure(item, subject, tally, group=group_of[item.image], read=read)
            fingerprint.update(facts)
        except UnreadableImageError as error:
            failure = str(error)
            tally.failed.append(FailedItem(image=item.image.name, reason=failure))
        progress(done=done, total=len(dataset.items), item=str(item.image), failure=failure)
    rows = tuple(tally.rows)
    return Evaluation(scores=_scores(rows, tally, subject, dataset.name, fingerprint.hexdigest()), rows=rows)


def edit_size_name(share: float) -> str:
    """Bucket of an edit by the share of the image it covers."""
    return next(name for end, name in EDIT_SIZES if share < end)


def _group_names(items: Sequence[DatasetItem]) -> dict[Path, str]:
    return {item.image: group[0].name for group in groups_by_source(items) for item in group}


def _file_facts(item: DatasetItem) -> bytes:
    lines = []
    for path in (item.image, item.mask):
        if path is not None:
            try:
                with path.open("rb") as stream:
                    lines.append(f"{path.name}\t{hashlib.file_digest(stream, 'sha256').hexdigest()}\n")
            except OSError as error:
                raise UnreadableImageError(f"{path} cannot be read: {error.strerror}.") from error
    return "".join(lines).encode()


def _measure(item: DatasetItem, subject: _Subject, tally: _Tally, *, group: str, read: ReadRgb) -> None:
    image = read(item.image)
    truth = None if item.mask is None else read_mask(item.mask)
    if truth is not None:
        if truth.shape != image.shape[:2]:
            raise UnreadableImageError(
                f"{item.image} was decoded to {image.shape[1]}x{image.shape[0]} pixels, "
                f"but its mask has {truth.shape[1]}x{truth.shape[0]}."
            )
        if not truth.any():
            raise UnreadableImageError(f"The mask {item.mask} marks nothing; an untouched image belongs into Au.")
    scores = subject.localize(image)
    ranked = rank(scores, np.zeros(image.shape[:2], dtype=np.bool_) if truth is None else truth)
    row = _row(item, subject, group, scores, ranked)
    tally.rows.append(row)
    if truth is not None:
        values = f1(ranked.confusion(tally.thresholds))
        tally.add_curve(values, ("all", row.kind, edit_size_name(row.edit_share)))


def _row(item: DatasetItem, subject: _Subject, group: str, scores: ScoreMap, ranked: RankedScores) -> ImageRow:
    half, given = ranked.confusion(HALF), ranked.confusion(subject.threshold)
    auc = ranked.auc()
    edited = item.mask is not None
    summary = summarise(scores)
    return ImageRow(
        localizer=subject.name,
        image=item.image.name,
        kind=item.kind,
        group=group,
        edit_share=ranked.manipulated.size / scores.size,
        f1_at_half=float(f1(half)) if edited else None,
        f1_at_threshold=float(f1(given)) if edited else None,
        iou_at_half=float(iou(half)) if edited else None,
        iou_at_threshold=float(iou(given)) if edited else None,
        auc=None if math.isnan(auc) else auc,
        flagged_at_half=share_flagged(scores, threshold=HALF),
        flagged_at_threshold=share_flagged(scores, threshold=subject.threshold),
        highest=summary.highest,
        top_mean=summary.top_mean,
        mean=summary.mean,
    )


def _scores(rows: Sequence[ImageRow], tally: _Tally, subject: _Subject, dataset: str, digest: str) -> Scores:
    edited = [row for row in rows if row.f1_at_half is not None]
    untouched = [row for row in rows if row.f1_at_half is None]
    best = int(np.argmax(tally.curves["all"].total)) if edited else None

    def pixel(selected: Sequence[ImageRow], key: str) -> PixelScores:
        return _pixel_scores(selected, None if best is None else _mean_at(tally.curves[key], best))

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
        untouched=_flag_scores(untouched),
        manipulated=_flag_scores(edited),
        image_auc=_image_aucs(edited, untouched),
        failed=tuple(tally.failed),
    )


def _mean_at(curve: _Curve, index: int) -> float:
    return float(curve.total[index] / curve.n)


def _pixel_scores(rows: Sequence[ImageRow], f1_at_best: float | None) -> PixelScores:
    return PixelScores(
        n=len(rows),
        f1_at_half=_mean(rows, lambda row: row.f1_at_half),
        f1_at_threshold=_mean(rows, lambda row: row.f1_at_threshold),
        f1_at_best=f1_at_best,
        iou_at_half=_mean(rows, lambda row: row.iou_at_half),
        iou_at_threshold=_mean(rows, lambda row: row.iou_at_threshold),
        auc=_mean(rows, lambda row: row.auc),
    )


def _flag_scores(rows: Sequence[ImageRow]) -> FlagScores:
    return FlagScores(
        n=len(rows),
        pixels=_mean(rows, lambda row: row.flagged_at_threshold),
        images=_mean(rows, lambda row: float(counts_as_flagged(row.flagged_at_threshold))),
        images_over_one_percent=_mean(
            rows, lambda row: float(counts_as_flagged(row.flagged_at_threshold, at_least=ONE_PERCENT))
        ),
    )


def _mean(rows: Sequence[ImageRow], value_of: Callable[[ImageRow], float | None]) -> Estimate:
    return estimate([value_of(row) for row in rows], [row.group for row in rows])


def _image_aucs(edited: Sequence[ImageRow], untouched: Sequence[ImageRow]) -> dict[str, float | None]:
    aucs: dict[str, float | None] = {}
    for summary in ("highest", "top_mean", "mean"):
        value = image_auc(_column(edited, summary), _column(untouched, summary))
        aucs[summary] = None if math.isnan(value) else value
    return aucs


def _column(rows: Sequence[ImageRow], name: str) -> NDArray[np.float64]:
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)
