"""What the window asks of summaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from forensic_gui.domain.summary import SummaryRow
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressSink

if TYPE_CHECKING:
    from forensic_gui.services.case import CaseSession
    from forensic_gui.services.summary import SummaryReport, SummaryRequest


class WriteSummary(Protocol):
    """Writes a summary's file; see `services.summary`."""

    def __call__(
        self,
        request: SummaryRequest,
        *,
        case: CaseSession,
        open_decoder: Callable[[], Decoder],
        progress: ProgressSink,
        cancel: CancelToken,
    ) -> SummaryReport:
        """Write the file."""
        ...


@dataclass(frozen=True, slots=True)
class SummaryDoor:
    """The use cases of summaries; tests put others here.

    Attributes:
        read: every row of a case, in the order of adding.
        write: a file of rows.
    """

    read: Callable[[CaseSession], tuple[SummaryRow, ...]]
    write: WriteSummary


def open_summary_door() -> SummaryDoor:
    """The real ones; what they need is imported when they are first used."""
    return SummaryDoor(read=_read, write=_write)


def _read(case: CaseSession) -> tuple[SummaryRow, ...]:
    from forensic_gui.services.summary import read_rows

    return read_rows(case)


def _write(
    request: SummaryRequest,
    *,
    case: CaseSession,
    open_decoder: Callable[[], Decoder],
    progress: ProgressSink,
    cancel: CancelToken,
) -> SummaryReport:
    from forensic_gui.report.contact_sheet import write_html_sheet, write_pdf_sheet
    from forensic_gui.services.summary import SummaryForm, write_summary

    return write_summary(
        request,
        case=case,
        open_decoder=open_decoder,
        sheets={SummaryForm.HTML: write_html_sheet, SummaryForm.PDF: write_pdf_sheet},
        progress=progress,
        cancel=cancel,
    )
