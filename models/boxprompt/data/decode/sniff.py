"""Which image format the bytes are, told by the bytes alone.

A file's name proves nothing: an EPS named .png must not reach an interpreter. Camera RAW files are mostly TIFF
containers, so they are told from plain TIFF by what their directories hold.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import StrEnum


class Format(StrEnum):
    """The allow-list."""

    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    WEBP = "WebP"
    BMP = "BMP"
    GIF = "GIF"
    HEIF = "HEIF"
    AVIF = "AVIF"
    RAW = "camera RAW"


SUFFIXES: dict[Format, frozenset[str]] = {
    Format.JPEG: frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}),
    Format.PNG: frozenset({".png", ".apng"}),
    Format.TIFF: frozenset({".tif", ".tiff"}),
    Format.WEBP: frozenset({".webp"}),
    Format.BMP: frozenset({".bmp", ".dib"}),
    Format.GIF: frozenset({".gif"}),
    Format.HEIF: frozenset({".heic", ".heif", ".hif"}),
    Format.AVIF: frozenset({".avif"}),
    Format.RAW: frozenset(
        {".nef", ".nrw", ".cr2", ".cr3", ".crw", ".arw", ".sr2", ".srf", ".dng", ".raf", ".orf", ".rw2"}
        | {".rwl", ".raw", ".pef", ".srw", ".x3f", ".mrw", ".3fr", ".fff", ".iiq", ".erf", ".kdc", ".dcr", ".mef"}
        | {".mos", ".gpr"}
    ),
}

_PREFIXES: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (b"FUJIFILMCCD-RAW", Format.RAW),
    (b"IIRO", Format.RAW),  # Olympus
    (b"IIRS", Format.RAW),
    (b"MMOR", Format.RAW),
    (b"IIU\x00", Format.RAW),  # Panasonic, Leica
    (b"FOVb", Format.RAW),  # Sigma
    (b"\x00MRM", Format.RAW),  # Minolta
    (b"II\x1a\x00\x00\x00HEAPCCDR", Format.RAW),  # Canon CRW
)
_TIFF_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
# Sizes of the BMP information headers; BM alone begins many a text file.
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})

_DNG_VERSION, _PHOTOMETRIC, _COMPRESSION, _SUB_IFDS = 50706, 262, 259, 330
_RAW_PHOTOMETRICS = frozenset({32803, 34892})  # colour filter array, linear raw (DNG 1.7, table 4)
_RAW_COMPRESSIONS = frozenset({32767, 32769, 32770, 34713, 65535})  # Sony, Epson, Samsung, Nikon, Pentax
_MOST_DIRECTORIES, _MOST_ENTRIES = 32, 512


def sniff(data: bytes) -> Format | None:
    """Return the format of `data`, or None when it is not on the allow-list."""
    for prefix, found in _PREFIXES:
        if data.startswith(prefix):
            return found
    if data[:4] in _TIFF_MAGIC:
        return Format.RAW if _is_raw_tiff(data) else Format.TIFF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return Format.BMP
    return _iso_media(data)


def suffix_disagrees(suffix: str, found: Format) -> bool:
    """Whether a file name's suffix promises another format of the allow-list than the bytes hold."""
    lower = suffix.lower()
    promised = {kind for kind, suffixes in SUFFIXES.items() if lower in suffixes}
    # A DNG or a scan back's TIFF may rightly carry either name.
    related = {Format.TIFF, Format.RAW}
    return bool(promised) and found not in promised and not (found in related and promised <= related)


def _iso_media(data: bytes) -> Format | None:
    if data[4:8] != b"ftyp":
        return None
    end = min(max(int.from_bytes(data[:4], "big"), 16), 4096)
    major = data[8:12]
    if major == b"crx ":  # Canon CR3
        return Format.RAW
    brands = {major} | {data[at : at + 4] for at in range(16, end, 4)}
    # mif1 is shared by both codecs: the compatible brands decide.
    if brands & _AVIF_BRANDS:
        return Format.AVIF
    return Format.HEIF if brands & _HEIF_BRANDS else None


def _is_raw_tiff(data: bytes) -> bool:
    if data[8:10] == b"CR":  # Canon CR2 marks itself after the TIFF header
        return True
    if data[2:4] not in (b"*\x00", b"\x00*"):  # BigTIFF carries no camera RAW that LibRaw reads
        return False
    for tags in _directories(data):
        if _DNG_VERSION in tags:
            return True
        if tags.get(_PHOTOMETRIC) in _RAW_PHOTOMETRICS or tags.get(_COMPRESSION) in _RAW_COMPRESSIONS:
            return True
    return False


def _directories(data: bytes) -> Iterator[dict[int, int]]:
    """First value of each tag, by directory: the chain and its SubIFDs, bounded, loops cut."""
    order = "<" if data[:2] == b"II" else ">"
    pending = [_u32(data, 4, order)]
    seen: set[int] = set()
    while pending and len(seen) < _MOST_DIRECTORIES:
        at = pending.pop(0)
        if at in seen or not 8 <= at <= len(data) - 2:
            continue
        seen.add(at)
        count = min(int.from_bytes(data[at : at + 2], "little" if order == "<" else "big"), _MOST_ENTRIES)
        tags: dict[int, int] = {}
        for entry in range(at + 2, min(at + 2 + 12 * count, len(data) - 11), 12):
            tag, kind, number = struct.unpack_from(order + "HHI", data, entry)
            tags[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, entry + 8)[0]
            if tag == _SUB_IFDS:
                pending += _sub_directories(data, tags[tag], number, order, inline_at=entry + 8)
        yield tags
        pending.append(_u32(data, at + 2 + 12 * count, order))


def _sub_directories(data: bytes, value: int, number: int, order: str, *, inline_at: int) -> list[int]:
    start = inline_at if number == 1 else value
    return [_u32(data, start + 4 * index, order) for index in range(min(number, _MOST_DIRECTORIES))]


def _u32(data: bytes, at: int, order: str) -> int:
    """The 32-bit number at `at`, or 0 (which is no directory) beyond the end."""
    return int(struct.unpack_from(order + "I", data, at)[0]) if 0 <= at <= len(data) - 4 else 0
