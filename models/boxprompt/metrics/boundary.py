"""How well the outlines of two masks meet: the boundary F-measure of DAVIS (Perazzi et al., CVPR 2016)."""

from __future__ import annotations

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, require_mask

TOLERANCE_SHARE = 0.008
"""Of the image's diagonal: how far apart two outlines may be and still meet, as in DAVIS."""


def boundary_f(mask: BoolMask, truth: BoolMask, *, tolerance_share: float = TOLERANCE_SHARE) -> float:
    """Harmonic mean of two shares: of the mask's outline near the truth's, and of the truth's near the mask's.

    An outline is the pixels of a mask that have a neighbour, by an edge, outside of it; where a mask is cut off by the
    image there is none.

    The tolerance is rounded to the nearest whole pixel, where the public code of DAVIS (db_eval_boundary) rounds up:
    where the two differ, this one is stricter by a pixel, and its figures are never higher.

    Args:
        mask: bool (H, W).
        truth: bool (H, W).
        tolerance_share: of the diagonal, at least 0; the distance is rounded to whole pixels, at least 1.

    Returns:
        In [0, 1]; 1 where neither has an outline, 0 where only one has.

    Raises:
        ValueError: the masks differ in size.
    """
    if require_mask(mask).shape != require_mask(truth).shape:
        raise ValueError(f"masks of {mask.shape} and {truth.shape} do not meet")
    ours, theirs = _outline(mask), _outline(truth)
    if not (ours.any() and theirs.any()):
        return float(ours.any() == theirs.any())
    reach = max(1, round(tolerance_share * float(np.hypot(*mask.shape))))
    precision = float(_near(theirs, reach)[ours].mean())
    recall = float(_near(ours, reach)[theirs].mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _outline(mask: BoolMask) -> BoolMask:
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    pixels = mask.astype(np.uint8)
    # Beyond the image everything counts as inside, so that the image's edge is no outline.
    inner = cv2.erode(pixels, cross, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    return np.asarray(pixels > inner, dtype=np.bool_)


def _near(outline: BoolMask, reach: int) -> BoolMask:
    distance = cv2.distanceTransform((~outline).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= reach, dtype=np.bool_)
