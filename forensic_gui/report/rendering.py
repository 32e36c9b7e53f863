"""From a record to the file: the one place that knows both forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.pictures import Pictures
from forensic_gui.domain.reports.record import ReportRecord, SignedOff, record_hash
from forensic_gui.domain.reports.template import TemplateIdentity
from forensic_gui.report.compose import compose
from forensic_gui.report.document import Document, Tick
from forensic_gui.report.html.page import render_html
from forensic_gui.report.template import Template, load_template

_Write = Callable[[Document, BinaryIO, Pictures, str, Tick], None]


class Renderer(Protocol):
    """Lays a record out and writes it."""

    @property
    def template(self) -> TemplateIdentity:
        """Which template it lays out by."""
        ...

    def __call__(
        self,
        record: ReportRecord,
        out: BinaryIO,
        *,
        record_json: str,
        signed_off: SignedOff,
        pictures: Pictures,
        tick: Tick,
        part_of: int | None = None,
    ) -> None:
        """Write the file; `part_of` is for previews, as `compose` says.

        Raises:
            ReportError: the template does not have the record's language, or cannot be used.
        """
        ...


def renderer(suffix: str, *, template_folder: Path | None = None) -> Renderer:
    """What writes reports of one form.

    Args:
        suffix: ".pdf" or ".html", in any case of letters.
        template_folder: of the user's; None for the program's own template.

    Raises:
        ReportError: there is no such form, or the template cannot be used.
    """
    template = load_template(template_folder)
    forms = {".html": _html, ".pdf": _pdf}
    if suffix.lower() not in forms:
        raise ReportError(f"A report is a .pdf or an .html file, not «{suffix}»: name the output accordingly.")
    return _Renderer(template, forms[suffix.lower()])


@dataclass(frozen=True, slots=True, eq=False)
class _Renderer:
    chosen: Template
    write: _Write

    @property
    def template(self) -> TemplateIdentity:
        return self.chosen.identity

    def __call__(
        self,
        record: ReportRecord,
        out: BinaryIO,
        *,
        record_json: str,
        signed_off: SignedOff,
        pictures: Pictures,
        tick: Tick,
        part_of: int | None = None,
    ) -> None:
        digest = record_hash(record_json)
        document = compose(record, record_sha256=digest, signed_off=signed_off, template=self.chosen, part_of=part_of)
        self.write(document, out, pictures, record_json, tick)


def _html(document: Document, out: BinaryIO, pictures: Pictures, record_json: str, tick: Tick) -> None:
    render_html(
        document,
        out,
        pictures=pictures,
        record_json=record_json,
        record_sha256=record_hash(record_json),
        tick=tick,
    )


def _pdf(document: Document, out: BinaryIO, pictures: Pictures, record_json: str, tick: Tick) -> None:
    # Whoever writes HTML waits for no PDF library.
    from forensic_gui.report.pdf import render_pdf

    render_pdf(document, out, pictures=pictures, record_json=record_json, tick=tick)
