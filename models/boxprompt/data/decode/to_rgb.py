"""From stored samples to 8-bit RGB, every choice said.

The rules are the same for every format. Nothing is stretched and no colour profile is applied: traces of manipulation
are looked for in the stored values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from boxprompt.contracts import RgbImage
from boxprompt.data.decode.contract import DecodeRefused, Refusal

BACKGROUND = (255, 255, 255)  # what a page or a viewer shows where there is nothing


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """8-bit RGB and what was decided on the way.

    Attributes:
        image: Pillow image of mode RGB.
        choices: a sentence each.
        warnings: a sentence each.
    """

    image: Image.Image
    choices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def convert(image: Image.Image, *, bit_depth: int) -> Converted:
    """Convert a loaded Pillow image to RGB.

    Args:
        image: any mode of the allow-listed formats.
        bit_depth: bits of a sample as stored.

    Raises:
        DecodeRefused: UNSUPPORTED for sample types with no defined meaning as an 8-bit picture.
    """
    if "transparency" in image.info and bit_depth <= 8 and image.mode in {"1", "L", "P", "RGB"}:
        return _composite(image.convert("RGBA"))
    rule = _RULES.get(image.mode)
    if rule is None:
        raise DecodeRefused(
            Refusal.UNSUPPORTED,
            f"Samples of mode {image.mode} ({bit_depth} bits) have no stated rule to 8-bit RGB; convert a copy to RGB "
            "and say how.",
        )
    converted = rule(image, bit_depth)
    if bit_depth > 8 and rule not in (_integers, _floats):  # Pillow itself kept the high byte of each sample
        return Converted(converted.image, (high_byte_note(bit_depth), *converted.choices), converted.warnings)
    return converted


def high_byte_note(bit_depth: int) -> str:
    """The rule for integers of more than 8 bits, as a sentence."""
    return f"Samples of {bit_depth} bits reduced to 8 by their high byte (value >> {bit_depth - 8})."


def high_byte(samples: NDArray[np.uint16], *, bit_depth: int) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Reduce integers of 9 to 16 bits to 8 by dropping low bits, the rule Pillow has for 16-bit RGB.

    Args:
        samples: uint16, any shape, values below 2**bit_depth.
        bit_depth: bits of a sample as stored, 9 to 16.

    Returns:
        uint8 samples of the same shape, and warnings.
    """
    brightest = int(samples.max(initial=0))
    dark = brightest < 1 << max(bit_depth - 3, 1)
    note = f"The brightest sample is {brightest} of {(1 << bit_depth) - 1}: the picture is dark and was not stretched."
    return (samples >> (bit_depth - 8)).astype(np.uint8), (note,) if dark else ()


def unit_floats(samples: NDArray[np.floating]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Map floating-point samples in [0, 1] to 0..255, rounded; others are clipped and counted.

    Args:
        samples: floats of any shape.

    Returns:
        uint8 samples of the same shape, and warnings.
    """
    outside = int(np.count_nonzero(~((samples >= 0) & (samples <= 1))))
    clipped = np.clip(np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=0.0), 0, 1)
    note = f"{outside} of {samples.size} floating-point samples lie outside 0..1 and were clipped."
    return np.rint(clipped * 255).astype(np.uint8), (note,) if outside else ()


def shrink(image: Image.Image, max_side_px: int | None) -> Image.Image:
    """Reduce an image, bilinear with antialiasing, so that its longer side is at most `max_side_px`; never enlarge."""
    if max_side_px is None or max(image.size) <= max_side_px:
        return image
    return image.resize(reduced_size(image.size, max_side_px), Image.Resampling.BILINEAR, reducing_gap=2.0)


def reduced_size(size: tuple[int, int], max_side_px: int) -> tuple[int, int]:
    """(width, height) of an image whose longer side becomes `max_side_px`."""
    longer = max(size)
    width, height = (max(1, round(side * max_side_px / longer)) for side in size)
    return width, height


def as_pixels(image: Image.Image) -> RgbImage:
    """Array of an RGB image: uint8 (H, W, 3), read-only, C-contiguous."""
    return np.asarray(image)


def _same(image: Image.Image, _: int) -> Converted:
    return Converted(image)


def _grey(image: Image.Image, bit_depth: int) -> Converted:
    what = "Black and white" if bit_depth == 1 else "Grey"
    return Converted(image.convert("RGB"), (f"{what} repeated in three channels.",))


def _palette(image: Image.Image, _: int) -> Converted:
    return Converted(image.convert("RGB"), ("Palette indices replaced by their colours.",))


def _cmyk(image: Image.Image, _: int) -> Converted:
    return Converted(
        image.convert("RGB"), ("CMYK turned into RGB by Pillow's formula (255-C)(255-K)/255, without a profile.",)
    )


def _ycbcr(image: Image.Image, _: int) -> Converted:
    return Converted(image.convert("RGB"), ("YCbCr turned into RGB by the JFIF formula.",))


def _with_alpha(image: Image.Image, _: int) -> Converted:
    return _composite(image.convert("RGBA"))


def _composite(image: Image.Image) -> Converted:
    """Lay an RGBA image on the background."""
    alpha = image.getchannel("A")
    opaque = alpha.histogram()[255]
    if opaque == image.width * image.height:
        return Converted(image.convert("RGB"), ("Alpha is opaque everywhere and was dropped.",))
    canvas = Image.new("RGB", image.size, BACKGROUND)
    canvas.paste(image, mask=alpha)
    share = 100 * (1 - opaque / (image.width * image.height))
    return Converted(canvas, (f"Alpha: {share:.3g} % of the pixels are not opaque; composited on white.",))


def _integers(image: Image.Image, bit_depth: int) -> Converted:
    samples = np.asarray(image).astype(np.uint16, copy=False)
    grey, warnings = high_byte(samples, bit_depth=bit_depth)
    choices = (high_byte_note(bit_depth), "Grey repeated in three channels.")
    return Converted(Image.fromarray(grey).convert("RGB"), choices, warnings)


def _floats(image: Image.Image, _: int) -> Converted:
    grey, warnings = unit_floats(np.asarray(image))
    choices = ("Floating-point samples mapped from 0..1 to 0..255, rounded.", "Grey repeated in three channels.")
    return Converted(Image.fromarray(grey).convert("RGB"), choices, warnings)


_RULES: dict[str, Callable[[Image.Image, int], Converted]] = {
    "1": _grey,
    "L": _grey,
    "P": _palette,
    "RGB": _same,
    "RGBX": lambda image, _: Converted(image.convert("RGB"), ("The unused fourth channel was dropped.",)),
    "CMYK": _cmyk,
    "YCbCr": _ycbcr,
    "LA": _with_alpha,
    "PA": _with_alpha,
    "RGBA": _with_alpha,
    "RGBa": _with_alpha,
    "I;16": _integers,
    "I;16L": _integers,
    "I;16B": _integers,
    "I;16N": _integers,
    "F": _floats,
}
