"""What goes into the decoder and what comes out, in plain values that travel as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from boxprompt.contracts import RgbImage

GIBIBYTE = 1 << 30

Parameter = str | int | float | bool


class Refusal(StrEnum):
    """Why a file gives no pixels. The values are words of the worker's protocol."""

    NOT_READABLE = "not_readable"
    EMPTY = "empty"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    PAGE_NOT_FOUND = "page_not_found"


class DecodeRefused(Exception):  # noqa: N818 - a decision about the file, not an error of the program
    """The file gives no pixels; `sentence` says why in words for people and does not name the file."""

    def __init__(self, kind: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one decode.

    Attributes:
        max_bytes: largest file that is read.
        max_pixels: largest width times height of a page, checked on the header before anything is decoded.
        allow_truncated: decode pixel data that ends early or fails its checks, with a warning. Off by
            default: filler in place of missing rows must not be analyzed as if it were evidence.
    """

    max_bytes: int = 2 * GIBIBYTE
    max_pixels: int = 200_000_000
    allow_truncated: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """How pixels were made of the bytes.

    Attributes:
        format: name of the file format, as "JPEG" or "TIFF".
        decoder: library that decoded, as "Pillow" or "LibRaw (rawpy)".
        decoder_version: its version and that of the codec under it, as "13.0.0; libjpeg-turbo 3.1.2".
        width: columns as stored.
        height: rows as stored.
        orientation: EXIF orientation 1..8, reported and not applied to the pixels.
        mode: colour mode as the decoder reports it, as "RGB", "CMYK", "I;16", "P".
        bit_depth: bits of a sample as stored.
        pages: number of pages or frames in the file.
        page: index of the one decoded, from 0.
        choices: explicit choices made on the way to 8-bit RGB, a sentence each.
        warnings: everything the decoder complained of, a sentence each.
        parameters: decoder parameters that determine the pixels.
        jpeg_quality: of the last JPEG compression, on libjpeg's scale, as the quantisation tables tell it; None for
            other formats.
        names_camera: whether the metadata names a camera; None where it was not looked for.
    """

    format: str
    decoder: str
    decoder_version: str
    width: int
    height: int
    orientation: int
    mode: str
    bit_depth: int
    pages: int = 1
    page: int = 0
    choices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    jpeg_quality: int | None = None
    names_camera: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Pixels and the facts of their making.

    Attributes:
        pixels: uint8 (H, W, 3) RGB, C-contiguous, stored orientation; smaller than the facts' size only for
            a reduced decode.
        facts: how they were made.
    """

    pixels: RgbImage
    facts: Facts


@dataclass(frozen=True, slots=True)
class Job:
    """One decode as the decoders of each format see it.

    Attributes:
        data: all bytes of the file.
        page: page or frame asked for, from 0.
        max_side_px: bound on the longer side for a reduced decode; None for all pixels.
        limits: bounds.
        native_heard: whether the caller reads what C libraries write on standard error.
    """

    data: bytes
    page: int
    max_side_px: int | None
    limits: Limits
    native_heard: bool = False

    def require_pixels(self, width: int, height: int) -> None:
        """Refuse a page whose header asks for more pixels than the limit, or for none.

        Raises:
            DecodeRefused: TOO_LARGE, or DAMAGED for an empty page.
        """
        if width < 1 or height < 1:
            raise DecodeRefused(Refusal.DAMAGED, f"The header says {width}x{height} pixels: there is no image in it.")
        if width * height > self.limits.max_pixels:
            raise DecodeRefused(
                Refusal.TOO_LARGE,
                f"The header asks for {width}x{height} pixels ({width * height / 1e6:.0f} megapixels); "
                f"the limit is {self.limits.max_pixels / 1e6:.0f} megapixels.",
            )

    def require_page(self, pages: int) -> None:
        """Refuse a page that the file does not have.

        Raises:
            DecodeRefused: PAGE_NOT_FOUND, or DAMAGED when there are no pages at all.
        """
        if pages < 1:
            raise DecodeRefused(Refusal.DAMAGED, "The file holds no image.")
        if not 0 <= self.page < pages:
            has = "one page" if pages == 1 else f"{pages} pages"
            raise DecodeRefused(
                Refusal.PAGE_NOT_FOUND, f"There is no page {self.page} (counted from 0): the file has {has}."
            )
