"""Boxes without a hand: loose ones around known masks, to train and measure with, and those of a heatmap's regions."""

from __future__ import annotations

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, ScoreMap, require_mask, require_scores
from boxprompt.teacher.contracts import Box, ImageSize

LOOSENESS = 0.2
"""Most that an analyst's coarse box is taken to lie off the object, a share of the box's side, on each side."""


def tight_box(mask: BoolMask) -> Box:
    """The smallest box around a mask, bool (H, W), in its pixels.

    Raises:
        ValueError: the mask is empty.
    """
    rows, columns = (np.flatnonzero(require_mask(mask).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise ValueError("an empty mask has no box")
    return (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def loose_box(
    mask: BoolMask, *, generator: np.random.Generator, looseness: float = LOOSENESS, tightness: float = 0.0
) -> Box:
    """A box as a hurried hand draws it around a mask: each side of the tight box moves by a share of that box's side.

    The four shares are drawn independently and uniformly from [-tightness, looseness]; positive ones move outwards. The
    box is cut to the image.

    Args:
        mask: bool (H, W).
        generator: of the shares; four numbers are drawn.
        looseness: largest share outwards, at least 0.
        tightness: largest share inwards, in [0, 0.5).

    Raises:
        ValueError: the mask is empty, or a share is out of its range.
    """
    if not (looseness >= 0 and 0 <= tightness < 0.5):
        raise ValueError(f"a box moves by at least 0 outwards and less than half inwards, not {looseness}, {tightness}")
    x0, y0, x1, y1 = tight_box(mask)
    height, width = mask.shape
    left, top, right, bottom = generator.uniform(-tightness, looseness, size=4)
    return (
        float(max(0.0, x0 - left * (x1 - x0))),
        float(max(0.0, y0 - top * (y1 - y0))),
        float(min(width, x1 + right * (x1 - x0))),
        float(min(height, y1 + bottom * (y1 - y0))),
    )


def boxes_of_regions(
    scores: ScoreMap,
    *,
    image_size: ImageSize,
    threshold: float,
    least_share: float = 0.001,
    margin_share: float = 0.1,
    at_most: int = 8,
) -> tuple[Box, ...]:
    """A box around each region that a heatmap flags, for a segmenter to refine.

    A region is a set of cells that touch by an edge or a corner and whose scores exceed the threshold.

    Args:
        scores: float32 (h, w) in [0, 1] over the whole image, on any grid.
        image_size: (height, width) of the image.
        threshold: strict greater-than, as for the mask.
        least_share: regions that cover less of the image are left out.
        margin_share: by how much of its side each box is widened, on each side: the map is coarse at its edges.
        at_most: so many boxes, of the largest regions.

    Returns:
        Boxes in image pixels, the largest region first; none where nothing is flagged.
    """
    flagged = (require_scores(scores) > np.float32(threshold)).astype(np.uint8)
    count, _, found, _ = cv2.connectedComponentsWithStats(flagged, connectivity=8)
    regions = [
        found[label] for label in range(1, count) if found[label, cv2.CC_STAT_AREA] >= least_share * flagged.size
    ]
    # Sorting is stable: regions of equal area stay in reading order.
    regions.sort(key=lambda each: -int(each[cv2.CC_STAT_AREA]))
    scale = np.array((image_size[1] / scores.shape[1], image_size[0] / scores.shape[0]))
    return tuple(_widened(each[:4], scale, image_size, margin_share) for each in regions[:at_most])


def _widened(place: np.ndarray, scale: np.ndarray, size: ImageSize, margin_share: float) -> Box:
    corner, sides = place[:2] * scale, place[2:] * scale
    x0, y0 = np.maximum(0, corner - margin_share * sides)
    x1, y1 = np.minimum((size[1], size[0]), corner + (1 + margin_share) * sides)
    return (float(x0), float(y0), float(x1), float(y1))
