"""Augmentation of labelled images: mirrored, and post-processed as photographs are that were passed on. Ours.

What is done falls on manipulated and on untouched images alike; otherwise a network would learn the processing.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from boxprompt.contracts import LabelMask, RgbImage
from boxprompt.data import degrade

JPEG_QUALITIES = (30, 100)
BLUR_KERNELS_PX = (3, 5)
NOISE_VARIANCES = (1.0, 12.0)
SCALES = (0.5, 1.5)

_AGAIN = 0.5  # how often something else is followed by a JPEG compression, as what is passed on mostly is


def mirrored(image: RgbImage, labels: LabelMask) -> tuple[RgbImage, LabelMask]:
    """An image and its labels, left and right exchanged."""
    return np.ascontiguousarray(image[:, ::-1]), np.ascontiguousarray(labels[:, ::-1])


def post_processed(image: RgbImage, labels: LabelMask, rng: np.random.Generator) -> tuple[RgbImage, LabelMask]:
    """An image after one way of post-processing, with its labels at the size it has then.

    One of: JPEG on its own grid or on a shifted one, blur, noise, another scale, or what a sharing service does; half
    of what is no compression is followed by one.

    Args:
        image: uint8 (H, W, 3) RGB.
        labels: uint8 (H, W) of 0, 1 and 255.
        rng: source of randomness.
    """
    choice = int(rng.integers(len(_WAYS) + 1))
    if choice == len(_WAYS):
        return _compressed(image, rng), labels
    processed = _WAYS[choice](image, rng)
    if rng.random() < _AGAIN:
        processed = _compressed(processed, rng)
    if processed.shape == image.shape:
        return processed, labels
    rows, columns = processed.shape[:2]
    # A label is not to be averaged, and this interpolation has its pixels' centres where images have theirs.
    return processed, np.asarray(
        cv2.resize(labels, (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT), dtype=np.uint8
    )


def _compressed(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    low, high = JPEG_QUALITIES
    row, column = (int(shift) for shift in rng.integers(0, 8, 2))
    quality = int(rng.integers(low, high + 1))
    return degrade.jpeg(image, quality=quality, shift=(row, column) if rng.random() < 0.5 else (0, 0))


def _blurred(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    return degrade.gaussian_blur(image, kernel_px=int(rng.choice(BLUR_KERNELS_PX)))


def _noisy(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    variance = float(rng.uniform(*NOISE_VARIANCES))
    return degrade.gaussian_noise(
        image, variance=variance, seed=int(rng.integers(2**31)), grey=bool(rng.random() < 0.5)
    )


def _rescaled(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    return degrade.rescale(image, factor=float(rng.uniform(*SCALES)))


def _shared(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    recipes = tuple(degrade.SOCIAL_RECIPES.values())
    return degrade.social_network(image, recipe=recipes[int(rng.integers(len(recipes)))])


_WAYS: tuple[Callable[[RgbImage, np.random.Generator], RgbImage], ...] = (_blurred, _noisy, _rescaled, _shared)
