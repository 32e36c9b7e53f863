"""What goes into writing a summary, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.reports.pictures import Pictures
from forensic_gui.domain.summary import SheetFacts, SummaryRow


class SummaryForm(StrEnum):
    """What kind of file, by its suffix."""

    CSV = ".csv"
    JSONL = ".jsonl"
    HTML = ".html"
    PDF = ".pdf"

    @property
    def is_sheet(self) -> bool:
        """Whether it shows thumbnails."""
        return self in (SummaryForm.HTML, SummaryForm.PDF)


def form_of(path: Path) -> SummaryForm:
    """The form that a file's suffix asks for.

    Raises:
        RequestError: none does.
    """
    try:
        return SummaryForm(path.suffix.lower())
    except ValueError:
        raise RequestError(
            f"A summary is a .csv or .jsonl table, or a .html or .pdf contact sheet; {path.name} is none of them."
        ) from None


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """Which summary, and where it goes.

    Attributes:
        output: the file; its suffix chooses the form.
        item_ids: items in their order; None for all, in the order of adding.
        replaces: whether a file that is there is replaced.
    """

    output: Path
    item_ids: tuple[int, ...] | None = None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class SummaryReport:
    """A summary that was written.

    Attributes:
        path: the file.
        sha256: of its bytes.
        items: number of items in it.
        failures: items that a contact sheet shows without a thumbnail because they could not be read just now.
    """

    path: Path
    sha256: str
    items: int
    failures: tuple[Failure, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "summary": str(self.path),
            "sha256": self.sha256,
            "items": self.items,
            "failures": [failure.to_record() for failure in self.failures],
        }


class RenderSheet(Protocol):
    """Lays a contact sheet out: a function of `forensic_gui.report.contact_sheet`."""

    def __call__(self, facts: SheetFacts, rows: Sequence[SummaryRow], *, pictures: Pictures, out: BinaryIO) -> None:
        """Write the file.

        Args:
            facts: what it says of itself.
            rows: the items in their order.
            pictures: thumbnails, as the originals of the items; asked for in their order, raises to stop.
            out: where the bytes go; only written to.
        """
        ...
