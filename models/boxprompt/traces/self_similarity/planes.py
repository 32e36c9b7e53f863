"""What two places of an image are compared by: band-passed luminance and how it correlates under a transform.

Everything here is on the working grid of a search; points are (x, y) at pixel centres, so that (0, 0) is the centre of
the top-left pixel, as OpenCV's warps have it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask, RgbImage

Plane: TypeAlias = NDArray[np.float32]
Affine: TypeAlias = NDArray[np.float64]

# Below this squared contrast (grey levels) a window shows compression noise, not texture.
NOISE_VARIANCE = 2.0
_INVERSE = cv2.WARP_INVERSE_MAP


@dataclass(frozen=True, slots=True)
class Band:
    """Luminance between two scales, with its local statistics.

    Attributes:
        values: float32 (H, W), grey levels around zero.
        mean: float32 (H, W), of `values` in the window.
        sharpness: float32 (H, W), one over the standard deviation in the window, damped by noise.
        variance: float32 (H, W), of `values` in the window.
        distinctness: float32 (H, W) in [0, 2]: 1 less the strongest correlation of a window with those a few pixels
            beside it; near 0 along a straight edge and in flat areas, where matches say nothing.
        window_px: side of the window.
    """

    values: Plane
    mean: Plane
    sharpness: Plane
    variance: Plane
    distinctness: Plane
    window_px: int


def grey_of(image: RgbImage) -> Plane:
    """Luminance of uint8 (H, W, 3) RGB: float32 (H, W), 0 to 255."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def band_of(grey: Plane, *, finest_px: float, coarsest_px: float, window_px: int, beside_px: int) -> Band:
    """The band between two Gaussian scales.

    Args:
        grey: float32 (H, W).
        finest_px: standard deviation of the blur that removes what is finer; 0 keeps all.
        coarsest_px: standard deviation of the blur that is subtracted.
        window_px: odd side of the windows that are compared.
        beside_px: how far beside a window its own likeness is measured.
    """
    kept = cv2.GaussianBlur(grey, (0, 0), finest_px) if finest_px > 0 else grey
    values = np.asarray(kept - cv2.GaussianBlur(grey, (0, 0), coarsest_px), dtype=np.float32)
    window = (window_px, window_px)
    mean = cv2.blur(values, window)
    variance = np.maximum(cv2.blur(values * values, window) - mean * mean, 0)
    sharpness = 1 / np.sqrt(variance + NOISE_VARIANCE)
    plain = Band(values, mean, sharpness, variance, np.zeros_like(values), window_px)
    return replace(plain, distinctness=1 - _likeness_beside(plain, beside_px))


def _likeness_beside(band: Band, beside_px: int) -> Plane:
    """The strongest correlation of each window with one of the eight at a distance around it."""
    diagonal = round(beside_px * np.sqrt(0.5))
    likeness: Plane = np.full(band.values.shape, -1, dtype=np.float32)
    for x, y in ((beside_px, 0), (0, beside_px), (diagonal, diagonal), (diagonal, -diagonal)):
        ahead = correlation(band, shift(x, y))
        # What a window is to the one ahead, that one is to the window behind it.
        likeness = np.maximum(likeness, np.maximum(ahead, warp(ahead, shift(-x, -y), border=cv2.BORDER_REPLICATE)))
    return likeness


def correlation(band: Band, matrix: Affine) -> Plane:
    """Zero-normalised correlation of each window with the one that an affine map sends it to.

    Args:
        band: what is compared.
        matrix: float64 (2, 3), sends a point to its partner.

    Returns:
        float32 (H, W), 1 for equal windows; -1 where the partner lies outside the image.
    """
    product = cv2.blur(band.values * warp(band.values, matrix), (band.window_px, band.window_px))
    # The partner's window is taken as upright as this one: exact for shifts, near enough for the texture of a window.
    product -= band.mean * warp(band.mean, matrix, nearest=True)
    product *= band.sharpness
    product *= warp(band.sharpness, matrix, nearest=True)
    product[~inside(product.shape, matrix)] = -1
    return np.asarray(product, dtype=np.float32)


def inside(shape: tuple[int, ...], matrix: Affine) -> BoolMask:
    """Where an affine map leads into the image: bool (H, W)."""
    return np.asarray(warp(np.ones(shape[:2], dtype=np.uint8), matrix, nearest=True) > 0)


def warp(
    plane: NDArray[Any], matrix: Affine, *, nearest: bool = False, border: int = cv2.BORDER_CONSTANT
) -> NDArray[Any]:
    """What lies at each point's partner: `result(p) = plane(matrix p)`, of the same shape and dtype.

    Args:
        plane: float32 or uint8 (H, W) or (H, W, C).
        matrix: float64 (2, 3).
        nearest: take the nearest pixel instead of cubic interpolation.
        border: OpenCV's rule for what lies outside; zeros unless told otherwise.
    """
    rows, columns = plane.shape[:2]
    whole = np.array_equal(matrix[:, :2], np.eye(2)) and np.array_equal(matrix, np.round(matrix))
    interpolation = cv2.INTER_NEAREST if nearest or whole else cv2.INTER_CUBIC
    moved = cv2.warpAffine(plane, matrix, (columns, rows), flags=interpolation | _INVERSE, borderMode=border)
    return np.asarray(moved)


def shift(x_px: float, y_px: float) -> Affine:
    """The affine map that adds (x, y)."""
    return np.array([[1, 0, x_px], [0, 1, y_px]], dtype=np.float64)
