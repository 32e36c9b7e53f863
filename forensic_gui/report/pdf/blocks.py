"""Blocks of a report as pieces of pages: headings, paragraphs, notices, facts, signature lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forensic_gui.domain.plain_text import plain_line, plain_lines
from forensic_gui.report.document import Fact, Facts, Heading, Notice, SignatureLines, Text, Tone, Weight
from forensic_gui.report.pdf import style as look
from forensic_gui.report.pdf.flow import Paint, Piece, noted, space, text_at
from forensic_gui.report.pdf.lettering import Lettering, Line
from forensic_gui.report.pdf.page import Page
from forensic_gui.report.pdf.style import LEFT, RIGHT, WIDTH, Style

LONGEST_TOGETHER = 8
"""Lines of a paragraph or row that are never parted; longer ones keep two lines at either end together."""

_TONES: dict[Tone, Style] = {
    Tone.BODY: look.BODY,
    Tone.QUIET: look.REMARK,
    Tone.WORDS: look.BODY,
    Tone.EMPTY: look.EMPTY,
    Tone.MONO: look.MONO,
}
_LABEL_WIDTH = 138.0
_GAP = 10.0
_WORDS_INDENT = 14.0
_NOTICE_INDENT = 24.0
_NOTICE_PADDING = 6.0
_SIGNING_HEIGHT = 30.0


def heading(block: Heading, letters: Lettering, note: Paint | None) -> Iterator[Piece]:
    """Pieces of a heading, which stay with what follows.

    Args:
        block: the heading.
        letters: the document's fonts.
        note: told the page and height of it; None where nobody asks.
    """
    style, before = (look.ITEM, 22.0) if block.level <= 2 else (look.PART, 13.0)
    lines = letters.lines(plain_line(block.text), style, WIDTH)
    for index, line in enumerate(lines):
        yield Piece(
            height=style.leading + (3.0 if index == len(lines) - 1 else 0.0),
            paint=noted(text_at(line, LEFT), note) if index == 0 and note else text_at(line, LEFT),
            before=before if index == 0 else 0.0,
            stays=True,
        )


def text(block: Text, letters: Lettering) -> Iterator[Piece]:
    """Pieces of a paragraph, a line each."""
    style = _TONES[block.tone]
    is_words = block.tone is Tone.WORDS
    indent = _WORDS_INDENT if is_words else 0.0
    # The program's own commands are what is set in this tone as a text, and have a line for each option.
    shown = plain_lines(block.text) if block.tone is Tone.MONO else _toned(block.text, block.tone)
    lines = letters.lines(shown, style, WIDTH - indent, is_prose=True)

    def painted(line: Line) -> Paint:
        left = RIGHT - line.width if line.is_from_right else LEFT + indent

        def paint(page: Page, top: float) -> None:
            if is_words:
                page.drawing.box(LEFT, top, 2.0, style.leading, look.RULE)
            page.drawing.text(line, left, top)

        return paint

    yield from _column([painted(line) for line in lines], style.leading, before=6.0)


def notice(block: Notice, letters: Lettering) -> Iterator[Piece]:
    """Pieces of a notice: a bar and a sign of its weight, for those who see no colours."""
    is_warning = block.weight is Weight.WARNING
    colour = look.CAUTION if is_warning else look.ACCENT
    shade = look.CAUTION_SHADE if is_warning else look.SHADE
    badge = letters.line("!" if is_warning else "i", look.BADGE)
    lines = letters.lines(plain_line(block.text), look.BODY, WIDTH - _NOTICE_INDENT - _GAP, is_prose=True)

    def painted(index: int) -> Paint:
        above = _NOTICE_PADDING if index == 0 else 0.0
        height = _notice_height(index, len(lines))

        def paint(page: Page, top: float) -> None:
            page.drawing.box(LEFT, top, WIDTH, height, shade)
            page.drawing.box(LEFT, top, 3.0, height, colour)
            if index == 0:
                page.drawing.text(badge, LEFT + 13.5 - badge.width / 2, top + above, colour=colour)
            page.drawing.text(lines[index], LEFT + _NOTICE_INDENT, top + above)

        return paint

    for index in range(len(lines)):
        yield Piece(
            height=_notice_height(index, len(lines)),
            paint=painted(index),
            before=8.0 if index == 0 else 0.0,
            stays=stays(index, len(lines)),
        )
    yield space(3.0)


def _notice_height(index: int, count: int) -> float:
    return look.BODY.leading + _NOTICE_PADDING * ((index == 0) + (index == count - 1))


def facts(block: Facts, letters: Lettering) -> Iterator[Piece]:
    """Pieces of labelled values: labels in a column of their own."""
    for number, fact in enumerate(block.facts):
        yield from _fact(fact, letters, before=5.0 if number == 0 else 0.0)


def _fact(fact: Fact, letters: Lettering, *, before: float) -> Iterator[Piece]:
    style = _TONES[fact.tone]
    labels = letters.lines(plain_line(fact.label), look.LABEL, _LABEL_WIDTH - _GAP)
    is_prose = fact.tone is Tone.WORDS
    values = letters.lines(_toned(fact.value, fact.tone), style, WIDTH - _LABEL_WIDTH, is_prose=is_prose)
    count = max(len(labels), len(values))

    def painted(index: int) -> Paint:
        def paint(page: Page, top: float) -> None:
            if index == 0:
                page.drawing.rule(LEFT, RIGHT, top, look.SHADE)
            if index < len(labels):
                page.drawing.text(labels[index], LEFT, top + 1.0)
            if index < len(values):
                page.drawing.text(values[index], LEFT + _LABEL_WIDTH, top + 1.0)

        return paint

    for index in range(count):
        yield Piece(
            height=look.BODY.leading + (2.0 if index == count - 1 else 0.0),
            paint=painted(index),
            before=before if index == 0 else 0.0,
            stays=stays(index, count),
        )


def signature_lines(block: SignatureLines, letters: Lettering) -> Iterator[Piece]:
    """Pieces of lines to sign on, two beside each other."""
    width = (WIDTH - 2 * _GAP) / 2
    for start in range(0, len(block.lines), 2):
        pair = [
            (
                letters.shortened(plain_line(known), look.BODY, width),
                letters.lines(plain_line(label), look.CAPTION, width),
            )
            for label, known in block.lines[start : start + 2]
        ]
        rows = max(len(labels) for _, labels in pair)

        def paint(page: Page, top: float, pair: Sequence[tuple[Line, tuple[Line, ...]]] = tuple(pair)) -> None:
            for column, (known, labels) in enumerate(pair):
                left = LEFT + column * (width + 2 * _GAP)
                page.drawing.text(known, left, top + _SIGNING_HEIGHT - look.BODY.leading - 1.0)
                page.drawing.rule(left, left + width, top + _SIGNING_HEIGHT, look.QUIET)
                for row, line in enumerate(labels):
                    page.drawing.text(line, left, top + _SIGNING_HEIGHT + 3.0 + row * look.CAPTION.leading)

        yield Piece(height=_SIGNING_HEIGHT + 3.0 + rows * look.CAPTION.leading, paint=paint, before=8.0)


def stays(index: int, count: int) -> bool:
    """Whether a line stays with the one after it: short paragraphs whole, of long ones two lines at either end."""
    return index < count - 1 and (count <= LONGEST_TOGETHER or index == 0 or index == count - 2)


def _toned(text: str, tone: Tone) -> str:
    """A text as its tone has it: people's words alone have several lines, a name of several would pass for them."""
    return plain_lines(text) if tone is Tone.WORDS else plain_line(text)


def _column(paints: Sequence[Paint], leading: float, *, before: float) -> Iterator[Piece]:
    for index, paint in enumerate(paints):
        yield Piece(leading, paint, before if index == 0 else 0.0, stays(index, len(paints)))
