"""What an evaluation yields: one row an image, and the scores of a localizer on a dataset, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from boxprompt.data.datasets import DatasetItem

UNDEGRADED = "undegraded"

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
        kind: "splice", "copy-move", "removal", "unstated" or "untouched".
        group: name of the first image of its source group; equal for images that share a source.
        edit_share: share of pixels that are manipulated; 0 for an untouched image.
        f1_at_half: pixel F1 at 0.5; None for an untouched image, as are the next four.
        f1_at_threshold: pixel F1 at the given threshold.
        iou_at_half: pixel IoU at 0.5.
        iou_at_threshold: pixel IoU at the given threshold.
        auc: pixel AUC; None too where the whole image is manipulated.
        average_precision: pixel average precision; None for an untouched image.
        flagged_at_half: share of pixels over 0.5.
        flagged_at_threshold: share of pixels over the given threshold.
        missed_at_threshold: share of manipulated pixels that are not; None for an untouched image.
        highest: the highest model score.
        top_mean: mean of the highest hundredth of the model scores.
        mean: mean model score.
        f1_variants: pixel F1 of the variants asked for, by column name, as "f1_double_at_half".
        condition: how the image was degraded before it was scored, as "jpeg 70".
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
    average_precision: float | None
    flagged_at_half: float
    flagged_at_threshold: float
    missed_at_threshold: float | None
    highest: float
    top_mean: float
    mean: float
    f1_variants: Mapping[str, float | None] = field(default_factory=dict)
    condition: str = UNDEGRADED

    def as_mapping(self) -> dict[str, str | float | None]:
        """Values by column name, in the order of columns; those of the variants come last."""
        names = [one.name for one in fields(self) if one.name != "f1_variants"]
        return {**{name: getattr(self, name) for name in names}, **self.f1_variants}


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
        average_precision: mean average precision.
    """

    n: int
    f1_at_half: Estimate
    f1_at_threshold: Estimate
    f1_at_best: float | None
    iou_at_half: Estimate
    iou_at_threshold: Estimate
    auc: Estimate
    average_precision: Estimate


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
class VariantScores:
    """Mean F1 over all manipulated images by another definition than the protocol's; see `metrics.pixel.f1`."""

    f1_at_half: Estimate
    f1_at_threshold: Estimate


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Pixels whose model score lies in (low, high]; 0 belongs to the first bin.

    Attributes:
        low: lower end.
        high: upper end.
        pixels: how many.
        mean_score: their mean model score; None without pixels.
        share_manipulated: the share of them that is manipulated; None without pixels.
    """

    low: float
    high: float
    pixels: int
    mean_score: float | None
    share_manipulated: float | None


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """How model scores compare with the share of manipulated pixels, all pixels of a set of images pooled.

    Attributes:
        pixels: how many.
        expected_calibration_error: mean over pixels of the distance between mean score and share manipulated of
            their bin; None without pixels. It depends on the number of bins.
        bins: of equal width over [0, 1].
    """

    pixels: int
    expected_calibration_error: float | None
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves of manipulated and of untouched images apart: pooled, they would tell how many of each a dataset has."""

    manipulated: CalibrationCurve
    untouched: CalibrationCurve


@dataclass(frozen=True, slots=True)
class PredictionFacts:
    """Where the score maps of a localizer came from that ran elsewhere.

    Attributes:
        sha256: over names and SHA-256 of the files.
        resized: number of maps of another size than their image, interpolated bilinearly to the image's.
    """

    sha256: str
    resized: int


@dataclass(frozen=True, slots=True)
class ConditionScores:
    """Scores under one degradation, against the same images as they are.

    Attributes:
        family: "jpeg", "blur", "noise", "resize" or "social"; "undegraded" for the images as they are.
        level: the grid's number, or the recipe's name.
        n: number of manipulated images.
        f1_at_half: mean F1 at 0.5.
        f1_at_threshold: mean F1 at the given threshold.
        auc: mean AUC.
        f1_lost: share of the mean F1 at the threshold that the degradation costs, 1 - after / before; negative where
            it gains. None where there was none to lose.
        auc_change: mean change of AUC, after - before.
        missed: mean share of the manipulated pixels that are not over the given threshold.
        untouched: what is flagged on untouched images.
    """

    family: str
    level: float | str
    n: int
    f1_at_half: Estimate
    f1_at_threshold: Estimate
    auc: Estimate
    f1_lost: Estimate
    auc_change: Estimate
    missed: Estimate
    untouched: FlagScores

    @property
    def name(self) -> str:
        """As in rows and tables: "jpeg 70"."""
        return condition_name(self.family, self.level)


@dataclass(frozen=True, slots=True)
class Robustness:
    """Scores of one localizer under each degradation of the grid, the undegraded first."""

    conditions: tuple[ConditionScores, ...]


def condition_name(family: str, level: float | str) -> str:
    """A degradation in rows and tables: "jpeg 70"; a recipe goes by its own name, as "social-large"."""
    return (level or family) if isinstance(level, str) else f"{family} {level}"


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
        by_kind: by what was done, as a manifest or the file names say.
        by_edit_size: by share of the image that is manipulated.
        untouched: what is flagged on images without manipulation.
        manipulated: the same for images with manipulation.
        image_auc: image-level AUC, manipulated against untouched, by summary of the score map; None without both.
        calibration: model scores against shares of manipulated pixels.
        f1_variants: mean F1 by the other definitions asked for.
        predictions: where the score maps came from, if they were made elsewhere.
        robustness: scores under degradations, if asked for.
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
    calibration: Calibration
    f1_variants: Mapping[str, VariantScores]
    predictions: PredictionFacts | None = None
    robustness: Robustness | None = None
    failed: tuple[FailedItem, ...] = ()
    protocol: str = PROTOCOL

    def as_json(self) -> dict[str, Any]:
        """The scores as JSON values: no NaN, absent figures are null."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores and the rows they were computed from.

    Attributes:
        scores: of the localizer.
        rows: measurements, first of the images as they are, then degraded ones.
        measured: the images that were measured, in the order of their rows.
    """

    scores: Scores
    rows: tuple[ImageRow, ...]
    measured: tuple[DatasetItem, ...]
