"""Metadata of an evidence file: what it says of itself. Said by the file, not by the world: never relied on alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry.

    Attributes:
        group: where it stands, as "Image", "EXIF", "GPS", "Thumbnail".
        name: as the standard calls it, or its number.
        value: as text, shortened where it is long.
    """

    group: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class QuantizationTable:
    """A JPEG quantisation table.

    Attributes:
        id: its number in the file.
        values: 64 divisors in natural (row by row) order, not in zigzag order.
    """

    id: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EmbeddedThumbnail:
    """The small picture that a file carries of itself.

    Attributes:
        format: as "JPEG".
        width_px: of it; 0 where it cannot be decoded.
        height_px: of it; 0 where it cannot be decoded.
        size_bytes: number of its bytes.
        sha256: of its bytes.
    """

    format: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """Everything basic that a file says of itself.

    Attributes:
        parser: library that read it.
        parser_version: of it.
        tags: in the order of the file, as many as are kept.
        tables: JPEG quantisation tables; empty for other formats.
        thumbnail: the embedded one; None without.
        left_out: number of tags that were not kept.
        warnings: what the parsers complained of, a sentence each.
    """

    parser: str
    parser_version: str
    tags: tuple[Tag, ...] = ()
    tables: tuple[QuantizationTable, ...] = ()
    thumbnail: EmbeddedThumbnail | None = None
    left_out: int = 0
    warnings: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "parser": self.parser,
            "parser_version": self.parser_version,
            "tags": [[tag.group, tag.name, tag.value] for tag in self.tags],
            "tables": [{"id": table.id, "values": list(table.values)} for table in self.tables],
            "thumbnail": None if self.thumbnail is None else asdict(self.thumbnail),
            "left_out": self.left_out,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Metadata:
        """The metadata of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        thumbnail = record["thumbnail"]
        return cls(
            parser=record["parser"],
            parser_version=record["parser_version"],
            tags=tuple(Tag(*map(str, each)) for each in record["tags"]),
            tables=tuple(
                QuantizationTable(int(each["id"]), tuple(map(int, each["values"]))) for each in record["tables"]
            ),
            thumbnail=None if thumbnail is None else EmbeddedThumbnail(**thumbnail),
            left_out=int(record["left_out"]),
            warnings=tuple(map(str, record["warnings"])),
        )
