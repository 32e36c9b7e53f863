"""Summaries of measured rows: means with intervals over images and parts of a dataset."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from boxprompt.evaluation.intervals import estimate
from boxprompt.evaluation.measuring import variant_column
from boxprompt.evaluation.records import (
    CalibrationBin,
    CalibrationCurve,
    Estimate,
    FlagScores,
    ImageRow,
    PixelScores,
    VariantScores,
)
from boxprompt.metrics.calibration import Reliability
from boxprompt.metrics.image import counts_as_flagged, image_auc
from boxprompt.metrics.pixel import Variant

ONE_PERCENT = 0.01
# Upper ends of the edit-size buckets, exclusive, as shares of the image.
EDIT_SIZES = ((0.01, "<1 %"), (0.05, "1-5 %"), (0.20, "5-20 %"), (math.inf, ">=20 %"))


def edit_size_name(share: float) -> str:
    """Bucket of an edit by the share of the image it covers."""
    return next(name for end, name in EDIT_SIZES if share < end)


def pixel_scores(rows: Sequence[ImageRow], *, f1_at_best: float | None) -> PixelScores:
    """Pixel scores of manipulated images; F1 at the best threshold is not to be had from rows."""
    return PixelScores(
        n=len(rows),
        f1_at_half=mean(rows, lambda row: row.f1_at_half),
        f1_at_threshold=mean(rows, lambda row: row.f1_at_threshold),
        f1_at_best=f1_at_best,
        iou_at_half=mean(rows, lambda row: row.iou_at_half),
        iou_at_threshold=mean(rows, lambda row: row.iou_at_threshold),
        auc=mean(rows, lambda row: row.auc),
        average_precision=mean(rows, lambda row: row.average_precision),
    )


def variant_scores(rows: Sequence[ImageRow], variant: Variant) -> VariantScores:
    """F1 of manipulated images by another definition."""
    half, threshold = variant_column(variant, "half"), variant_column(variant, "threshold")
    return VariantScores(
        f1_at_half=mean(rows, lambda row: row.f1_variants[half]),
        f1_at_threshold=mean(rows, lambda row: row.f1_variants[threshold]),
    )


def flag_scores(rows: Sequence[ImageRow]) -> FlagScores:
    """How much is flagged at the given threshold."""
    return FlagScores(
        n=len(rows),
        pixels=mean(rows, lambda row: row.flagged_at_threshold),
        images=mean(rows, lambda row: float(counts_as_flagged(row.flagged_at_threshold))),
        images_over_one_percent=mean(
            rows, lambda row: float(counts_as_flagged(row.flagged_at_threshold, at_least=ONE_PERCENT))
        ),
    )


def image_aucs(edited: Sequence[ImageRow], untouched: Sequence[ImageRow]) -> dict[str, float | None]:
    """Image-level AUC by summary of the score map."""
    aucs: dict[str, float | None] = {}
    for name in ("highest", "top_mean", "mean"):
        value = image_auc(_column(edited, name), _column(untouched, name))
        aucs[name] = None if math.isnan(value) else value
    return aucs


def calibration_curve(curve: Reliability) -> CalibrationCurve:
    """A reliability curve as it is recorded: absent figures are None."""
    pixels = int(curve.count.sum())
    return CalibrationCurve(
        pixels=pixels,
        expected_calibration_error=curve.expected_calibration_error if pixels else None,
        bins=tuple(
            CalibrationBin(
                low=round(float(low), 6),
                high=round(float(high), 6),
                pixels=int(count),
                mean_score=float(score) if count else None,
                share_manipulated=float(share) if count else None,
            )
            for low, high, count, score, share in zip(
                curve.edges[:-1], curve.edges[1:], curve.count, curve.mean_score, curve.share_positive, strict=True
            )
        ),
    )


def mean(rows: Sequence[ImageRow], value_of: Callable[[ImageRow], float | None]) -> Estimate:
    """Mean of a column with its interval over source groups."""
    return estimate([value_of(row) for row in rows], [row.group for row in rows])


def _column(rows: Sequence[ImageRow], name: str) -> NDArray[np.float64]:
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)
