"""A case at a glance: one row for each item, the same in the window and in every file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.shares import percent_text

Value = str | int | float | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ItemActivity:
    """What was done with an item.

    Attributes:
        findings: number of its findings.
        edits: number of entries in its edit log.
        weights_id: weights of its newest finding; "" without one.
        weights_sha256: hash of their file; "" without one.
        views: of the newest finding; "" without one.
        remarks: of the newest finding: in what the image is unlike those that the weights were trained on.
        finding_time: when the newest finding was made, ISO 8601 in UTC with offset; "" without one.
        format: of the file, as the decoder named it; "" where it was not decoded.
    """

    findings: int = 0
    edits: int = 0
    weights_id: str = ""
    weights_sha256: str = ""
    views: str = ""
    remarks: tuple[str, ...] = ()
    finding_time: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """An item, and what was done with it."""

    item: CaseItem
    activity: ItemActivity = ItemActivity()

    @property
    def mark(self) -> str:
        """What the analyst marked the image as."""
        return self.item.conclusion.value

    def to_record(self) -> dict[str, Any]:
        """JSON values, exact, in the order of the columns."""
        return {
            column.key: list(value) if isinstance(value := column.value(self), tuple) else value for column in COLUMNS
        }


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the summary.

    Attributes:
        key: its name in files.
        title: what people read above it.
        value: what a row has in it; None where it is not known.
    """

    key: str
    title: str
    value: Callable[[SummaryRow], Value]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What a contact sheet says of itself.

    Attributes:
        case_name: of which case.
        case_id: of which case.
        items: number of items on it.
        of_items: number of items in the case.
        author: who made it.
        time: when, ISO 8601 in UTC with offset.
        tool_version: of this program.
    """

    case_name: str
    case_id: str
    items: int
    of_items: int
    author: str
    time: str
    tool_version: str


COLUMNS: tuple[Column, ...] = (
    Column("item", "Item", lambda row: row.item.id),
    Column("name", "Name", lambda row: row.item.name),
    Column("sha256", "SHA-256", lambda row: row.item.sha256),
    Column("size_bytes", "Bytes", lambda row: row.item.size_bytes),
    Column("width_px", "Width", lambda row: None if row.item.size is None else row.item.size.width),
    Column("height_px", "Height", lambda row: None if row.item.size is None else row.item.size.height),
    Column("format", "Format", lambda row: row.activity.format),
    Column("group", "Group", lambda row: row.item.group),
    Column("tags", "Tags", lambda row: row.item.tags),
    Column("share_over_threshold", "Over Threshold", lambda row: row.item.share),
    Column("highest_score", "Highest Score", lambda row: row.item.highest_score),
    Column("threshold", "Threshold", lambda row: row.item.threshold),
    Column("weights_id", "Weights", lambda row: row.activity.weights_id),
    Column("weights_sha256", "Hash of Weights", lambda row: row.activity.weights_sha256),
    Column("views", "Views", lambda row: row.activity.views),
    Column("remarks", "Remarks", lambda row: row.activity.remarks),
    Column("regions", "Regions", lambda row: row.item.regions),
    Column("mark", "Mark", lambda row: row.mark),
    Column("unreadable", "Not Readable", lambda row: row.item.unreadable),
    Column("findings", "Findings", lambda row: row.activity.findings),
    Column("edits", "Edits", lambda row: row.activity.edits),
    Column("finding_time", "Newest Finding", lambda row: row.activity.finding_time),
)
BY_KEY: Mapping[str, Column] = {column.key: column for column in COLUMNS}


def share_text(row: SummaryRow) -> str:
    """The share over the threshold in words of a card."""
    if row.item.unreadable:
        return "not readable"
    if row.item.share is None:
        return "not analyzed"
    return f"{percent_text(row.item.share)} over {row.item.threshold:g}"


def rows_of(items: Sequence[CaseItem], activity: Mapping[int, ItemActivity]) -> tuple[SummaryRow, ...]:
    """Rows in the order of the items."""
    return tuple(SummaryRow(item, activity.get(item.id, ItemActivity())) for item in items)
