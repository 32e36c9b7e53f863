"""Blocks of a document as HTML. Whatever a text says, it comes out as text: escaped, and made visible."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from markupsafe import Markup, escape

from forensic_gui.domain.plain_text import plain_line, plain_lines
from forensic_gui.domain.reports.pictures import Picture, Pictures
from forensic_gui.report.document import (
    Block,
    ColourScale,
    Facts,
    Figure,
    Figures,
    Heading,
    Notice,
    SignatureLines,
    Table,
    Text,
    Tone,
    Weight,
)
from forensic_gui.report.html.scale import scale_drawing

_MOST_COLUMNS = 3
_MOST_UNPARTED_ROWS = 6
_WHOLE = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b[0-9.]{1,8} %")
# The page has the level 1, a section 2: a heading of level 2 within it is an h3.
_DEEPER = 1


def line(text: str) -> Markup:
    """A text on one line, kept from turning round what stands beside it; it runs as its first letter does."""
    return Markup("<bdi>{}</bdi>").format(_unbroken(plain_line(text)))


def value(text: str) -> Markup:
    """A name or another value: it runs from the left, so that a name has one order in headings, tables and paths."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(_unbroken(plain_line(text)))


def lines(text: str) -> Markup:
    """A person's words: each line in the direction it is written in."""
    return Markup("\n").join(Markup("<bdi>{}</bdi>").format(_unbroken(each)) for each in plain_lines(text).split("\n"))


def toned(text: str, tone: Tone) -> Markup:
    """A text as its tone has it."""
    return lines(text) if tone is Tone.WORDS else value(text)


def facts(block: Facts) -> Markup:
    """Labelled values under each other."""
    rows = (
        Markup("<dt>{}</dt><dd{}>{}</dd>").format(line(fact.label), _class(fact.tone), toned(fact.value, fact.tone))
        for fact in block.facts
    )
    return Markup("<dl>{}</dl>").format(Markup("\n").join(rows))


def image(picture: Picture, *, alternative: str) -> Markup:
    """A picture within the file itself."""
    data = base64.b64encode(picture.data).decode("ascii")
    return Markup('<img src="data:{};base64,{}" width="{}" height="{}" alt="{}">').format(
        picture.media_type, Markup(data), picture.width_px, picture.height_px, plain_line(alternative)
    )


def heading_anchor(section: str, number: int) -> str:
    """The name of a section's heading within the file."""
    return f"{section}-{number}"


def pieces_of(block: Block, *, anchor: str, pictures: Pictures) -> Iterator[Markup]:
    """A block as HTML, in pieces that need little memory.

    Args:
        block: which one.
        anchor: the name that a heading gets.
        pictures: asked for what figures show, in the order of the document.
    """
    if isinstance(block, Figures):
        yield from _figures(block, pictures)
    elif isinstance(block, Heading):
        yield _heading(block, anchor)
    else:
        yield _PLAIN[type(block)](block)


def _unbroken(text: str) -> Markup:
    """A text whose dates and percentages do not part at a line's end."""
    # As `str`: parts of a `Markup` would be escaped once more where they are joined.
    safe = str(escape(text))
    # Letters, digits and signs of these are the same before and after escaping.
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', safe))


def _heading(block: Heading, anchor: str) -> Markup:
    level = min(max(block.level, 2), 3) + _DEEPER
    starts = Markup(' class="starts"') if block.starts_page else ""
    return Markup('<h{} id="{}"{}>{}</h{}>').format(level, anchor, starts, line(block.text), level)


def _text(block: Text) -> Markup:
    if block.tone is Tone.MONO:
        shown = Markup("<br>").join(map(_command, block.text.split("\n")))
    else:
        shown = lines(block.text) if block.tone is Tone.WORDS else line(block.text)
    return Markup("<p{}>{}</p>").format(_class(block.tone), shown)


def _command(text: str) -> Markup:
    """A command, which parts at spaces only: a hyphen at a line's end could be its own."""
    return Markup(" ").join(
        Markup('<span class="whole">{}</span>').format(word) for word in plain_line(text).split(" ")
    )


def _notice(block: Notice) -> Markup:
    extra = " warning" if block.weight is Weight.WARNING else ""
    return Markup('<p class="notice{}">{}</p>').format(extra, line(block.text))


def _table(block: Table) -> Markup:
    total = sum(block.widths)
    columns = Markup("").join(
        Markup('<col style="width: {:.2f}%">').format(width / total * 100) for width in block.widths
    )
    caption = Markup("<caption>{}</caption>").format(line(block.caption)) if block.caption else ""
    header = Markup("").join(Markup('<th scope="col">{}</th>').format(line(text)) for text in block.header)
    rows = Markup("\n").join(_row(row, block.mono) for row in block.rows)
    short = Markup(' class="short"') if len(block.rows) <= _MOST_UNPARTED_ROWS else ""
    return Markup(
        "<table{}>{}<colgroup>{}</colgroup>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table>"
    ).format(short, caption, columns, header, rows)


def _row(cells: tuple[str, ...], mono: frozenset[int]) -> Markup:
    shown = (
        Markup("<td{}>{}</td>").format(_class(Tone.MONO if column in mono else Tone.BODY), value(text))
        for column, text in enumerate(cells)
    )
    return Markup("<tr>{}</tr>").format(Markup("").join(shown))


def _figures(block: Figures, pictures: Pictures) -> Iterator[Markup]:
    columns = min(max(block.columns, 1), _MOST_COLUMNS)
    yield Markup('<div class="figures of-{}">').format(columns)
    for shown in block.figures:
        yield _figure(shown, pictures.get(shown.picture))
    yield Markup("</div>")


def _figure(shown: Figure, picture: Picture | None) -> Markup:
    if picture is None:
        inside = Markup('<div class="missing">{}</div>').format(line(shown.missing))
    else:
        inside = image(picture, alternative=shown.caption)
    return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(inside, line(shown.caption))


def _scale(block: ColourScale) -> Markup:
    caption = line(block.caption)
    return Markup('<figure class="scale">{}<figcaption>{}</figcaption></figure>').format(scale_drawing(block), caption)


def _signatures(block: SignatureLines) -> Markup:
    rows = (
        Markup('<div><span class="above">{}</span><span class="label">{}</span></div>').format(
            value(above) if above else "", line(label)
        )
        for label, above in block.lines
    )
    return Markup('<div class="signatures">{}</div>').format(Markup("\n").join(rows))


def _class(tone: Tone) -> Markup | str:
    return "" if tone is Tone.BODY else Markup(' class="{}"').format(tone.value)


_PLAIN: Mapping[type[Any], Callable[[Any], Markup]] = MappingProxyType(
    {
        Text: _text,
        Notice: _notice,
        Facts: facts,
        Table: _table,
        ColourScale: _scale,
        SignatureLines: _signatures,
    }
)


def plain(value: Any) -> Any:
    """What Jinja prints of a value: texts made visible, which it then escapes; HTML of this module as it is."""
    return plain_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value
