"""EXIF by ExifRead: its directories, entry by entry, within a budget that no file can exceed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import exifread
from exifread.core.exif_header import ExifHeader

from boxprompt.data.metadata.directories import MOST_DIRECTORIES, Block
from boxprompt.data.metadata.notes import Notes
from boxprompt.data.metadata.values import comment, hexadecimal, text_or_hex, visible_or_hex

NAME, VERSION = "ExifRead", str(exifread.__version__)

# A camera's EXIF takes some thousand reads. Counted, not timed, so that the same file gives the same answer anywhere.
_MOST_READS = 60_000
_MOST_BYTES = 64 << 20
_GROUPS = ("GPS", "Interoperability")
_XMP, _MAKER_NOTE, _USER_COMMENT = 0x02BC, 0x927C, 0x9286
_COMMENTS = frozenset({("GPS", 0x001B), ("GPS", 0x001C)})
_UTF_16 = frozenset(range(0x9C9B, 0x9CA0))  # Windows' XPTitle to XPSubject
_BYTE, _ASCII, _UNDEFINED = 1, 2, 7
_MOST_PLAIN_BYTES = 16


class _Spent(Exception):  # noqa: N818 - a state, handled here
    """The budget is used up."""


class _Metered(io.BytesIO):
    """Bytes that can be read so often and no oftener."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads = _MOST_READS
        self._bytes = _MOST_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads -= 1
        found = super().read(size)
        self._bytes -= len(found)
        if self._reads < 0 or self._bytes < 0:
            raise _Spent
        return found


class _Heard(logging.Handler):
    """Keeps what the library has to say as warnings."""

    def __init__(self, notes: Notes) -> None:
        super().__init__(logging.WARNING)
        self._notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        self._notes.warn(f"{NAME}: {record.getMessage()}")


def read_exif(data: bytes, notes: Notes, *, is_whole_file: bool = False) -> None:
    """Add the entries of EXIF data.

    Args:
        data: from the TIFF header on.
        notes: where entries and warnings go.
        is_whole_file: whether the file itself is TIFF: its second directory is a page or a preview then.
    """
    block = Block.of(data)
    if block is None:
        notes.warn("The EXIF data do not begin with a byte order and were not read.")
        return
    with _heard(notes):
        reader = _Reader(block, notes)
        try:
            reader.read_chain("IFD 1" if is_whole_file else "Thumbnail")
        except _Spent:
            notes.warn("The EXIF data have more entries than are read; the rest was left.")


class _Reader:
    """Walks directories with ExifRead and keeps what it finds."""

    def __init__(self, block: Block, notes: Notes) -> None:
        self._block = block
        self._notes = notes
        self._names = list(_GROUPS)
        self._header = ExifHeader(
            _Metered(block.data),
            "I" if block.little_endian else "M",
            0,
            0,
            strict=False,
            # Maker notes are read number by number otherwise: a tenth of a second a file.
            detailed=False,
        )

    def read_chain(self, second: str) -> None:
        """Read every directory of the chain, and those that the first one points to."""
        found = list(self._block.chain())
        if not found:
            self._notes.warn("The EXIF data point to no directory within them.")
        for number, at in enumerate(found[:MOST_DIRECTORIES]):
            self._read(at, "Image" if number == 0 else second if number == 1 else f"IFD {number}")
            if number == 0:
                self._read_pointed("Image ExifOffset", "EXIF")
                self._read_pointed("Image SubIFDs", "SubIFD")
        if len(found) > MOST_DIRECTORIES:
            self._notes.warn(f"There are more than {MOST_DIRECTORIES} directories; the rest was not read.")

    def _read_pointed(self, pointer: str, group: str) -> None:
        tag = self._header.tags.get(pointer)
        for number, at in enumerate([] if tag is None else list(tag.values)[:MOST_DIRECTORIES]):
            if isinstance(at, int) and 8 <= at <= len(self._block.data) - 2:
                self._read(at, group if number == 0 else f"{group} {number + 1}")
            else:
                self._notes.warn(f"{pointer} points beyond the end of the data.")

    def _read(self, at: int, group: str) -> None:
        """Read one directory; entries that were read before something went wrong are kept."""
        self._names.insert(0, group)
        before = len(self._header.tags)
        spent = False
        with self._notes.parsing(f"EXIF, {group}"):
            try:
                self._header.dump_ifd(ifd=at, ifd_name=group)
            except _Spent:
                spent = True
        found = [(self._owner(key), key, tag) for key, tag in list(self._header.tags.items())[before:]]
        self._add(each for each in found if each[0] == group)
        self._add_passed_over(at, group)
        self._add(each for each in found if each[0] != group)  # directories within this one
        if spent:
            raise _Spent

    def _owner(self, key: str) -> str:
        return next(name for name in self._names if key.startswith(f"{name} "))

    def _add(self, found: Iterable[tuple[str, str, Any]]) -> None:
        for owner, key, tag in found:
            self._notes.add(owner, key[len(owner) + 1 :], partial(self._text, key, tag, owner))

    def _add_passed_over(self, at: int, group: str) -> None:
        """Entries that ExifRead leaves out when it is not to read maker notes."""
        for tag, name in ((_XMP, "XMP"), (_MAKER_NOTE, "MakerNote")):
            data = self._block.entry(at, tag)
            if data is not None:
                self._notes.add(group, name, f"{len(data)} bytes, not read")
        data = self._block.entry(at, _USER_COMMENT)
        if data is not None:
            self._notes.add(group, "UserComment", comment(data, little_endian=self._block.little_endian))

    def _text(self, key: str, tag: Any, group: str) -> str:
        """The value as the bytes have it; ExifRead's own words for numbers that stand for something."""
        end = tag.field_offset + tag.field_length
        if end > len(self._block.data):
            # ExifRead gives zeros for what is not there.
            self._notes.warn(f"{key} points beyond the end of the data.")
            return ""
        kind = int(tag.field_type)
        raw = self._block.data[tag.field_offset : end]
        if kind == _ASCII:
            return text_or_hex(raw)
        if kind in (_BYTE, _UNDEFINED) and len(raw) > 1:
            return self._bytes(raw, tag, group, is_numbers=kind == _BYTE)
        return _numbers(tag)

    def _bytes(self, raw: bytes, tag: Any, group: str, *, is_numbers: bool) -> str:
        if tag.tag in _UTF_16:
            return text_or_hex(raw, encoding="utf-16-le")
        if (group, tag.tag) in _COMMENTS:
            return comment(raw, little_endian=self._block.little_endian)
        shown = visible_or_hex(raw)
        if not shown.startswith("0x"):
            return shown
        if tag.prefer_printable and str(tag.printable).isprintable():
            return str(tag.printable)
        if is_numbers and len(raw) <= _MOST_PLAIN_BYTES:
            return ", ".join(map(str, raw))
        return hexadecimal(raw)


def _numbers(tag: Any) -> str:
    if tag.prefer_printable:
        return str(tag.printable)
    # Floating-point numbers come in tuples of one.
    flat = [each for value in tag.values for each in (value if isinstance(value, tuple) else (value,))]
    return ", ".join(map(str, flat)) if flat else f"{tag.field_length} bytes of numbers"


@contextmanager
def _heard(notes: Notes) -> Iterator[None]:
    """Keep the library's messages off the standard streams meanwhile."""
    logger = logging.getLogger("exifread")
    handler, propagates = _Heard(notes), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates
