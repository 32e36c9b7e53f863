"""Containers of metadata: parts of JPEG, PNG and WebP files by name and length, and the EXIF data within."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from boxprompt.data.metadata.notes import Notes
from boxprompt.data.metadata.values import text_or_hex

_MOST_PARTS = 20_000
_MOST_LISTED = 200
_MOST_UNPACKED = 1 << 20
_EXIF = b"Exif\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_START_OF_SCAN, _END_OF_IMAGE, _COMMENT, _APP0, _APP15 = 0xDA, 0xD9, 0xFE, 0xE0, 0xEF
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers that nothing belongs to
_PHOTOSHOP, _IPTC = b"Photoshop 3.0\0", 0x0404
_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_PNG_PIXELS = frozenset({b"IHDR", b"IDAT", b"IEND", b"PLTE", b"fdAT", b"fcTL"})
_WEBP_PIXELS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANMF"})


def without_label(exif: bytes) -> bytes:
    """EXIF data from the TIFF header on: some containers put JPEG's label before it, some do not."""
    return exif[6:] if exif.startswith(_EXIF) else exif


def read_jpeg(data: bytes, notes: Notes) -> bytes:
    """Add segments and comments before the first scan; the first EXIF data, b"" without."""
    found: list[bytes] = []
    listed = 0
    for marker, body in _segments(data, notes):
        if marker != _COMMENT and not _APP0 <= marker <= _APP15:
            continue
        listed += 1
        if listed <= _MOST_LISTED:
            _add_segment(marker, body, notes)
        if marker == _APP0 + 1 and body.startswith(_EXIF):
            found.append(body[len(_EXIF) + 1 :])
    notes.left_out += max(0, listed - _MOST_LISTED)
    if len(found) > 1:
        notes.warn(f"There are {len(found)} segments with EXIF data; the first one was read.")
    return found[0] if found else b""


def _segments(data: bytes, notes: Notes) -> Iterator[tuple[int, bytes]]:
    """Markers with what belongs to them, up to the first scan (ITU-T T.81, annex B)."""
    at = 2
    for _ in range(_MOST_PARTS):
        while data[at : at + 2] == b"\xff\xff":  # padding
            at += 1
        marker = data[at + 1] if data[at : at + 1] == b"\xff" and at + 1 < len(data) else _END_OF_IMAGE
        if marker in (_START_OF_SCAN, _END_OF_IMAGE):
            return
        if marker in _ALONE:
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(data):
            notes.warn("A segment before the image is longer than the file; what follows it was not read.")
            return
        yield marker, data[at + 4 : end]
        at = end
    notes.warn("There are more segments before the image than are read.")


def _add_segment(marker: int, body: bytes, notes: Notes) -> None:
    if marker == _COMMENT:
        notes.add("JPEG", "COM", text_or_hex(body))
        return
    if body.startswith(_XMP):
        label = "XMP"
    else:
        begin = body[:32].partition(b"\0")[0]
        label = begin.decode("ascii") if begin and all(32 <= each < 127 for each in begin) else ""
    notes.add("JPEG", f"APP{marker - _APP0} {label}".rstrip(), f"{len(body)} bytes")
    if body.startswith(_PHOTOSHOP):
        _add_iptc(body[len(_PHOTOSHOP) :], notes)


def _add_iptc(resources: bytes, notes: Notes) -> None:
    """Tell of IPTC data among Photoshop's image resources: 8BIM, number, padded name, length, padded data."""
    at = 0
    while resources[at : at + 4] == b"8BIM" and at + 12 <= len(resources):
        number = int.from_bytes(resources[at + 4 : at + 6], "big")
        at += 6 + (resources[at + 6] + 2) // 2 * 2
        length = int.from_bytes(resources[at : at + 4], "big")
        if number == _IPTC:
            notes.add("JPEG", "IPTC", f"{length} bytes")
        at += 4 + (length + 1) // 2 * 2


def read_png(data: bytes, notes: Notes) -> bytes:
    """Add chunks that hold no pixels, texts with what they say; EXIF data, b"" without."""
    exif = b""
    at = 8
    for _ in range(_MOST_PARTS):
        if at + 12 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND" or at + 12 + length > len(data):
            break
        if kind not in _PNG_PIXELS:
            body = data[at + 8 : at + 8 + length]
            if kind in _TEXT:
                with notes.parsing(f"The PNG chunk {kind.decode('ascii')}"):
                    _add_text(kind, body, notes)
            else:
                notes.add("PNG", text_or_hex(kind, encoding="ascii"), f"{length} bytes")
            if kind == b"eXIf":
                exif = exif or without_label(body)
        at += 12 + length
    return exif


def _add_text(kind: bytes, body: bytes, notes: Notes) -> None:
    """PNG 3rd edition, section 11.3.3: keyword, zero, and a text that may be compressed."""
    keyword, _, rest = body.partition(b"\0")
    name = keyword.decode("latin-1")
    if kind == b"tEXt":
        notes.add("PNG text", name, text_or_hex(rest, encoding="latin-1"))
        return
    is_packed = kind == b"zTXt" or rest[:1] == b"\1"
    text = rest[1:] if kind == b"zTXt" else rest[2:].split(b"\0", 2)[2]
    if is_packed:
        text = _unpacked(text, notes)
    if name == "XML:com.adobe.xmp":
        notes.add("PNG text", f"{name} (XMP)", f"{len(text)} bytes")
        return
    notes.add("PNG text", name, text_or_hex(text, encoding="latin-1" if kind == b"zTXt" else "utf-8"))


def _unpacked(data: bytes, notes: Notes) -> bytes:
    """What the bytes were before they were compressed; UTF-8 that is cut off ends with a whole character."""
    inflate = zlib.decompressobj()
    text = inflate.decompress(data, _MOST_UNPACKED)
    if not inflate.unconsumed_tail:
        return text
    notes.warn(f"A compressed text is longer than {_MOST_UNPACKED} bytes; its end was not read.")
    last = len(text) - 1
    while last > 0 and text[last] & 0xC0 == 0x80:
        last -= 1
    return text[:last]


def read_webp(data: bytes, notes: Notes) -> bytes:
    """Add chunks that hold no pixels; EXIF data, b"" without."""
    exif = b""
    at = 12
    for _ in range(_MOST_PARTS):
        if at + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind not in _WEBP_PIXELS:
            notes.add("WebP", text_or_hex(kind, encoding="ascii").rstrip(), f"{length} bytes")
        if kind == b"EXIF":
            exif = exif or without_label(data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return exif
