"""A summary into a file that is there whole or not at all, with an event that says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import BinaryIO, cast

from forensic_gui import __version__
from forensic_gui.domain.csv_cell import BYTE_ORDER_MARK, csv_row
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.summary import COLUMNS, SheetFacts, SummaryRow
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.outputs import require_free, require_outside_cases
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressSink, ignore_progress
from forensic_gui.services.summary.contract import (
    RenderSheet,
    SummaryForm,
    SummaryReport,
    SummaryRequest,
    form_of,
)
from forensic_gui.services.summary.reading import read_rows
from forensic_gui.storage.atomic import StagedFile

WRITTEN = "summary written"


def write_summary(
    request: SummaryRequest,
    *,
    case: CaseSession,
    open_decoder: Callable[[], Decoder],
    sheets: Mapping[SummaryForm, RenderSheet],
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> SummaryReport:
    """Write a summary of a case. The event that says so is on the disk before the file has its name.

    Args:
        request: which one, and where it goes.
        case: of which case.
        open_decoder: opens what makes thumbnails of the originals; only for contact sheets.
        sheets: what lays contact sheets out, by form.
        progress: an event for each card.
        cancel: looked at between cards.

    Raises:
        RequestError: the file is there already, lies in a case, or its suffix is of no form.
        CaseError: an item is not in the case, or the case cannot be read.
        OutputError: the file could not be written.
        Cancelled: stopping was asked for; nothing is left.
    """
    form = form_of(request.output)
    require_free(request.output, replace=request.replaces)
    require_outside_cases(request.output)
    rows = read_rows(case, request.item_ids)
    token = cancel or CancelToken()
    failures: tuple[Failure, ...] = ()
    staged = StagedFile(request.output)
    try:
        with staged:
            if form.is_sheet:
                # OpenCV: a table needs none of it.
                from forensic_gui.services.summary.thumbnails import SheetPictures

                with closing(open_decoder()) as decoder:
                    pictures = SheetPictures(rows, case=case, decoder=decoder, progress=progress, cancel=token)
                    # What lays sheets out only writes.
                    sheets[form](_facts(case, rows), rows, pictures=pictures, out=cast(BinaryIO, staged))
                    failures = tuple(pictures.failures)
            else:
                for line in _LINES[form](rows):
                    # A file name may hold bytes that are no text.
                    staged.write(line.encode("utf-8", "backslashreplace"))
        if not case.info.read_only:
            details = {"form": form.value, "items": len(rows), "sha256": staged.sha256}
            case.note(WRITTEN, subject=str(request.output), details=details)
        staged.commit()
    finally:
        staged.discard()
    return SummaryReport(request.output, staged.sha256, len(rows), failures)


def csv_lines(rows: Sequence[SummaryRow]) -> Iterator[str]:
    """A table for spreadsheets: RFC 4180, one header, cells that no spreadsheet runs."""
    yield BYTE_ORDER_MARK + csv_row([column.key for column in COLUMNS])
    for row in rows:
        yield csv_row([column.value(row) for column in COLUMNS])


def json_lines(rows: Sequence[SummaryRow]) -> Iterator[str]:
    """A JSON object a row, values exact."""
    for row in rows:
        yield json.dumps(row.to_record(), ensure_ascii=True, allow_nan=False) + "\n"


def _facts(case: CaseSession, rows: Sequence[SummaryRow]) -> SheetFacts:
    info = case.info
    return SheetFacts(
        case_name=info.name,
        case_id=info.id,
        items=len(rows),
        of_items=info.items,
        author=case.author,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        tool_version=__version__,
    )


_LINES: Mapping[SummaryForm, Callable[[Sequence[SummaryRow]], Iterator[str]]] = {
    SummaryForm.CSV: csv_lines,
    SummaryForm.JSONL: json_lines,
}
