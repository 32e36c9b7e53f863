"""The page around the blocks: the program's own Jinja template, written piece by piece.

Nobody else's page is taken: what can arrange a report can also leave a part of it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from jinja2 import Environment, StrictUndefined
from jinja2 import Template as JinjaTemplate
from markupsafe import Markup

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.pictures import Pictures
from forensic_gui.report.document import Document, Facts, Heading, Section, Tick
from forensic_gui.report.html.blocks import facts, heading_anchor, image, line, pieces_of, plain
from forensic_gui.resources import resource

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
RECORD_ID = "forensic-gui-record"

_PAGE, _STYLE = "page.html.j2", "style.css"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "syr", "ug", "ur", "yi"})
_MOST_LISTED = 40


def render_html(
    document: Document,
    out: BinaryIO,
    *,
    pictures: Pictures,
    record_json: str,
    record_sha256: str,
    tick: Tick,
) -> None:
    """Write a document as one HTML file; the same bytes for the same document and pictures.

    Args:
        document: what is shown.
        out: where the bytes go, piece by piece: no more than an item is held.
        pictures: of the items, asked for in the order of the document.
        record_json: canonical JSON of the record, embedded as it is.
        record_sha256: of it.
        tick: told (items done, items in all) before each item and at the end; raises to stop.

    Raises:
        InstallationError: the program's page is missing.
    """
    values = _values(document, pictures=pictures, tick=tick)
    for piece in _page().generate({**values, "record": _record(record_json, record_sha256)}):
        out.write(piece.encode("utf-8"))
    total = _items(document)
    tick(total, total)


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A section as the page sees it."""

    anchor: str
    title: str
    pieces: Iterator[Markup]


def _page() -> JinjaTemplate:
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=plain, trim_blocks=True)
    return environment.from_string(_own(_PAGE))


def _own(name: str) -> str:
    return resource("report", name).read_text(encoding="utf-8")


def _values(document: Document, *, pictures: Pictures, tick: Tick) -> dict[str, Any]:
    letterhead = document.letterhead
    return {
        "language": document.language,
        "direction": "rtl" if document.language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr",
        "policy": POLICY,
        "style": Markup(_own(_STYLE)),
        "running": _running_style(document),
        "title": document.title,
        "subtitle": document.subtitle,
        "mark": document.heading_mark,
        "watermark": document.mark,
        "letterhead": letterhead,
        "logo": Markup("") if letterhead.logo is None else image(letterhead.logo, alternative=""),
        "identity": facts(Facts(document.identity)),
        "notices": [piece for block in document.notices for piece in pieces_of(block, anchor="", pictures=pictures)],
        "contents": document.contents,
        "table_of_contents": _table_of_contents(document),
        "sections": _chapters(document, pictures=pictures, tick=tick),
        "footer": document.footer,
    }


def _chapters(document: Document, *, pictures: Pictures, tick: Tick) -> Iterator[_Chapter]:
    total = _items(document)
    done = 0

    def pieces(section: Section) -> Iterator[Markup]:
        nonlocal done
        headings = 0
        for block in section.blocks:
            if isinstance(block, Heading):
                headings += 1
                if block.starts_page:
                    tick(done, total)
                    done += 1
            yield from pieces_of(block, anchor=heading_anchor(section.anchor, headings), pictures=pictures)

    for section in document.sections:
        yield _Chapter(section.anchor, section.title, pieces(section))


def _items(document: Document) -> int:
    blocks = (block for section in document.sections for block in section.blocks)
    return sum(isinstance(block, Heading) and block.starts_page for block in blocks)


def _table_of_contents(document: Document) -> Markup:
    entries = (_entry(section.anchor, section.title, _headings(section)) for section in document.sections)
    return Markup("<ol>{}</ol>").format(Markup("\n").join(entries))


def _headings(section: Section) -> Markup:
    headings = [block for block in section.blocks if isinstance(block, Heading)]
    shown = [(number, each) for number, each in enumerate(headings, start=1) if each.level <= 2]
    if not shown:
        return Markup("")
    entries = (_entry(heading_anchor(section.anchor, number), each.text, Markup("")) for number, each in shown)
    many = Markup(' class="many"') if len(shown) > _MOST_LISTED else ""
    return Markup("<ol{}>{}</ol>").format(many, Markup("\n").join(entries))


def _entry(anchor: str, text: str, below: Markup) -> Markup:
    return Markup('<li><a href="#{}">{}</a>{}</li>').format(anchor, line(text), below)


def _record(record_json: str, record_sha256: str) -> Markup:
    # The text of the element, unescaped, is the record byte by byte: it begins with a brace, not with a line's end.
    # Quotation marks, of which it has thousands, need no escape within an element.
    escaped = record_json.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup('<pre hidden id="{}" data-sha256="{}">{}</pre>').format(RECORD_ID, record_sha256, Markup(escaped))


def _running_style(document: Document) -> Markup:
    """What stands at the head and foot of printed pages, as a style sheet; browsers that cannot leave it out."""
    before, _, rest = document.page_of.partition("{page}")
    between, _, after = rest.partition("{pages}")
    numbers = f"{_css(before)} counter(page) {_css(between)} counter(pages) {_css(after)}"
    boxes = (
        ("top-center", _css(document.heading_mark), "bold 10pt sans-serif; color: #8a1c1c"),
        ("bottom-left", _css(document.footer), "8pt sans-serif; color: #59616b"),
        ("bottom-right", numbers, "8pt sans-serif; color: #59616b"),
    )
    shown = " ".join(f"@{box} {{ content: {content}; font: {font}; }}" for box, content, font in boxes)
    return Markup("@page {{ {} }}").format(Markup(shown))


def _css(text: str) -> str:
    """A string of CSS in which everything but letters and digits is written by its number."""
    written = (each if each.isascii() and each.isalnum() else f"\\{ord(each):06x}" for each in plain_line(text))
    return f'"{"".join(written)}"'
