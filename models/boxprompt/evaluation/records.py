"""What an evaluation yields: one row an image, and the scores of a localizer on a dataset, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

PROTOCOL = (
    "Pixel F1 and IoU at the image's own size, score strictly greater than the threshold, by image, then the mean over "
    "manipulated images; AUC by image with ties counted half, then the mean; ground truth is channel mean > 127.5. "
    "Intervals: 95 %, bootstrap over groups of images that share a source photograph."
)


@dataclass(frozen=True, slots=True)
class ImageRow:
    """Measurements of one image.

    Attributes:
        localizer: name of what was evaluated.
        image: file name.
        kind: "splice", "copy-move", "unstated" or "untouched".
        group: name of the first image of its source group; equal for images that share a source.
        edit_share: share of pixels that are manipulated; 0 for an untouched image.
        f1_at_half: pixel F1 at 0.5; None for an untouched image, as are the next four.
        f1_at_threshold: pixel F1 at the given threshold.
        iou_at_half: pixel IoU at 0.5.
        iou_at_threshold: pixel IoU at the given threshold.
        auc: pixel AUC; None too where the whole image is manipulated.
        flagged_at_half: share of pixels over 0.5.
        flagged_at_threshold: share of pixels over the given threshold.
        highest: the highest model score.
        top_mean: mean of the highest hundredth of the model scores.
        mean: mean model score.
    """

    localizer: str
    image: str
    kind: str
    group: str
    edit_share: float
    f1_at_half: float | None
    f1_at_threshold: float | None
    iou_at_half: float | None
    iou_at_threshold: float | None
    auc: float | None
    flagged_at_half: float
    flagged_at_threshold: float
    highest: float
    top_mean: float
    mean: float

    def as_mapping(self) -> dict[str, str | float | None]:
        """Values by column name, in the order of columns."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval.

    Attributes:
        value: the mean; None where there is nothing to average.
        low: lower end; None as above.
        high: upper end; None as above.
        n: number of images averaged.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class PixelScores:
    """Pixel scores over a set of manipulated images.

    Attributes:
        n: number of images.
        f1_at_half: mean F1 at 0.5.
        f1_at_threshold: mean F1 at the given threshold.
        f1_at_best: mean F1 at the single threshold that is best over *all* manipulated images. That threshold was
            chosen on the images it is measured on, so the figure is an upper bound, not an expectation.
        iou_at_half: mean IoU at 0.5.
        iou_at_threshold: mean IoU at the given threshold.
        auc: mean AUC.
    """

    n: int
    f1_at_half: Estimate
    f1_at_threshold: Estimate
    f1_at_best: float | None
    iou_at_half: Estimate
    iou_at_threshold: Estimate
    auc: Estimate


@dataclass(frozen=True, slots=True)
class FlagScores:
    """How much is flagged over a set of images, at the given threshold.

    Attributes:
        n: number of images.
        pixels: mean share of pixels flagged.
        images: share of images with any pixel flagged.
        images_over_one_percent: share of images with at least one pixel in a hundred flagged.
    """

    n: int
    pixels: Estimate
    images: Estimate
    images_over_one_percent: Estimate


@dataclass(frozen=True, slots=True)
class FailedItem:
    """An image that could not be measured, and why, in a sentence."""

    image: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one localizer on one dataset.

    Attributes:
        localizer: name of what was evaluated.
        dataset: name of the dataset.
        dataset_sha256: over names and SHA-256 of the files measured: equal only for the same images and masks.
        threshold: the given threshold on model scores.
        best_threshold: the single threshold with the highest mean F1 over manipulated images, the lowest of equals.
        pixel: over all manipulated images.
        by_kind: by what the file names say was done.
        by_edit_size: by share of the image that is manipulated.
        untouched: what is flagged on images without manipulation.
        manipulated: the same for images with manipulation.
        image_auc: image-level AUC, manipulated against untouched, by summary of the score map; None without both.
        failed: images that could not be measured.
        protocol: how to read the figures.
    """

    localizer: str
    dataset: str
    dataset_sha256: str
    threshold: float
    best_threshold: float | None
    pixel: PixelScores
    by_kind: Mapping[str, PixelScores]
    by_edit_size: Mapping[str, PixelScores]
    untouched: FlagScores
    manipulated: FlagScores
    image_auc: Mapping[str, float | None]
    failed: tuple[FailedItem, ...] = ()
    protocol: str = PROTOCOL

    def as_json(self) -> dict[str, Any]:
        """The scores as JSON values: no NaN, absent figures are null."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores and the rows they were computed from."""

    scores: Scores
    rows: tuple[ImageRow, ...]
