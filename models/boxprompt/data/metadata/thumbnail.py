"""The small picture that a file carries of itself."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from boxprompt.data.decode.guard import pillow_limits
from boxprompt.data.metadata.directories import Block
from boxprompt.data.metadata.notes import Notes

MOST_BYTES = 1 << 20
_MOST_PIXELS = 4_000_000
_OFFSET, _LENGTH, _COMPRESSION = 0x0201, 0x0202, 0x0103
_UNCOMPRESSED = 1


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """An embedded thumbnail.

    Attributes:
        width_px: columns; 0 where it cannot be decoded.
        height_px: rows; 0 where it cannot be decoded.
        size_bytes: number of its bytes.
        sha256: of its bytes, lower-case hexadecimal.
        data: its bytes, a JPEG file; b"" where it is larger than MOST_BYTES.
    """

    width_px: int
    height_px: int
    size_bytes: int
    sha256: str
    data: bytes


def find_thumbnail(exif: bytes, notes: Notes) -> Thumbnail | None:
    """The JPEG that the second directory of EXIF data points to (Exif 3.0, section 4.6.9)."""
    block = Block.of(exif)
    second = None if block is None else next((at for n, at in enumerate(block.chain()) if n == 1), None)
    if block is None or second is None:
        return None
    offset, length = (_number(block, second, tag) for tag in (_OFFSET, _LENGTH))
    if not offset or not length:
        if _number(block, second, _COMPRESSION) == _UNCOMPRESSED:
            notes.warn("There is a second image that is no JPEG, as an old embedded thumbnail; it is not shown.")
        return None
    if offset + length > len(exif):
        notes.warn("The embedded thumbnail is said to lie beyond the end of the data that hold it.")
        return None
    data = exif[offset : offset + length]
    kept = data if length <= MOST_BYTES else b""
    if not kept:
        notes.warn(f"The embedded thumbnail has {length} bytes; the limit is {MOST_BYTES}. It is not shown.")
    width, height = _size(kept, notes) if kept else (0, 0)
    return Thumbnail(width, height, length, hashlib.sha256(data).hexdigest(), kept)


def _number(block: Block, directory: int, tag: int) -> int:
    found = block.entry(directory, tag) or b""
    return int.from_bytes(found[:4], "little" if block.little_endian else "big")


def _size(data: bytes, notes: Notes) -> tuple[int, int]:
    """Columns and rows of a JPEG that can be decoded; (0, 0) of another."""
    with notes.parsing("The embedded thumbnail"), pillow_limits(max_pixels=_MOST_PIXELS, allow_truncated=False):
        image = Image.open(io.BytesIO(data), formats=["JPEG"])
        image.load()
        return image.size
    return 0, 0
