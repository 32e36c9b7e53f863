"""Degradations as pure functions, RGB in and RGB out: robustness grids and the histories of synthesized images.

Every function takes and returns uint8 (H, W, 3) RGB, C-contiguous. Randomness comes from an explicit seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import cv2
import numpy as np

from boxprompt.contracts import RgbImage, require_rgb

Subsampling = Literal["4:4:4", "4:2:2", "4:2:0"]
Interpolation = Literal["nearest", "linear", "cubic", "area", "lanczos"]

# IMDL-BenCo's robustness grid; 0 leaves the image as it is.
BLUR_KERNELS_PX = (0, 3, 7, 11, 15, 19, 23)
NOISE_VARIANCES = (3, 7, 11, 15, 19, 23)
JPEG_QUALITIES = (100, 90, 80, 70, 60, 50)
# Ours: the benchmark has no resize rows.
RESIZE_FACTORS = (0.5, 0.75, 1.25, 1.5)

_SAMPLING_FACTORS = {
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
}
_INTERPOLATIONS = {
    "nearest": cv2.INTER_NEAREST_EXACT,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
    "lanczos": cv2.INTER_LANCZOS4,
}


@dataclass(frozen=True, slots=True)
class SocialRecipe:
    """What a sharing service does to an upload: shrink to fit, sharpen a little, compress.

    The figures are ours, of the order that services are seen to use; they claim to copy none in particular.

    Attributes:
        longest_px: the longest side allowed; smaller images keep their size.
        quality: JPEG quality, 4:2:0.
        sharpen: strength of the unsharp mask after shrinking; 0 for none.
    """

    longest_px: int
    quality: int
    sharpen: float = 0.0


SOCIAL_RECIPES = {
    "social-large": SocialRecipe(longest_px=2048, quality=85),
    "social-medium": SocialRecipe(longest_px=1280, quality=75),
    "social-small": SocialRecipe(longest_px=960, quality=70, sharpen=0.3),
}


@dataclass(frozen=True, slots=True)
class Degradation:
    """One cell of a robustness grid.

    Attributes:
        family: "jpeg", "blur", "noise", "resize" or "social".
        level: the grid's own number (quality, kernel, variance, factor) or the recipe's name.
        apply: (image, seed) to the degraded image; "resize" and "social" may change its size.
    """

    family: str
    level: float | str
    apply: Callable[[RgbImage, int], RgbImage]


def encode_jpeg(image: RgbImage, *, quality: int, subsampling: Subsampling = "4:2:0") -> bytes:
    """Return `image` as baseline JPEG bytes.

    Args:
        image: uint8 (H, W, 3) RGB.
        quality: 1 to 100, libjpeg's scale with its standard tables.
        subsampling: of the chroma.

    Raises:
        ValueError: the quality or the subsampling is out of range.
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"JPEG quality must be 1 to 100, got {quality}")
    if subsampling not in get_args(Subsampling):
        raise ValueError(f"unknown chroma subsampling {subsampling!r}")
    flags = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        _SAMPLING_FACTORS[subsampling],
    ]
    bgr = cv2.cvtColor(require_rgb(image), cv2.COLOR_RGB2BGR)
    encoded, buffer = cv2.imencode(".jpg", bgr, flags)
    assert encoded
    return bytes(buffer.tobytes())


def decode_rgb(data: bytes) -> RgbImage:
    """Return the stored pixels of encoded image bytes as RGB; EXIF orientation is not applied.

    Raises:
        ValueError: the bytes are no image that OpenCV reads.
    """
    bgr = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if bgr is None:
        raise ValueError("the bytes are not a readable image")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def jpeg(
    image: RgbImage,
    *,
    quality: int,
    subsampling: Subsampling = "4:2:0",
    shift: tuple[int, int] = (0, 0),
) -> RgbImage:
    """Return `image` compressed and decompressed, its 8x8 grid moved by `shift`.

    Args:
        image: uint8 (H, W, 3) RGB.
        quality: 1 to 100.
        subsampling: of the chroma.
        shift: (rows, columns) of replicated pixels before the image when it is compressed; the result has
            the image's own size. (0, 0) is the grid of a file that holds just this image.
    """
    rows, columns = shift
    if rows == 0 and columns == 0:
        return decode_rgb(encode_jpeg(image, quality=quality, subsampling=subsampling))
    padded = np.asarray(cv2.copyMakeBorder(image, rows, 0, columns, 0, cv2.BORDER_REPLICATE), dtype=np.uint8)
    decoded = decode_rgb(encode_jpeg(padded, quality=quality, subsampling=subsampling))
    return np.ascontiguousarray(decoded[rows:, columns:])


def gaussian_blur(image: RgbImage, *, kernel_px: int) -> RgbImage:
    """Return `image` blurred by an odd Gaussian kernel; OpenCV derives the deviation from it. 0 and 1 blur nothing.

    Raises:
        ValueError: the kernel is negative, or even and not 0.
    """
    if kernel_px in (0, 1):
        return image.copy()
    if kernel_px < 0 or kernel_px % 2 == 0:
        raise ValueError(f"a Gaussian kernel is odd, got {kernel_px}")
    return np.asarray(cv2.GaussianBlur(image, (kernel_px, kernel_px), 0), dtype=np.uint8)


def gaussian_noise(image: RgbImage, *, variance: float, seed: int, grey: bool = False) -> RgbImage:
    """Return `image` with white Gaussian noise added, clipped to the range.

    Args:
        image: uint8 (H, W, 3) RGB.
        variance: in squared grey levels of the 0-255 scale, as in IMDL-BenCo's grid.
        seed: of this call's noise, 0 to 2**31 - 1.
        grey: one noise value for the three channels of a pixel instead of three.

    Raises:
        ValueError: the variance is negative.
    """
    if variance < 0:
        raise ValueError(f"a variance is not negative, got {variance}")
    # OpenCV's generator is three times quicker than numpy's and belongs to this thread: seeding it is enough.
    cv2.setRNGSeed(seed)
    # One plane: OpenCV reads a scalar deviation as that of the first channel alone.
    rows, columns = image.shape[:2]
    plane = np.empty((rows, columns if grey else 3 * columns), dtype=np.int16)
    cv2.randn(plane, 0, float(np.sqrt(variance)))
    noise = cv2.merge([plane, plane, plane]) if grey else plane.reshape(image.shape)
    return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), dtype=np.uint8)


def resize(image: RgbImage, *, size: tuple[int, int], interpolation: Interpolation = "linear") -> RgbImage:
    """Return `image` at `size` = (rows, columns)."""
    rows, columns = size
    flag = _INTERPOLATIONS[interpolation]
    return np.asarray(cv2.resize(image, (columns, rows), interpolation=flag), dtype=np.uint8)


def rescale(image: RgbImage, *, factor: float) -> RgbImage:
    """Return `image` scaled by `factor`: area averages when it shrinks, bicubic when it grows.

    Raises:
        ValueError: the factor is not positive.
    """
    if factor <= 0:
        raise ValueError(f"a scale factor is positive, got {factor}")
    rows, columns = (max(1, round(side * factor)) for side in image.shape[:2])
    return resize(image, size=(rows, columns), interpolation="area" if factor < 1 else "cubic")


def sharpen(image: RgbImage, *, amount: float, sigma_px: float = 1.0) -> RgbImage:
    """Return `image` with an unsharp mask of strength `amount`."""
    blurred = cv2.GaussianBlur(image, (0, 0), sigma_px)
    return np.asarray(cv2.addWeighted(image, 1 + amount, blurred, -amount, 0), dtype=np.uint8)


def social_network(image: RgbImage, *, recipe: SocialRecipe) -> RgbImage:
    """Return `image` as a sharing service would pass it on: resize, then JPEG."""
    factor = recipe.longest_px / max(image.shape[:2])
    if factor < 1:
        image = rescale(image, factor=factor)
        if recipe.sharpen > 0:
            image = sharpen(image, amount=recipe.sharpen)
    return jpeg(image, quality=recipe.quality)


def robustness_grid() -> tuple[Degradation, ...]:
    """Return the whole grid: JPEG, blur, noise, resize and the social-network recipes, in that order."""
    return (
        *(Degradation("jpeg", level, partial(_jpeg_cell, quality=level)) for level in JPEG_QUALITIES),
        *(Degradation("blur", level, partial(_blur_cell, kernel_px=level)) for level in BLUR_KERNELS_PX),
        *(Degradation("noise", level, partial(_noise_cell, variance=level)) for level in NOISE_VARIANCES),
        *(Degradation("resize", level, partial(_resize_cell, factor=level)) for level in RESIZE_FACTORS),
        *(Degradation("social", name, partial(_social_cell, recipe=recipe)) for name, recipe in SOCIAL_RECIPES.items()),
    )


def _jpeg_cell(image: RgbImage, _: int, *, quality: int) -> RgbImage:
    return jpeg(image, quality=quality)


def _blur_cell(image: RgbImage, _: int, *, kernel_px: int) -> RgbImage:
    return gaussian_blur(image, kernel_px=kernel_px)


def _noise_cell(image: RgbImage, seed: int, *, variance: float) -> RgbImage:
    return gaussian_noise(image, variance=variance, seed=seed)


def _resize_cell(image: RgbImage, _: int, *, factor: float) -> RgbImage:
    return rescale(image, factor=factor)


def _social_cell(image: RgbImage, _: int, *, recipe: SocialRecipe) -> RgbImage:
    return social_network(image, recipe=recipe)
