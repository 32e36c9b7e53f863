"""Score a localizer on a set, at the size of each image and by the protocol of `boxprompt.metrics.pixel`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, ScoreMap
from boxprompt.evaluation.subjects import HALF
from boxprompt.metrics.pixel import f1, rank, threshold_grid

_THRESHOLDS = threshold_grid()


@dataclass(frozen=True, slots=True)
class SetScores:
    """Figures of one localizer by image of a set, in the set's order.

    Attributes:
        threshold: the single threshold with the best mean F1 over these very images.
        f1_best: pixel F1 at it.
        f1_half: pixel F1 at 0.5.
        auc: pixel AUC; None where all of an image is manipulated.
    """

    threshold: float
    f1_best: tuple[float, ...]
    f1_half: tuple[float, ...]
    auc: tuple[float | None, ...]

    def to_record(self) -> dict[str, Any]:
        """JSON-able values, rounded to six digits."""
        return {
            name: [None if one is None else round(one, 6) for one in value] if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> SetScores:
        """The scores of `to_record`."""
        return cls(
            threshold=record["threshold"],
            f1_best=tuple(record["f1_best"]),
            f1_half=tuple(record["f1_half"]),
            auc=tuple(record["auc"]),
        )


def score_maps(maps: Iterable[ScoreMap], truths: Iterable[BoolMask]) -> SetScores:
    """Score maps of a set against the truth.

    Args:
        maps: one an image, float32 in [0, 1] over the whole image on any grid; interpolated to the image's own size.
        truths: bool (H, W) of manipulated images.

    Raises:
        ValueError: there are none, not as many of one as of the other, or scores outside [0, 1].
    """
    ranked = [rank(at_size(scores, truth.shape), truth) for scores, truth in zip(maps, truths, strict=True)]
    if not ranked:
        raise ValueError("a set of no images has no scores")
    by_threshold = np.stack([f1(one.confusion(_THRESHOLDS)) for one in ranked])
    best = int(by_threshold.mean(axis=0).argmax())
    aucs = [one.auc() for one in ranked]
    return SetScores(
        threshold=float(_THRESHOLDS[best]),
        f1_best=tuple(by_threshold[:, best].tolist()),
        f1_half=tuple(float(f1(one.confusion(HALF))) for one in ranked),
        auc=tuple(None if math.isnan(auc) else auc for auc in aucs),
    )


def at_size(scores: ScoreMap, shape: tuple[int, ...]) -> ScoreMap:
    """A map on the image's own grid, float32 `shape`: bilinear between its cells."""
    if scores.shape == shape:
        return scores
    return np.asarray(cv2.resize(scores, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
