"""Reports as PDF files: A4, fonts embedded, no actions, the same bytes for the same document."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from forensic_gui.domain.reports.pictures import Pictures
    from forensic_gui.report.document import Document, Tick

__all__ = ["render_pdf"]


def render_pdf(document: Document, out: BinaryIO, *, pictures: Pictures, record_json: str, tick: Tick) -> None:
    """Lay a document out on A4 pages and write it as a PDF file, each page as soon as it is finished.

    The same document, pictures and record give the same bytes.

    Args:
        document: what is printed.
        out: where the file's bytes go, from its first on.
        pictures: of the items, asked for in the order of the document, each once.
        record_json: embedded as `record.json`, as it is.
        tick: told (done, total) before each heading that the table of contents lists within sections, which items
            are; raises to stop, `out` then holds no whole file.

    Raises:
        InstallationError: a font of the program is missing.
        OSError: `out` cannot be written, or a picture is none.
    """
    # Fonts and PDF libraries are needed by nobody who only asks what reports there are.
    from forensic_gui.report.pdf.rendering import render

    render(document, out, pictures=pictures, record_json=record_json, tick=tick)
