"""A case's contact sheet: thumbnails with name, share over the threshold and mark, as HTML or PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, BinaryIO

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.pictures import PictureRef, Pictures
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.domain.summary import SheetFacts, SummaryRow, share_text
from forensic_gui.report.document import Document, Fact, Figure, Figures, Letterhead, Notice, Section, Text, Tone

SCHEMA = "forensic-gui.contact-sheet/1"
COLUMNS = 4

_UNREAD = "This image could not be read when the sheet was made."
_CAUTION = (
    "Shares are of pixels whose model score is over the threshold. A model score is no statement about how an image "
    "was made; see the findings for what it was measured with. Thumbnails are reduced, in the orientation of viewing."
)


def write_pdf_sheet(facts: SheetFacts, rows: Sequence[SummaryRow], *, pictures: Pictures, out: BinaryIO) -> None:
    """Write the sheet as a PDF file.

    Args:
        facts: what it says of itself.
        rows: the items in their order.
        pictures: thumbnails, as the originals of the items; asked for in their order.
        out: where the bytes go.

    Raises:
        InstallationError: a font of the program is missing.
    """
    from forensic_gui.report.pdf import render_pdf

    record = _record(facts, rows)
    document = _document(facts, rows, record_sha256=_hash(record))
    render_pdf(document, out, pictures=pictures, record_json=record, tick=_ignore)


def write_html_sheet(facts: SheetFacts, rows: Sequence[SummaryRow], *, pictures: Pictures, out: BinaryIO) -> None:
    """Write the sheet as one HTML file that fetches nothing.

    Args:
        facts: what it says of itself.
        rows: the items in their order.
        pictures: thumbnails, as the originals of the items; asked for in their order.
        out: where the bytes go.

    Raises:
        InstallationError: the program's own page is missing.
    """
    from forensic_gui.report.html.page import render_html

    record = _record(facts, rows)
    render_html(
        _document(facts, rows, record_sha256=_hash(record)),
        out,
        pictures=pictures,
        record_json=record,
        record_sha256=_hash(record),
        tick=_ignore,
    )


def caption_of(row: SummaryRow) -> str:
    """What stands under a thumbnail. The name comes last: one that is written from the right turns nothing round."""
    parts = [str(row.item.id), share_text(row)]
    if row.item.regions:
        parts.append("1 region" if row.item.regions == 1 else f"{row.item.regions} regions")
    mark = "not marked" if row.item.conclusion is Conclusion.OPEN else row.mark
    return " · ".join([*parts, mark, plain_line(row.item.name)])


def _hash(record: str) -> str:
    return hashlib.sha256(record.encode("ascii")).hexdigest()


def _document(facts: SheetFacts, rows: Sequence[SummaryRow], *, record_sha256: str) -> Document:
    figures = tuple(_figure(row) for row in rows)
    shown = Figures(figures, columns=COLUMNS) if figures else Text("There are no items on this sheet.", Tone.EMPTY)
    return Document(
        title="Contact sheet",
        subtitle=facts.case_name,
        language="en",
        identity=(
            Fact("Case", facts.case_name),
            Fact("Case number", facts.case_id, Tone.MONO),
            Fact("Items", f"{facts.items} of {facts.of_items}"),
            Fact("Made by", facts.author),
            Fact("Time", facts.time),
            Fact("Program", f"Forensic GUI {facts.tool_version}"),
            Fact("SHA-256 of the rows within", record_sha256, Tone.MONO),
        ),
        letterhead=Letterhead(),
        mark="",
        footer=f"Contact sheet of {facts.case_name}, {facts.time}",
        page_of="page {page} of {pages}",
        contents="Contents",
        sections=(Section("items", "Items", (Notice(_CAUTION), shown)),),
    )


def _figure(row: SummaryRow) -> Figure:
    reference = PictureRef(row.item.id, PictureKind.ORIGINAL)
    return Figure(reference, caption_of(row), row.item.unreadable or _UNREAD)


def _record(facts: SheetFacts, rows: Sequence[SummaryRow]) -> str:
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "case_id": facts.case_id,
        "case_name": facts.case_name,
        "author": facts.author,
        "time": facts.time,
        "tool_version": facts.tool_version,
        "items": [row.to_record() for row in rows],
    }
    return canonical_json(record)


def _ignore(_: int, __: int) -> None:
    """Thumbnails tell how far the sheet is: they are what takes its time."""
