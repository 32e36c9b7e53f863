"""Measure one score map against the truth of its image."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from boxprompt.contracts import BoolMask, RgbImage, ScoreMap
from boxprompt.data.datasets import DatasetItem, groups_by_source
from boxprompt.data.labels import file_digest, read_truth, truth_digest
from boxprompt.evaluation.records import UNDEGRADED, ImageRow
from boxprompt.evaluation.subjects import HALF
from boxprompt.metrics.image import share_flagged, summarise
from boxprompt.metrics.pixel import RankedScores, Variant, f1, iou, rank, recall

ReadRgb = Callable[[Path], RgbImage]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An image and what is known of it.

    Attributes:
        item: where it comes from.
        image: uint8 (H, W, 3) RGB.
        truth: bool (H, W); all False for an untouched image.
        group: name of the first image of its source group.
    """

    item: DatasetItem
    image: RgbImage
    truth: BoolMask
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Measurements of one score map, and the ranked scores that curves are computed from."""

    row: ImageRow
    ranked: RankedScores


@dataclass(frozen=True, slots=True)
class Ruler:
    """How a score map is measured.

    Attributes:
        name: of the localizer, for rows.
        threshold: on model scores, strict greater-than.
        variants: definitions of F1 to measure besides the protocol's.
        condition: how images were degraded, for rows.
    """

    name: str
    threshold: float
    variants: Sequence[Variant] = ()
    condition: str = UNDEGRADED

    def measure(self, known: Known, scores: ScoreMap) -> Measured:
        """Measure the scores of an image.

        Args:
            known: the image and its truth.
            scores: float32 (H, W) in [0, 1], the image's own size.

        Raises:
            ValueError: the scores are of another size, dtype or range.
        """
        ranked = rank(scores, known.truth)
        half, given = ranked.confusion(HALF), ranked.confusion(self.threshold)
        edited = known.item.mask is not None
        summary = summarise(scores)

        def of_edited(value: float) -> float | None:
            return value if edited and not math.isnan(value) else None

        row = ImageRow(
            localizer=self.name,
            image=known.item.image.name,
            kind=known.item.kind,
            group=known.group,
            edit_share=ranked.manipulated.size / scores.size,
            f1_at_half=of_edited(float(f1(half))),
            f1_at_threshold=of_edited(float(f1(given))),
            iou_at_half=of_edited(float(iou(half))),
            iou_at_threshold=of_edited(float(iou(given))),
            auc=of_edited(ranked.auc()),
            average_precision=of_edited(ranked.average_precision()),
            flagged_at_half=share_flagged(scores, threshold=HALF),
            flagged_at_threshold=share_flagged(scores, threshold=self.threshold),
            missed_at_threshold=of_edited(1 - float(recall(given))),
            highest=summary.highest,
            top_mean=summary.top_mean,
            mean=summary.mean,
            f1_variants={
                variant_column(variant, at): of_edited(float(f1(counts, variant=variant)))
                for variant in self.variants
                for at, counts in (("half", half), ("threshold", given))
            },
            condition=self.condition,
        )
        return Measured(row=row, ranked=ranked)


def variant_column(variant: Variant, at: str) -> str:
    """Column of rows for a variant of F1 at "half" or "threshold"."""
    return f"f1_{variant}_at_{at}"


def load(item: DatasetItem, *, group: str, read: ReadRgb) -> Known:
    """Decode an image and its mask.

    Raises:
        UnreadableImageError: one of them cannot be read, they differ in size, or the mask marks nothing.
    """
    image = read(item.image)
    return Known(item=item, image=image, truth=read_truth(item, size=image.shape[:2]), group=group)


def group_names(items: Sequence[DatasetItem]) -> dict[Path, str]:
    """Name of the first image of the source group, by the image's path."""
    return {item.image: group[0].name for group in groups_by_source(items) for item in group}


def file_facts(item: DatasetItem) -> bytes:
    """Names and SHA-256 of an image and its mask, a line each.

    Raises:
        UnreadableImageError: one of them cannot be read.
    """
    lines = [f"{item.image.name}\t{file_digest(item.image)}\n"]
    if item.mask is not None:
        name = item.mask.name if isinstance(item.mask, Path) else "regions"
        lines.append(f"{name}\t{truth_digest(item)}\n")
    return "".join(lines).encode()
