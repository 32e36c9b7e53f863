"""What is known of one evidence file: its bytes' hash, how it was decoded, and its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Orientation, Size


@dataclass(frozen=True, slots=True)
class DecodeFacts:
    """How pixels were made of the bytes: enough for another examiner to make the same ones.

    Attributes:
        format: name of the file format, as "JPEG" or "TIFF".
        decoder: library that decoded, as "Pillow" or "LibRaw (rawpy)".
        decoder_version: its version and that of the codec under it, as "13.0.0; libjpeg-turbo 3.1.2".
        stored: size in evidence pixels, as stored.
        orientation: EXIF orientation, applied to the view only.
        mode: colour mode as stored, as "RGB", "CMYK", "I;16", "P".
        bit_depth: bits of a sample as stored.
        pages: number of pages or frames in the file.
        page: index of the one decoded, from 0.
        choices: explicit choices made on the way to 8-bit RGB (alpha, depth, palette, ICC, frame), a sentence each.
        warnings: every warning of the decoder, a sentence each.
        parameters: decoder parameters that were not defaults (RAW rendering and the like).
        jpeg_quality: of the last JPEG compression, on libjpeg's scale, as the quantisation tables tell it; None for
            other formats.
        names_camera: whether the metadata names a camera; None where the decoder did not look.
    """

    format: str
    decoder: str
    decoder_version: str
    stored: Size
    orientation: Orientation
    mode: str
    bit_depth: int
    pages: int = 1
    page: int = 0
    choices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parameters: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    jpeg_quality: int | None = None
    names_camera: bool | None = None

    @property
    def view(self) -> Size:
        """Size with the orientation applied."""
        return self.orientation.size_in_view(self.stored)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence file as it was read.

    Attributes:
        path: where it was read from.
        sha256: lower-case hexadecimal SHA-256 of the bytes, taken before any parser saw them.
        size_bytes: number of bytes hashed.
        modified_utc: file-system modification time, ISO 8601 in UTC.
    """

    path: Path
    sha256: str
    size_bytes: int
    modified_utc: str


@dataclass(frozen=True, slots=True, eq=False)
class DecodedEvidence:
    """Evidence with its pixels.

    Attributes:
        pixels: uint8 (H, W, 3) RGB in evidence pixels (as stored, orientation not applied), C-contiguous,
            read-only. For a reduced decode (thumbnail) smaller than `facts.stored`.
    """

    evidence: Evidence
    facts: DecodeFacts
    pixels: NDArray[np.uint8]
    hash_seconds: float
    decode_seconds: float
