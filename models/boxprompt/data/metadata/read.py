"""Bytes in, everything basic that the file says of itself out: the one entrance."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import PIL
from PIL import Image

from boxprompt.data.decode.guard import pillow_limits
from boxprompt.data.decode.sniff import Format, sniff
from boxprompt.data.metadata import containers, exif
from boxprompt.data.metadata.notes import Notes
from boxprompt.data.metadata.thumbnail import Thumbnail, find_thumbnail
from boxprompt.data.metadata.values import text_or_hex

_BIG_TIFF = (b"II+\0", b"MM\0+")
_FUJI_PREVIEW_AT = 84  # offset and length of the JPEG within, big-endian


@dataclass(frozen=True, slots=True)
class ReadMetadata:
    """What a file says of itself, in plain values that travel as JSON.

    Attributes:
        record: "parser", "parser_version", "tags" ([group, name, value] each), "tables" ({"id", "values"} each, 64
            divisors row by row), "thumbnail" (None, or "format", "width_px", "height_px", "size_bytes", "sha256"),
            "left_out" (entries that were not kept) and "warnings".
        thumbnail: bytes of the embedded thumbnail; b"" without, or where it is too large.
    """

    record: dict[str, Any]
    thumbnail: bytes


def read_metadata(data: bytes) -> ReadMetadata:
    """Read the metadata of an image file. Never raises for what the bytes are: damage becomes a warning.

    Args:
        data: all bytes of the file; they alone decide the format.
    """
    notes = Notes()
    tables: list[dict[str, Any]] = []
    thumbnail: Thumbnail | None = None
    found = sniff(data)
    if found is None:
        notes.warn("The bytes are of no supported image format; no metadata were looked for.")
    else:
        notes.add("File", "Format", found.value)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            block = b""
            with notes.parsing("The container"):
                block = _FINDERS[found](data, notes)
            if block:
                exif.read_exif(block, notes, is_whole_file=block is data)
                thumbnail = find_thumbnail(block, notes)
            if found is Format.JPEG:
                tables = _tables(data, notes)
        for warning in caught:
            notes.warn(str(warning.message))
    record = {
        "parser": exif.NAME,
        "parser_version": f"{exif.VERSION}; Pillow {PIL.__version__}",
        "tags": [list(entry) for entry in notes.entries],
        "tables": tables,
        "thumbnail": None if thumbnail is None else _facts(thumbnail),
        "left_out": notes.left_out,
        "warnings": list(notes.warnings),
    }
    return ReadMetadata(record, b"" if thumbnail is None else thumbnail.data)


def _facts(thumbnail: Thumbnail) -> dict[str, Any]:
    return {
        "format": "JPEG",
        "width_px": thumbnail.width_px,
        "height_px": thumbnail.height_px,
        "size_bytes": thumbnail.size_bytes,
        "sha256": thumbnail.sha256,
    }


def _tables(data: bytes, notes: Notes) -> list[dict[str, Any]]:
    """Quantisation tables, which Pillow gives row by row since version 8.3."""
    tables: dict[int, list[int]] = {}
    with notes.parsing("The quantisation tables"), pillow_limits(max_pixels=None, allow_truncated=False):
        image = Image.open(io.BytesIO(data), formats=["JPEG"])
        tables = dict(getattr(image, "quantization", {}))
    return [{"id": number, "values": list(tables[number])} for number in sorted(tables)]


def _nothing(_: bytes, __: Notes) -> bytes:
    return b""


def _whole(data: bytes, notes: Notes) -> bytes:
    if data[:4] in _BIG_TIFF:
        notes.warn("This is BigTIFF, whose directories are not read.")
        return b""
    return data


def _raw(data: bytes, notes: Notes) -> bytes:
    if data[:2] in (b"II", b"MM") and data[6:10] != b"HEAP":
        return _whole(data, notes)
    if data.startswith(b"FUJIFILMCCD-RAW"):
        start, length = (int.from_bytes(data[at : at + 4], "big") for at in (_FUJI_PREVIEW_AT, _FUJI_PREVIEW_AT + 4))
        return containers.read_jpeg(data[start : start + length], notes)
    notes.warn("The metadata of this kind of camera RAW are not read.")
    return b""


def _heif(data: bytes, notes: Notes) -> bytes:
    # Here because its shared libraries are needed for this format alone.
    import pi_heif

    container = pi_heif.open_heif(io.BytesIO(data))
    return _from_info(container[container.primary_index].info, "HEIF", notes)


def _with_pillow(plugin: str) -> Callable[[bytes, Notes], bytes]:
    def find(data: bytes, notes: Notes) -> bytes:
        with pillow_limits(max_pixels=None, allow_truncated=False):
            info = Image.open(io.BytesIO(data), formats=[plugin]).info
        return _from_info(info, plugin, notes)

    return find


def _from_info(info: Any, group: str, notes: Notes) -> bytes:
    """Add what a library found in the file; the EXIF data among it."""
    for key, name in (("exif", "EXIF"), ("xmp", "XMP"), ("icc_profile", "ICC profile")):
        if isinstance(info.get(key), bytes) and info[key]:
            notes.add(group, name, f"{len(info[key])} bytes")
    comment = info.get("comment")
    if isinstance(comment, bytes) and comment:
        notes.add(group, "Comment", text_or_hex(comment))
    block = info.get("exif")
    return containers.without_label(block) if isinstance(block, bytes) else b""


_FINDERS: dict[Format, Callable[[bytes, Notes], bytes]] = {
    Format.JPEG: containers.read_jpeg,
    Format.PNG: containers.read_png,
    Format.WEBP: containers.read_webp,
    Format.TIFF: _whole,
    Format.RAW: _raw,
    Format.HEIF: _heif,
    Format.AVIF: _with_pillow("AVIF"),
    Format.GIF: _with_pillow("GIF"),
    Format.BMP: _nothing,
}
