"""Columns of the summary's table: what a cell shows, on which side, and what sorts it. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.summary import SummaryRow
from forensic_gui.views.core.arranging import natural_key
from forensic_gui.views.core.wording import number, score_text, share_text, shown_plainly

Key: TypeAlias = tuple[object, ...] | int | float
_MINUTE = len("2026-01-01T00:00")
NOT_COMPARABLE = (
    "Share of the image's pixels whose score is over the threshold of its newest finding. "
    "Shares of different thresholds, views or weights are not comparable."
)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as the window shows it.

    Attributes:
        id: its name.
        title: above it.
        text: what a cell shows, harmless; "" where nothing is known.
        key: what sorts it, None where nothing is known: that comes last in either direction.
        width: of the column, in widths of a digit.
        is_number: whether it stands at the right.
        is_share: whether a bar is drawn under it.
        breaks_middle: whether the middle of a long text is left out, not its end.
        tip: what there is to know of it; "" for nothing.
    """

    id: str
    title: str
    text: Callable[[SummaryRow], str]
    key: Callable[[SummaryRow], Key | None]
    width: int
    is_number: bool = False
    is_share: bool = False
    breaks_middle: bool = False
    tip: str = ""


def _words(
    column_id: str, title: str, of: Callable[[SummaryRow], str], width: int, *, breaks_middle: bool = False
) -> TableColumn:
    """A column of texts, sorted as people do."""

    def key(row: SummaryRow) -> Key | None:
        text = of(row)
        return (natural_key(text), text) if text else None

    return TableColumn(column_id, title, lambda row: shown_plainly(of(row)), key, width, breaks_middle=breaks_middle)


def _count(column_id: str, title: str, of: Callable[[SummaryRow], int], width: int) -> TableColumn:
    return TableColumn(
        column_id, title, lambda row: number(of(row)) if of(row) else "", of, width=width, is_number=True
    )


def _score(column_id: str, title: str, of: Callable[[SummaryRow], float | None]) -> TableColumn:
    def text(row: SummaryRow) -> str:
        value = of(row)
        return "" if value is None else score_text(value)

    return TableColumn(column_id, title, text, of, width=9, is_number=True)


def share_over(row: SummaryRow) -> str:
    """The share with the threshold that it is over, without which it says nothing; "" where there is no finding."""
    item = row.item
    if item.share is None:
        return ""
    share = share_text(item.share)
    return share if item.threshold is None else f"{share} over {item.threshold:g}"


def card_lines(row: SummaryRow) -> tuple[str, str]:
    """What stands under the name on a card: the finding, and what the analyst made of it."""
    if row.item.unreadable:
        return shown_plainly(row.item.unreadable), ""
    finding = ", ".join(each for each in (share_over(row), shown_plainly(row.activity.views)) if each)
    regions = "1 region" if row.item.regions == 1 else f"{number(row.item.regions)} regions"
    made = (regions if row.item.regions else "", _mark(row))
    return finding or "not analyzed", " · ".join(each for each in made if each)


def _size(row: SummaryRow) -> str:
    size = row.item.size
    return "" if size is None else f"{size.width} × {size.height}"


def _pixels(row: SummaryRow) -> int | None:
    return None if row.item.size is None else row.item.size.pixels


def _mark(row: SummaryRow) -> str:
    return "" if row.item.conclusion is Conclusion.OPEN else row.mark


def _time(row: SummaryRow) -> str:
    return row.activity.finding_time[:_MINUTE].replace("T", " ")


TABLE: tuple[TableColumn, ...] = (
    TableColumn("item", "No.", lambda row: number(row.item.id), lambda row: row.item.id, width=6, is_number=True),
    _words("name", "Name", lambda row: row.item.name, 40, breaks_middle=True),
    TableColumn(
        "share",
        "Over Threshold",
        share_over,
        lambda row: row.item.share,
        width=20,
        is_number=True,
        is_share=True,
        tip=NOT_COMPARABLE,
    ),
    _words("views", "Views", lambda row: row.activity.views, 10),
    _score("highest", "Highest", lambda row: row.item.highest_score),
    _score("threshold", "Threshold", lambda row: row.item.threshold),
    _words("mark", "Mark", _mark, 22),
    _count("regions", "Regions", lambda row: row.item.regions, 9),
    _words("group", "Group", lambda row: row.item.group, 14),
    _words("tags", "Tags", lambda row: ", ".join(row.item.tags), 16),
    _words("remarks", "Remarks", lambda row: " ".join(row.activity.remarks), 24),
    _words("unreadable", "Not Readable", lambda row: row.item.unreadable, 20),
    _words("format", "Format", lambda row: row.activity.format, 10),
    TableColumn("size", "Pixels", _size, _pixels, width=14, is_number=True),
    TableColumn(
        "bytes", "Bytes", lambda row: number(row.item.size_bytes), lambda row: row.item.size_bytes, 13, is_number=True
    ),
    _words("weights", "Weights", lambda row: row.activity.weights_id, 18),
    _count("findings", "Findings", lambda row: row.activity.findings, 9),
    _count("edits", "Edits", lambda row: row.activity.edits, 7),
    TableColumn("time", "Newest Finding", _time, lambda row: (row.activity.finding_time,) if _time(row) else None, 17),
    _words("sha256", "SHA-256", lambda row: row.item.sha256, 22, breaks_middle=True),
    _words("weights_sha256", "Hash of Weights", lambda row: row.activity.weights_sha256, 22, breaks_middle=True),
)
PLACES: Mapping[str, int] = {column.id: place for place, column in enumerate(TABLE)}
