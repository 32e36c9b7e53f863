"""Directories of TIFF, which EXIF is: where they stand, and single entries. Bounded, loops cut."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST_DIRECTORIES = 16
_MOST_ENTRIES = 4096
_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that begin with a TIFF header.

    Attributes:
        data: all of them; offsets count from their beginning.
        little_endian: their byte order.
    """

    data: bytes
    little_endian: bool

    @classmethod
    def of(cls, data: bytes) -> Block | None:
        """The block, or None where there is no byte order."""
        return cls(data, data[:2] == b"II") if data[:2] in (b"II", b"MM") and len(data) >= 8 else None

    @property
    def first(self) -> int:
        """Offset of the first directory."""
        return self.number(4, width=4)

    def number(self, at: int, *, width: int) -> int:
        """The unsigned number of `width` bytes at an offset; 0 beyond the end."""
        found = self.data[at : at + width]
        return int.from_bytes(found, "little" if self.little_endian else "big") if len(found) == width else 0

    def chain(self) -> Iterator[int]:
        """Offsets of the directories that follow each other, at most one more than MOST_DIRECTORIES; each once."""
        seen: set[int] = set()
        at = self.first
        while 8 <= at <= len(self.data) - 2 and at not in seen and len(seen) <= MOST_DIRECTORIES:
            seen.add(at)
            yield at
            at = self.number(at + 2 + 12 * self.number(at, width=2), width=4)

    def entry(self, directory: int, tag: int) -> bytes | None:
        """Bytes of the first entry with a tag; None where there is none, or it does not lie within the block."""
        order = "<" if self.little_endian else ">"
        count = min(self.number(directory, width=2), _MOST_ENTRIES)
        for at in range(directory + 2, min(directory + 2 + 12 * count, len(self.data) - 11), 12):
            found, kind, number = struct.unpack_from(order + "HHI", self.data, at)
            if found == tag and kind in _WIDTHS:
                size = _WIDTHS[kind] * number
                start = at + 8 if size <= 4 else self.number(at + 8, width=4)
                return self.data[start : start + size] if start + size <= len(self.data) else None
        return None
