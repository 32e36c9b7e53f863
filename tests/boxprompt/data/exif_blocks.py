"""EXIF data made entry by entry, as sound or as broken as a test wants them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

ASCII, SHORT, LONG, RATIO, UNDEFINED = 2, 3, 4, 5, 7
Entry = tuple[int, int, int, bytes]
"""Tag, type, count, and the value's bytes: up to four stand in the entry itself."""


def ascii_entry(tag: int, text: bytes) -> Entry:
    return tag, ASCII, len(text) + 1, text + b"\0"


def long_entry(tag: int, value: int) -> Entry:
    return tag, LONG, 1, struct.pack("<I", value)


def block(*directories: Sequence[Entry], following: Sequence[int] = (), tail: bytes = b"") -> bytes:
    """A little-endian TIFF header with directories after each other, their values behind each, then `tail`.

    Args:
        directories: entries each; the chain runs through them.
        following: offsets of the next directory in place of the true ones.
        tail: bytes at the end.
    """
    out = bytearray(b"II*\0\x08\0\0\0")
    for number, entries in enumerate(directories):
        values_at = len(out) + 2 + 12 * len(entries) + 4
        values = bytearray()
        body = bytearray(struct.pack("<H", len(entries)))
        for tag, kind, count, value in entries:
            body += struct.pack("<HHI", tag, kind, count)
            if len(value) <= 4:
                body += value.ljust(4, b"\0")
            else:
                body += struct.pack("<I", values_at + len(values))
                values += value
        true_next = values_at + len(values) if number + 1 < len(directories) else 0
        body += struct.pack("<I", following[number] if number < len(following) else true_next)
        out += body + values
    return bytes(out) + tail


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(jpeg: bytes, *segments: bytes) -> bytes:
    """The JPEG with segments at its beginning."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def exif_segment(exif: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + exif)
