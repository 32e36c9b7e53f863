"""What a heatmap proposes: a mask to take over, or boxes for a segmenter to look into."""

from __future__ import annotations

import cv2
import numpy as np

from forensic_gui.domain.geometry import Box
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask
from forensic_gui.services.annotating import patches
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.rendering import strips, threshold_mask

SMALLEST_SHARE = 0.0005
"""Parts of a model's mask with a smaller share of the image's pixels make no box. Our choice."""
MARGIN_SHARE = 0.05
"""A box is this share of its part's longer side larger on every side: a coarse box, as a hand draws it. Our choice."""
MOST_BOXES = 12
"""More parts than this are noise rather than regions. Our choice."""


def model_mask(heatmap: Heatmap, threshold: float, *, cancel: CancelToken | None = None) -> Mask:
    """Evidence pixels whose model score is strictly over a threshold.

    Raises:
        Cancelled: stopping was asked for.
    """
    inside = np.empty(heatmap.size.shape, np.bool_)
    for strip in strips(heatmap, cancel=cancel):
        inside[strip.rows] = threshold_mask(strip.scores, threshold)
    return Mask.of(inside)


def model_boxes(
    heatmap: Heatmap,
    threshold: float,
    *,
    smallest_share: float = SMALLEST_SHARE,
    margin_share: float = MARGIN_SHARE,
    most: int = MOST_BOXES,
    cancel: CancelToken | None = None,
) -> tuple[Box, ...]:
    """Coarse boxes around the connected parts of the model's mask, the largest part first.

    Args:
        heatmap: model scores.
        threshold: strict greater-than.
        smallest_share: smallest share of the image's pixels a part must have.
        margin_share: how much larger than its part a box is on every side, as a share of the part's longer side.
        most: how many boxes at most.
        cancel: looked at on the way.

    Raises:
        Cancelled: stopping was asked for.
    """
    mask = model_mask(heatmap, threshold, cancel=cancel)
    box = mask.bounds
    if box is None:
        return ()
    inside = patches.cut(mask, box).astype(np.uint8)
    _, _, facts, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    rows = facts[1:][facts[1:, cv2.CC_STAT_AREA] >= smallest_share * mask.size.pixels]
    largest_first = rows[np.argsort(-rows[:, cv2.CC_STAT_AREA], kind="stable")][:most]
    found = []
    for left, top, width, height, _ in largest_first.tolist():
        margin = margin_share * max(width, height)
        found.append(
            Box(
                max(0.0, box.left + left - margin),
                max(0.0, box.top + top - margin),
                min(float(mask.size.width), box.left + left + width + margin),
                min(float(mask.size.height), box.top + top + height + margin),
            )
        )
    return tuple(found)
