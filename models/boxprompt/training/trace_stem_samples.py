"""Samples of the trace stem: crops of composites at their own scale, on the grid that compression left."""

from __future__ import annotations

import numpy as np

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.network.trace.statistics import ALIGNMENT_PX


def aligned_crop(
    image: RgbImage, mask: BoolMask, *, side_px: int, rng: np.random.Generator
) -> tuple[RgbImage, BoolMask]:
    """A square crop that starts on the image's grid of 16 pixels, as a whole image does.

    Blocks of 8×8 pixels, and of 16×16 where chroma was stored halved, then lie in the crop as they lie in the image.
    An image smaller than the crop is mirrored beyond its right and lower border.

    Args:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), True where manipulated.
        side_px: side S of the crop.
        rng: source of randomness.

    Returns:
        uint8 (S, S, 3) and bool (S, S).
    """
    missing = [(0, max(0, side_px - side)) for side in mask.shape]
    # "symmetric" also mirrors more than once, where an image is much smaller than a crop.
    image = np.pad(image, (*missing, (0, 0)), mode="symmetric")
    mask = np.pad(mask, missing, mode="symmetric")
    top, left = (ALIGNMENT_PX * int(rng.integers((side - side_px) // ALIGNMENT_PX + 1)) for side in mask.shape)
    window = (slice(top, top + side_px), slice(left, left + side_px))
    return np.ascontiguousarray(image[window]), np.ascontiguousarray(mask[window])
