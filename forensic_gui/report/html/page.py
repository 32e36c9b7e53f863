"""The page around the blocks: a Jinja template in a sandbox, written piece by piece.

A laboratory may bring a page of its own. It can arrange what a report shows, and nothing else: it sees texts and ready
HTML, the few filters named here, no tags that switch escaping off, and is tried on a made document before it is used
(`forensic_gui.report.html.trial`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import DictLoader, StrictUndefined, TemplateError, nodes
from jinja2 import Template as JinjaTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.plain_text import plain_line
from forensic_gui.domain.reports.pictures import Pictures
from forensic_gui.report.document import Document, Facts, Heading, Section, Tick
from forensic_gui.report.html.blocks import facts, heading_anchor, image, line, pieces_of, plain

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
RECORD_ID = "forensic-gui-record"
OWN_PAGE = "own/page.html.j2"

_PAGE = "page.html.j2"
_FILTERS = ("batch", "default", "e", "escape", "first", "join", "last", "length", "lower", "title", "trim", "upper")
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "syr", "ug", "ur", "yi"})
_MOST_LISTED = 40


@dataclass(frozen=True, slots=True, eq=False)
class HtmlPage:
    """A page that documents can be put into.

    Attributes:
        template: compiled.
        style: its style sheet.
        path: where the page was read, to name it in errors.
    """

    template: JinjaTemplate
    style: str
    path: Path

    @classmethod
    def of(cls, source: str, *, style: str, path: Path, own: str | None = None) -> HtmlPage:
        """Compile a page.

        Args:
            source: Jinja.
            style: the style sheet that it gets as `style`.
            path: where it was read.
            own: the program's own page, which it may extend as "own/page.html.j2"; None where it is that page.

        Raises:
            ReportError: it is no template, or wants what a page is not given.
        """
        environment = _environment({_PAGE: source, **({} if own is None else {OWN_PAGE: own})})
        try:
            _refuse_unescaped(environment.parse(source), path)
            return cls(environment.get_template(_PAGE), style, path)
        except TemplateError as error:
            raise ReportError(f"{path}: the page cannot be used: {_clause(error)}.") from error


def render_html(
    document: Document,
    out: BinaryIO,
    *,
    page: HtmlPage,
    pictures: Pictures,
    record_json: str,
    record_sha256: str,
    tick: Tick,
) -> None:
    """Write a document as one HTML file; the same bytes for the same document, pictures and page.

    Args:
        document: what is shown.
        out: where the bytes go, piece by piece: no more than an item is held.
        page: around it.
        pictures: of the items, asked for in the order of the document.
        record_json: canonical JSON of the record, embedded as it is.
        record_sha256: of it.
        tick: told (items done, items in all) before each item and at the end; raises to stop.

    Raises:
        ReportError: the page cannot be filled in.
    """
    values = _values(document, page=page, pictures=pictures, tick=tick)
    try:
        for piece in page.template.generate({**values, "record": _record(record_json, record_sha256)}):
            out.write(piece.encode("utf-8"))
    except TemplateError as error:
        raise ReportError(f"{page.path}: the page cannot be filled in: {_clause(error)}.") from error
    total = _items(document)
    tick(total, total)


def _clause(error: Exception) -> str:
    return str(error).rstrip(".")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's, in which a text is a text: some methods of ready HTML (`translate`) put in what they do not escape."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a page may look at this; nothing of texts, for which there are filters."""
        return not isinstance(obj, str) and super().is_safe_attribute(obj, attr, value)


def _environment(sources: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    environment = _Sandbox(
        loader=DictLoader(dict(sources)), autoescape=True, undefined=StrictUndefined, finalize=plain, trim_blocks=True
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.globals = {}
    return environment


def _refuse_unescaped(tree: nodes.Template, path: Path) -> None:
    # The tag is the one of these that Jinja knows without an extension.
    if tree.find(nodes.EvalContextModifier) is not None:
        raise ReportError(f"{path}: a page does not switch escaping off; remove the tag «autoescape».")


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A section as a page sees it."""

    anchor: str
    title: str
    pieces: Iterator[Markup]


def _values(document: Document, *, page: HtmlPage, pictures: Pictures, tick: Tick) -> dict[str, Any]:
    letterhead = document.letterhead
    return {
        "language": document.language,
        "direction": "rtl" if document.language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr",
        "policy": POLICY,
        "style": Markup(page.style),
        "running": running_style(document),
        "title": document.title,
        "subtitle": document.subtitle,
        "mark": document.mark,
        "letterhead": letterhead,
        "logo": Markup("") if letterhead.logo is None else image(letterhead.logo, alternative=""),
        "identity": facts(Facts(document.identity)),
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


def running_style(document: Document) -> Markup:
    """What stands at the head and foot of printed pages, as a style sheet; browsers that cannot leave it out."""
    before, _, rest = document.page_of.partition("{page}")
    between, _, after = rest.partition("{pages}")
    numbers = f"{_css(before)} counter(page) {_css(between)} counter(pages) {_css(after)}"
    boxes = (
        ("top-center", _css(document.mark), "bold 10pt sans-serif; color: #8a1c1c"),
        ("bottom-left", _css(document.footer), "8pt sans-serif; color: #59616b"),
        ("bottom-right", numbers, "8pt sans-serif; color: #59616b"),
    )
    shown = " ".join(f"@{box} {{ content: {content}; font: {font}; }}" for box, content, font in boxes)
    return Markup("@page {{ {} }}").format(Markup(shown))


def _css(text: str) -> str:
    """A string of CSS in which everything but letters and digits is written by its number."""
    written = (each if each.isascii() and each.isalnum() else f"\\{ord(each):06x}" for each in plain_line(text))
    return f'"{"".join(written)}"'
