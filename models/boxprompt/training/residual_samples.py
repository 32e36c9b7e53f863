"""Samples of the residual stream: crops of composites at their own scale, never resized."""

from __future__ import annotations

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.network.residual import ALIGNMENT_PX


def native_crop(
    image: RgbImage, mask: BoolMask, *, side_px: int, boundary_share: float, rng: np.random.Generator
) -> tuple[RgbImage, BoolMask]:
    """A square crop at native scale, placed on the boundary of an edit in some of the draws.

    A boundary is where traces of the edit meet those of its surroundings; a crop in the middle of a large edit shows
    none. A crop begins at a multiple of `ALIGNMENT_PX`, as the tiles of an image do, so that it keeps the phase of
    the image's 8×8 blocks. An image smaller than the crop, or of another size than a multiple of
    that, is mirrored at its right and lower border, which keeps its scale and that phase.

    Args:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), True where manipulated.
        side_px: side S of the crop, a multiple of `ALIGNMENT_PX`.
        boundary_share: chance that a crop of an image with a boundary contains a point of it.
        rng: source of randomness.

    Returns:
        uint8 (S, S, 3) and bool (S, S).
    """
    image, mask = _aligned(image, mask, side_px)
    height, width = mask.shape
    top = ALIGNMENT_PX * int(rng.integers((height - side_px) // ALIGNMENT_PX + 1))
    left = ALIGNMENT_PX * int(rng.integers((width - side_px) // ALIGNMENT_PX + 1))
    if rng.random() < boundary_share:
        rows, columns = np.nonzero(boundary(mask))
        if len(rows):
            chosen = int(rng.integers(len(rows)))
            top = _start(int(rows[chosen]), length=height, side_px=side_px, rng=rng)
            left = _start(int(columns[chosen]), length=width, side_px=side_px, rng=rng)
    window = (slice(top, top + side_px), slice(left, left + side_px))
    return np.ascontiguousarray(image[window]), np.ascontiguousarray(mask[window])


def boundary(mask: BoolMask) -> BoolMask:
    """Manipulated pixels with an untouched one among their four neighbours, bool (H, W); the frame is none."""
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    eroded = cv2.erode(mask.view(np.uint8), kernel)  # OpenCV's default border never erodes
    return np.asarray(mask & (eroded == 0))


def _start(inside: int, *, length: int, side_px: int, rng: np.random.Generator) -> int:
    """Where an aligned stretch of `side_px` that contains the pixel `inside` begins, both lengths being aligned."""
    start = inside - int(rng.integers(side_px - ALIGNMENT_PX + 1))
    return min(max(start, 0), length - side_px) // ALIGNMENT_PX * ALIGNMENT_PX


def _aligned(image: RgbImage, mask: BoolMask, side_px: int) -> tuple[RgbImage, BoolMask]:
    missing = [max(side_px - side, -side % ALIGNMENT_PX) for side in mask.shape]
    if not any(missing):
        return image, mask
    rows, columns = ((0, part) for part in missing)
    # "symmetric" also mirrors more than once, where an image is much smaller than a crop.
    grown = np.pad(image, (rows, columns, (0, 0)), mode="symmetric")
    return grown, np.pad(mask, (rows, columns), mode="symmetric")
