"""The images of an export: the originals byte by byte where every reader sees their stored pixels, else PNGs of those.

The decoder of record keeps pixels as they are stored; most readers turn an image by its EXIF tag, and each makes
colours of CMYK, alpha or 16 bits in its own way. A mask drawn on the one would not lie on the other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import EvidenceAltered, EvidenceNotReadable
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.labels import ExportedFile, LabelledImage
from forensic_gui.services.labels.staging import StagedFolder
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken

_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif", "BMP": ".bmp", "WebP": ".webp"}
_PLAIN_MODES = frozenset({"RGB", "L"})
_DECODER_OF_RECORD = "Pillow"
# How the decoder's choices begin where it laid transparent pixels on a background; other readers drop the alpha.
_ALPHA_CHOICE = "Alpha"
FACTS_SIDE_PX = 64
"""Side of the reduced decode that is enough to know how a file is stored."""

Place = Callable[[str], PurePosixPath]
"""Where an image goes in the export, by its suffix."""


def export_image(
    image: LabelledImage, original: Path, *, place: Place, folder: StagedFolder, decoder: Decoder, cancel: CancelToken
) -> ExportedFile:
    """Write an image into an export.

    Args:
        image: whose it is.
        original: the bytes in the vault.
        place: where it goes, by suffix.
        folder: the export.
        decoder: the decoder of record.
        cancel: looked at between steps.

    Raises:
        EvidenceError: it cannot be decoded, is altered, or has another size than its annotation.
        OutputError: it could not be written.
        Cancelled: stopping was asked for.
    """
    facts = facts_of(image, original, decoder=decoder, cancel=cancel)
    reason = why_converted(facts)
    if not reason:
        return _copy(image, original, place(_SUFFIXES[facts.format]), facts, folder=folder, cancel=cancel)
    decoded = decoder.decode(original, cancel=cancel)
    _require_same_bytes(image, decoded.evidence.sha256)
    file = folder.write(place(".png"), png_bytes(decoded.pixels))
    return ExportedFile(file, copied=False, reason=reason, warnings=decoded.facts.warnings)


def facts_of(image: LabelledImage, original: Path, *, decoder: Decoder, cancel: CancelToken | None) -> DecodeFacts:
    """How an original is stored, its hash and its size compared with those of the label.

    Raises:
        EvidenceError: it cannot be decoded, is altered, or has another size than its annotation.
        Cancelled: stopping was asked for.
    """
    decoded = decoder.decode(original, max_side_px=FACTS_SIDE_PX, cancel=cancel)
    _require_same_bytes(image, decoded.evidence.sha256)
    _require_size(image, decoded.facts.stored)
    return decoded.facts


def why_converted(facts: DecodeFacts) -> str:
    """Why a byte-identical copy would not show every reader the stored pixels, a sentence; "" where it would."""
    rules = (
        (facts.format not in _SUFFIXES, f"Readers of labels do not read {facts.format}."),
        (facts.decoder != _DECODER_OF_RECORD, f"It takes {facts.decoder} to read this {facts.format}."),
        (
            facts.orientation is not Orientation.UPRIGHT,
            f"EXIF orientation {int(facts.orientation)} would be applied by some readers and ignored by others.",
        ),
        (facts.pages > 1, f"It holds {facts.pages} images, of which the first is labelled."),
        (facts.bit_depth != 8, f"Its samples have {facts.bit_depth} bits, which readers reduce in ways of their own."),
        (facts.mode not in _PLAIN_MODES, f"Readers make RGB of mode {facts.mode} in ways of their own."),
        (
            any(choice.startswith(_ALPHA_CHOICE) for choice in facts.choices),
            "It declares transparency, which readers treat in ways of their own.",
        ),
    )
    return next((reason for applies, reason in rules if applies), "")


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of uint8 (H, W) grey or (H, W, 3) RGB, without any tag."""
    ordered = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    _, encoded = cv2.imencode(".png", ordered)
    return bytes(encoded.tobytes())


def mask_png_bytes(inside: NDArray[np.bool_]) -> bytes:
    """A PNG of bool (H, W): 255 inside, 0 outside, 8-bit grey."""
    return png_bytes(inside.astype(np.uint8) * np.uint8(255))


def _copy(
    image: LabelledImage,
    original: Path,
    relative: PurePosixPath,
    facts: DecodeFacts,
    *,
    folder: StagedFolder,
    cancel: CancelToken,
) -> ExportedFile:
    try:
        file = folder.copy(relative, original, cancel=cancel)
    except OSError as error:
        raise EvidenceNotReadable(f"The original cannot be read ({error.strerror}).") from error
    if file.sha256 != image.sha256:
        folder.remove(relative)
    _require_same_bytes(image, file.sha256)
    return ExportedFile(file, copied=True, warnings=facts.warnings)


def _require_same_bytes(image: LabelledImage, sha256: str) -> None:
    if sha256 != image.sha256:
        raise EvidenceAltered(
            f"The original is not what was put into the case (SHA-256 {sha256}, expected "
            f"{image.sha256}); its labels were not exported."
        )


def _require_size(image: LabelledImage, stored: Size) -> None:
    if stored != image.annotation.size:
        drawn = image.annotation.size
        raise EvidenceAltered(
            f"It is {stored.width}x{stored.height} pixels, but its regions were drawn on "
            f"{drawn.width}x{drawn.height}; its labels were not exported."
        )
