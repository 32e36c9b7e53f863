"""Image-level scores: one number for a whole score map, and what a localizer flags where nothing was done.

Pixel F1 of an image without manipulation is 0 by definition and says nothing; these figures stand in its place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import ScoreMap, require_scores
from boxprompt.metrics.pixel import RankedScores

TOP_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class ImageScore:
    """Summaries of one score map, each in [0, 1].

    Attributes:
        highest: the highest score.
        top_mean: mean of the highest hundredth of all scores, at least one pixel.
        mean: mean of all scores.
    """

    highest: float
    top_mean: float
    mean: float


def summarise(scores: ScoreMap) -> ImageScore:
    """Reduce a score map to single numbers.

    Args:
        scores: float32 (H, W) in [0, 1], at least one pixel.
    """
    flat = require_scores(scores).ravel()
    count = math.ceil(flat.size * TOP_SHARE)
    top = np.partition(flat, flat.size - count)[-count:]
    return ImageScore(
        highest=float(flat.max()),
        top_mean=float(top.mean(dtype=np.float64)),
        mean=float(flat.mean(dtype=np.float64)),
    )


def share_flagged(scores: ScoreMap, *, threshold: float) -> float:
    """Share of pixels whose score is strictly greater than the threshold, in [0, 1]."""
    return float(np.mean(require_scores(scores) > np.float32(threshold)))


def counts_as_flagged(pixel_share: float, *, at_least: float = 0.0) -> bool:
    """Whether an image counts as flagged: any pixel is, and their share is `at_least` that much."""
    return pixel_share > 0 and pixel_share >= at_least


def image_auc(manipulated: NDArray[np.floating], untouched: NDArray[np.floating]) -> float:
    """How often a manipulated image outscores an untouched one, ties counted half.

    Computed from the scores themselves, never from thresholded decisions.

    Args:
        manipulated: float (n,), one score an image.
        untouched: float (m,).

    Returns:
        A share in [0, 1]; NaN where either is empty.
    """
    ranked = RankedScores(
        manipulated=np.sort(manipulated.astype(np.float32)),
        untouched=np.sort(untouched.astype(np.float32)),
    )
    return ranked.auc()
