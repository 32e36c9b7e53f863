"""Damage that the decoder of record lets pass without a word."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from boxprompt.contracts import RgbImage
from boxprompt.data.decode.contract import DecodeRefused, Refusal

_PNG_SIGNATURE_BYTES = 8
_SUSPECT_ROWS = 8  # the height of one row of JPEG blocks


def require_sound_png(data: bytes) -> None:
    """Check the checksum of every chunk, which Pillow does not do for the pixel data (PNG 3rd edition, 5.3).

    Raises:
        DecodeRefused: DAMAGED, naming the first chunk that fails or that the file ends in.
    """
    for kind, at, sound in _png_chunks(data):
        name = kind.decode("ascii") if kind.isalpha() else kind.hex(" ")
        if sound is None:
            raise DecodeRefused(
                Refusal.DAMAGED, f"The PNG is truncated: it ends inside the chunk {name!r} at byte {at}."
            )
        if not sound:
            raise DecodeRefused(Refusal.DAMAGED, f"The PNG chunk {name!r} at byte {at} fails its checksum.")
        if kind == b"IEND":
            return
    raise DecodeRefused(Refusal.DAMAGED, "The PNG is truncated: its end chunk is missing.")


def uniform_tail(pixels: RgbImage) -> list[str]:
    """Warn when the last rows hold one single colour.

    Where the entropy-coded data of a JPEG ends early but is closed properly, libjpeg repeats the last colour and Pillow
    says nothing. A photograph's last rows are never of one exact colour; a scan's margin may be.

    Args:
        pixels: uint8 (H, W, 3).
    """
    rows = 0
    colour = pixels[-1, -1]
    for row in pixels[::-1]:
        if not np.array_equal(row, np.broadcast_to(colour, row.shape)):
            break
        rows += 1
    if rows < _SUSPECT_ROWS or rows == len(pixels):
        return []
    return [f"The last {rows} of {len(pixels)} rows hold one single colour: a plain margin, or filler for lost data."]


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, bool | None]]:
    """(type, position, checksum holds), None in place of the verdict when the file ends inside the chunk."""
    view = memoryview(data)
    at = _PNG_SIGNATURE_BYTES
    while at + 8 <= len(data):
        length = int.from_bytes(view[at : at + 4], "big")
        end = at + 8 + length
        kind = bytes(view[at + 4 : at + 8])
        if end + 4 > len(data):
            yield kind, at, None
            return
        yield kind, at, zlib.crc32(view[at + 4 : end]) == int.from_bytes(view[end : end + 4], "big")
        at = end + 4
