"""PNG, JPEG and EXIF bytes, written strip by strip and with what a viewer must know of them.

A PNG writer of our own, because the libraries at hand take twice as long for a smooth 16-bit map, need it in memory
as a whole and choose the row filter themselves: each row is stored as differences to the pixel at its left, which a
fast deflate then finds small and repeating.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import EvidenceTooLarge
from forensic_gui.domain.geometry import Orientation, Size

JPEG_QUALITY = 90
JPEG_SIDE_LIMIT = 65500  # libjpeg's JPEG_MAX_DIMENSION

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREYSCALE = 0
_FILTER_SUB = 1  # PNG specification, section 9.2
_DEFLATE_LEVEL = 1  # level 6 takes 3.5 times as long for a fifth less (12 megapixels, 16 bits)
_EXIF_ASCII, _EXIF_SHORT = 2, 3


class GreyPng:
    """Writes a greyscale PNG from the top, any number of rows at a time."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        *,
        size: Size,
        dtype: type[np.uint8] | type[np.uint16],
        orientation: Orientation,
        texts: Mapping[str, str],
    ) -> None:
        """Write everything before the pixels.

        Args:
            write: takes the bytes in order.
            size: width and height in pixels.
            dtype: of the rows; decides on 8 or 16 bits a pixel.
            orientation: as an eXIf chunk, unless upright.
            texts: keyword (at most 79 Latin-1 characters) to ASCII text.
        """
        self._write = write
        self._dtype = np.dtype(dtype)
        self._deflate = zlib.compressobj(_DEFLATE_LEVEL, memLevel=9)
        self._rows_left = size.height
        write(_PNG_SIGNATURE)
        self._chunk(
            b"IHDR", struct.pack(">IIBBBBB", size.width, size.height, self._dtype.itemsize * 8, _GREYSCALE, 0, 0, 0)
        )
        for keyword, text in texts.items():
            self._chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text.encode("ascii", "backslashreplace"))
        if orientation is not Orientation.UPRIGHT:
            self._chunk(b"eXIf", exif_block(orientation, {}))

    def rows(self, rows: NDArray[Any]) -> None:
        """Append rows (n, W) of the dtype announced."""
        assert rows.dtype == self._dtype
        assert rows.shape[0] <= self._rows_left
        self._rows_left -= rows.shape[0]
        self._pixels(self._deflate.compress(_left_differences(rows).data))

    def close(self) -> None:
        """Write what is left, after the last row."""
        assert self._rows_left == 0, f"{self._rows_left} rows are missing"
        self._pixels(self._deflate.flush())
        self._chunk(b"IEND", b"")

    def _pixels(self, data: bytes) -> None:
        if data:
            self._chunk(b"IDAT", data)

    def _chunk(self, kind: bytes, data: bytes) -> None:
        self._write(struct.pack(">I", len(data)) + kind)
        self._write(data)
        self._write(struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))


def jpeg_bytes(pixels: NDArray[np.uint8], *, orientation: Orientation, texts: Mapping[int, str]) -> bytes:
    """A JPEG of uint8 (H, W, 3) BGR pixels, with EXIF tags.

    Args:
        pixels: uint8 (H, W, 3) in the encoder's order, blue first.
        orientation: as an EXIF tag, unless upright.
        texts: EXIF tag number to ASCII text.

    Raises:
        EvidenceTooLarge: the image is larger than a JPEG can be.
    """
    if max(pixels.shape[:2]) > JPEG_SIDE_LIMIT:
        raise EvidenceTooLarge(
            f"Longer than the {JPEG_SIDE_LIMIT:,} pixels of a JPEG overlay: write its mask and heatmap only."
        )
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    start, rest = encoded[:2].tobytes(), encoded[2:].tobytes()
    exif = b"Exif\0\0" + exif_block(orientation, texts)
    return start + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + rest


def exif_block(orientation: Orientation, texts: Mapping[int, str]) -> bytes:
    """A little-endian TIFF header with one directory: the orientation unless upright, and ASCII texts by tag."""
    values = {tag: (_EXIF_ASCII, text.encode("ascii", "backslashreplace") + b"\0") for tag, text in texts.items()}
    if orientation is not Orientation.UPRIGHT:
        values[0x0112] = (_EXIF_SHORT, struct.pack("<H", orientation))
    directory = struct.pack("<H", len(values))
    beyond = b""
    first_free = 8 + 2 + 12 * len(values) + 4
    for tag, (kind, data) in sorted(values.items()):
        count = len(data) // (2 if kind == _EXIF_SHORT else 1)
        if len(data) <= 4:
            field = data.ljust(4, b"\0")
        else:
            field = struct.pack("<I", first_free + len(beyond))
            beyond += data + b"\0" * (len(data) % 2)  # values start on even offsets
        directory += struct.pack("<HHI", tag, kind, count) + field
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", 0) + beyond


def _left_differences(rows: NDArray[Any]) -> NDArray[np.uint8]:
    """Rows (n, W) as PNG bytes: the filter's number, then every byte less the one of the pixel at its left."""
    bytes_per_pixel = rows.dtype.itemsize
    raw = rows.astype(rows.dtype.newbyteorder(">"), copy=False).view(np.uint8).reshape(len(rows), -1)
    filtered = np.empty((len(rows), raw.shape[1] + 1), np.uint8)
    filtered[:, 0] = _FILTER_SUB
    filtered[:, 1 : 1 + bytes_per_pixel] = raw[:, :bytes_per_pixel]
    np.subtract(raw[:, bytes_per_pixel:], raw[:, :-bytes_per_pixel], out=filtered[:, 1 + bytes_per_pixel :])
    return filtered
