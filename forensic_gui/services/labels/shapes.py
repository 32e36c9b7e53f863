"""Shapes of other tools' labels, kept as they were read until the size of their image is known for certain.

Only then are pixels made of them, so that no file can ask for more memory than the evidence itself takes.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from forensic_gui.domain.errors import EvidenceError, LabelsError
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.labels import polygons
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken

# Run lengths as COCO writes them: a character that ends a number, after at most seven that go on; 2**40 fits.
_COMPRESSED = re.compile(r"(?:[P-o]{0,7}[0-O])*")
_MIDDLE_GREY = 127.5  # of a mask, IMDL-BenCo's rule
_MOST_BITS = 8


@dataclass(frozen=True, slots=True)
class RunLengths:
    """COCO's run lengths, compressed or as numbers, for an image of a stated size."""

    size: Size
    counts: str | tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Closed outlines, each float64 (n, 2) of (x, y)."""

    outlines: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Circle:
    """A circle by centre and a point on it, each float64 (2,) as (x, y)."""

    centre: NDArray[np.float64]
    rim: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PatchPng:
    """A PNG in base64 whose pixels over zero lie inside; it covers whole pixels from (left, top) on."""

    left: int
    top: int
    size: Size
    base64_png: str


@dataclass(frozen=True, slots=True)
class MaskFile:
    """An image file that is white where the mask is."""

    path: Path


Shape: TypeAlias = RunLengths | Outlines | Circle | PatchPng | MaskFile


def rasterise(shape: Shape, size: Size, *, decoder: Decoder, cancel: CancelToken | None = None) -> NDArray[np.bool_]:
    """The pixels of a shape on an image of this size: bool (H, W).

    Raises:
        LabelsError: it does not fit the image, or is damaged; a sentence that begins with what it must be.
        Cancelled: stopping was asked for.
    """
    match shape:
        case RunLengths():
            return _runs(shape, size)
        case Outlines():
            return _outlines(shape.outlines, size)
        case Circle():
            return polygons.disc(shape.centre, float(np.hypot(*(shape.rim - shape.centre))), size)
        case PatchPng():
            return _patch(shape, size)
        case MaskFile():
            return _mask_file(shape.path, size, decoder=decoder, cancel=cancel)


def _runs(shape: RunLengths, size: Size) -> NDArray[np.bool_]:
    if shape.size != size:
        raise LabelsError(f"its run lengths are of {_in_words(shape.size)}, the image has {_in_words(size)}")
    if isinstance(shape.counts, str) and not _COMPRESSED.fullmatch(shape.counts):
        raise LabelsError("its run lengths are damaged")
    try:
        if isinstance(shape.counts, str):
            return Mask.from_text(size, shape.counts).to_array()
        return Mask.of_lengths(size, shape.counts).to_array()
    except (ValueError, OverflowError) as error:
        raise LabelsError(f"its run lengths do not cover the image ({error})") from error


def _outlines(outlines: Sequence[NDArray[np.float64]], size: Size) -> NDArray[np.bool_]:
    try:
        return polygons.fill(outlines, size)
    except ValueError as error:
        raise LabelsError(f"its outline cannot be filled: {error}") from error


def _patch(shape: PatchPng, size: Size) -> NDArray[np.bool_]:
    box = shape.size
    fits = 0 <= shape.left <= size.width - box.width and 0 <= shape.top <= size.height - box.height
    if not fits:
        raise LabelsError(f"its mask lies beyond the image's {_in_words(size)}")
    inside = np.zeros(size.shape, dtype=np.bool_)
    patch = _png_over_zero(shape.base64_png, box)
    inside[shape.top : shape.top + box.height, shape.left : shape.left + box.width] = patch
    return inside


def _png_over_zero(text: str, size: Size) -> NDArray[np.bool_]:
    try:
        data = base64.b64decode(text, validate=True)
        with Image.open(io.BytesIO(data), formats=[PngImagePlugin.PngImageFile.format]) as image:
            # The header is believed before a single pixel is made.
            if image.size != (size.width, size.height):
                raise LabelsError(f"its mask's PNG is not of its box's {_in_words(size)}")
            values = np.asarray(image.convert("L") if image.mode not in {"1", "L", "P"} else image)
    except (binascii.Error, ValueError, OSError, EOFError, SyntaxError, Image.DecompressionBombError):
        raise LabelsError("its mask is no PNG in base64") from None
    return values.astype(np.bool_)


def _mask_file(path: Path, size: Size, *, decoder: Decoder, cancel: CancelToken | None) -> NDArray[np.bool_]:
    try:
        decoded = decoder.decode(path, cancel=cancel)
    except EvidenceError as error:
        raise LabelsError(f"its mask {path.name} cannot be read: {error}") from error
    if decoded.facts.bit_depth > _MOST_BITS:
        raise LabelsError(f"its mask {path.name} has {decoded.facts.bit_depth} bits a sample, not 8")
    if decoded.facts.stored != size:
        raise LabelsError(f"its mask has {_in_words(decoded.facts.stored)}, the image {_in_words(size)}")
    means: NDArray[np.float64] = decoded.pixels.mean(axis=2)
    return means > _MIDDLE_GREY


def _in_words(size: Size) -> str:
    return f"{size.width}x{size.height} pixels"
