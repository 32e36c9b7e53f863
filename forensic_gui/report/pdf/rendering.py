"""From a document's blocks to pieces on pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.pictures import Pictures
from forensic_gui.report.document import (
    ColourScale,
    Document,
    Facts,
    Figures,
    Heading,
    Notice,
    Section,
    SignatureLines,
    Table,
    Text,
    Tick,
)
from forensic_gui.report.pdf import blocks, style
from forensic_gui.report.pdf.assembly import Assembly
from forensic_gui.report.pdf.contents import is_listed
from forensic_gui.report.pdf.figures import colour_scale, figures
from forensic_gui.report.pdf.flow import Flow, Piece, noted, text_at
from forensic_gui.report.pdf.furniture import first_page
from forensic_gui.report.pdf.page import Page
from forensic_gui.report.pdf.style import LEFT, RIGHT, WIDTH
from forensic_gui.report.pdf.tables import table


def render(document: Document, out: BinaryIO, *, pictures: Pictures, record_json: str, tick: Tick) -> None:
    """See `forensic_gui.report.pdf.render_pdf`."""
    assembly = Assembly(document, out, pictures)
    flow = Flow(assembly.new_page)
    logo = document.letterhead.logo
    total = sum(is_listed(block) for section in document.sections for block in section.blocks)
    _add(flow, first_page(document, assembly.letters, None if logo is None else assembly.place(logo)))
    for notice in document.notices:
        _add(flow, blocks.notice(notice, assembly.letters))
    _add(flow, blocks.facts(Facts(document.identity), assembly.letters))
    if assembly.contents.entries:
        contents = list(assembly.contents.pieces(document.contents, assembly.letters))
        if not flow.has_room_for(contents):
            flow.start_page()
        _add(flow, contents)
    done = 0
    for section in document.sections:
        flow.start_page()
        _add(flow, _title(section, assembly))
        for block in section.blocks:
            if is_listed(block):
                done += 1
                tick(done, total)
            if isinstance(block, Heading) and block.starts_page:
                flow.start_page(below_headings=True)
            _add(flow, PIECES[type(block)](block, assembly))
    flow.settle()
    assembly.finish(record_json)


def _add(flow: Flow, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        flow.add(piece)


def _title(section: Section, assembly: Assembly) -> Iterator[Piece]:
    lines = assembly.letters.lines(plain_line(section.title), style.SECTION, WIDTH)
    for index, line in enumerate(lines[:-1]):
        paint = text_at(line, LEFT)
        yield Piece(style.SECTION.leading, noted(paint, assembly.contents.note) if index == 0 else paint, stays=True)

    def end(page: Page, top: float) -> None:
        page.drawing.text(lines[-1], LEFT, top)
        page.drawing.rule(LEFT, RIGHT, top + style.SECTION.leading + 3.0, style.ACCENT, width=1.0)

    paint = noted(end, assembly.contents.note) if len(lines) == 1 else end
    yield Piece(style.SECTION.leading + 8.0, paint, stays=True)


def _heading(block: Heading, assembly: Assembly) -> Iterator[Piece]:
    note = assembly.contents.note if is_listed(block) else None
    return blocks.heading(block, assembly.letters, note)


PIECES: dict[type, Callable[[Any, Assembly], Iterator[Piece]]] = {
    Heading: _heading,
    Text: lambda block, assembly: blocks.text(block, assembly.letters),
    Notice: lambda block, assembly: blocks.notice(block, assembly.letters),
    Facts: lambda block, assembly: blocks.facts(block, assembly.letters),
    Table: lambda block, assembly: table(block, assembly.letters),
    Figures: lambda block, assembly: figures(block, assembly.letters, assembly.picture),
    ColourScale: lambda block, assembly: colour_scale(block, assembly.letters, assembly.strip),
    SignatureLines: lambda block, assembly: blocks.signature_lines(block, assembly.letters),
}
"""What each kind of block is made of."""
