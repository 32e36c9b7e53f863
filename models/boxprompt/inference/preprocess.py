"""Image to network input: the one geometry that training and inference share.

A student that was trained on images squeezed to a square and then shown padded ones (or the reverse) loses most of
what it learned, so both sides resize here. Training normalises whole batches on their device; a test holds that to
`normalise`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage, require_rgb

RESIZE_FILTER = "area (bilinear where enlarged), aspect not kept"


def resize_to_square(image: RgbImage, side_px: int) -> RgbImage:
    """Resize to the student's square input, antialiased, aspect not kept (as the paper does).

    Args:
        image: uint8 (H, W, 3) RGB.
        side_px: side S of the square.

    Returns:
        uint8 (S, S, 3) RGB. An image of that size is returned as it is.
    """
    require_rgb(image)
    height, width = image.shape[:2]
    if (height, width) == (side_px, side_px):
        return image
    # Area averaging is the antialiased choice for shrinking; it degrades to nearest neighbour for enlarging.
    interpolation = cv2.INTER_AREA if min(height, width) >= side_px else cv2.INTER_LINEAR
    resized = cv2.resize(image, (side_px, side_px), interpolation=interpolation)
    return np.ascontiguousarray(resized, dtype=np.uint8)


def normalise(
    images: NDArray[np.uint8], *, mean: tuple[float, float, float], std: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Scale to [0, 1], subtract the mean, divide by the deviation.

    Args:
        images: uint8 (B, S, S, 3) RGB.
        mean: by channel, of values in [0, 1].
        std: by channel, of values in [0, 1].

    Returns:
        float32 (B, 3, S, S), a strided view in channels-last memory.
    """
    scale = (1.0 / (255.0 * np.asarray(std))).astype(np.float32)
    shift = (-np.asarray(mean) / np.asarray(std)).astype(np.float32)
    scaled: NDArray[np.float32] = images * scale + shift
    return scaled.transpose(0, 3, 1, 2)
