"""What a file says of itself: entries by group, quantisation tables, the thumbnail that it carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forensic_gui.domain.reports.record import ItemFacts
from forensic_gui.report.document import Block, Fact, Facts, Figure, Figures, Heading, Notice, Table, Text, Tone
from forensic_gui.report.sections.context import Context, counted

_WIDTHS = (1.6, 3.2, 6)
_TABLE_SIDE = 8


def metadata(item: ItemFacts, context: Context, *, thumbnail: Figure) -> Iterator[Block]:
    """The metadata of an item, as said by the file and by nobody else."""
    words, said = context.words, item.metadata
    yield Heading(words("metadata.heading"), level=3)
    if said is None:
        yield Text(words("metadata.not_read"), Tone.EMPTY)
        return
    yield context.note("metadata.note")
    yield context.note("metadata.unread")
    for warning in said["warnings"]:
        yield Notice(words("metadata.warning", warning=warning))
    yield from _tags(said, context)
    yield _binary(said, context)
    if said["thumbnail"] is not None:
        yield Figures((thumbnail,), columns=3)


def _tags(said: Mapping[str, Any], context: Context) -> Iterator[Block]:
    words = context.words
    if not said["tags"]:
        yield Text(words("metadata.no_tags"), Tone.EMPTY)
    else:
        parser = f"{said['parser']} {said['parser_version']}"
        header = (words("metadata.group"), words("metadata.tag"), words("metadata.value"))
        rows = tuple((str(group), str(name), str(value)) for group, name, value in said["tags"])
        yield Table(header, rows, _WIDTHS, frozenset(), words("metadata.said_by_file", parser=parser))
    if said["left_out"]:
        yield context.note("metadata.left_out", count=counted(said["left_out"]))


def _binary(said: Mapping[str, Any], context: Context) -> Facts:
    words, thumbnail = context.words, said["thumbnail"]
    shown = [
        Fact(words("metadata.table", number=table["id"]), _rows(table["values"]), Tone.MONO) for table in said["tables"]
    ]
    if thumbnail is None:
        return Facts((*shown, context.fact("metadata.thumbnail", words("metadata.no_thumbnail"))))
    size = words("common.bytes", count=counted(thumbnail["size_bytes"]))
    described = words(
        "metadata.thumbnail_as",
        format=thumbnail["format"],
        width=thumbnail["width_px"],
        height=thumbnail["height_px"],
        bytes=size,
    )
    return Facts(
        (
            *shown,
            context.fact("metadata.thumbnail", described),
            context.fact("metadata.thumbnail_sha256", thumbnail["sha256"], Tone.MONO),
        )
    )


def _rows(values: list[int]) -> str:
    """The divisors of a table, row by row."""
    rows = [values[start : start + _TABLE_SIDE] for start in range(0, len(values), _TABLE_SIDE)]
    return " / ".join(" ".join(map(str, row)) for row in rows)
