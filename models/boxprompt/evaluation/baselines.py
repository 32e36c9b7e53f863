"""Localizers that learn nothing: what a network must beat before its figures mean anything.

Each maps an RGB image, uint8 (H, W, 3), to a score map, float32 (H, W) in [0, 1]. Their parameters are ours and stated
with each; none was tuned on a test set.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from boxprompt.contracts import RgbImage, ScoreMap, require_rgb
from boxprompt.traces.self_similarity import self_similarity

Localize: TypeAlias = Callable[[RgbImage], ScoreMap]

# The standard deviation of the centred Gaussian by axis, as a share of that axis.
CENTRE_SIGMA = 0.25
NOISE_WINDOW_PX = 15
_MEDIAN_WINDOW_PX = 3


def all_ones(image: RgbImage) -> ScoreMap:
    """Flag every pixel: F1 is then what a dataset's edit sizes alone give."""
    return np.ones(require_rgb(image).shape[:2], dtype=np.float32)


def centred_gaussian(image: RgbImage) -> ScoreMap:
    """Score by nearness to the centre, blind to the content: people edit what they framed.

    exp(-x^2 / 2 sx^2 - y^2 / 2 sy^2) with x, y from the centre, sx = W / 4 and sy = H / 4 pixels; 1 at the centre,
    so that the ellipse over a threshold of 0.5 has half-axes of 0.294 W and 0.294 H.
    """
    rows, columns = require_rgb(image).shape[:2]
    return np.outer(_bell(rows), _bell(columns)).astype(np.float32)


def _bell(length_px: int) -> NDArray[np.float64]:
    offset = (np.arange(length_px) + 0.5) / length_px - 0.5
    return np.asarray(np.exp(-0.5 * (offset / CENTRE_SIGMA) ** 2))


def noise_deviation(image: RgbImage) -> ScoreMap:
    """Score by how far the local noise level lies from the image's usual one.

    Noise is the grey image minus its 3x3 median; its level is the standard deviation in 15x15 windows; the score is
    the absolute difference from the median level of the image, stretched from its minimum to its maximum.
    """
    grey = cv2.cvtColor(require_rgb(image), cv2.COLOR_RGB2GRAY)
    noise = grey.astype(np.float32) - cv2.medianBlur(grey, _MEDIAN_WINDOW_PX).astype(np.float32)
    window = (NOISE_WINDOW_PX, NOISE_WINDOW_PX)
    mean = cv2.blur(noise, window, borderType=cv2.BORDER_REFLECT_101)
    mean_square = cv2.blur(noise * noise, window, borderType=cv2.BORDER_REFLECT_101)
    level = np.sqrt(np.maximum(mean_square - mean * mean, 0))
    return _stretch(np.abs(level - np.median(level)))


def error_level(image: RgbImage, *, quality: int) -> ScoreMap:
    """Score by how much one more JPEG compression changes a pixel (error level analysis).

    The mean over channels of the absolute difference from Pillow's JPEG of that quality (4:2:0), stretched from its
    minimum to its maximum over the image.
    """
    buffer = io.BytesIO()
    Image.fromarray(require_rgb(image)).save(buffer, format="JPEG", quality=quality)
    with Image.open(buffer) as again:
        compressed = np.asarray(again, dtype=np.float32)
    return _stretch(np.abs(image.astype(np.float32) - compressed).mean(axis=2))


def _stretch(values: NDArray[np.float32]) -> ScoreMap:
    lowest, highest = float(values.min()), float(values.max())
    if highest == lowest:
        return np.zeros(values.shape, dtype=np.float32)
    # Rounding may step past 1 by one unit in the last place.
    return np.asarray(np.clip((values - lowest) / (highest - lowest), 0, 1), dtype=np.float32)


BASELINES: Mapping[str, Localize] = MappingProxyType(
    {
        "all-ones": all_ones,
        "centred-gaussian": centred_gaussian,
        "noise-deviation": noise_deviation,
        "ela-90": partial(error_level, quality=90),
        "ela-95": partial(error_level, quality=95),
        "self-similarity": self_similarity,
    }
)
