"""What stands on every page beside its text: header, footer, mark; and the letterhead of the first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.report.document import Document
from forensic_gui.report.pdf import style as look
from forensic_gui.report.pdf.figures import PlacedPicture
from forensic_gui.report.pdf.flow import Piece, text_at
from forensic_gui.report.pdf.lettering import Lettering, Line
from forensic_gui.report.pdf.page import Drawing, Page
from forensic_gui.report.pdf.style import BOTTOM, LEFT, PAGE_HEIGHT, RIGHT, TOP, WIDTH

_HEADER_TOP = 34.0
_FOOTER_TOP = BOTTOM + 16.0
_GAP = 14.0
_MARK_ANGLE = math.radians(52.0)
_MARK_LENGTH = 540.0  # at most: turned by that angle it stays within the text's margins
_MARK_HEIGHT = 220.0  # at most, of all of its lines
_LARGEST_MARK = 130.0
_HALF_CAPITAL = 0.36  # of a letter's size
_PARTED = " · "  # between the parts of a mark
_LOGO_WIDTH = 170.0
_LOGO_HEIGHT = 56.0


class Furniture:
    """Draws what every page has."""

    def __init__(self, document: Document, letters: Lettering) -> None:
        self._letters = letters
        self._page_of = plain_line(document.page_of)
        self._mark_text = plain_line(document.mark)
        self._mark = letters.shortened(plain_line(document.heading_mark), look.RUNNING_MARK, WIDTH * 0.62)
        titles = " · ".join(plain_line(each) for each in (document.title, document.subtitle) if each)
        room = WIDTH - (self._mark.width + _GAP if self._mark.shows else 0.0)
        self._title = letters.shortened(titles, look.RUNNING, room)
        self._footer = letters.shortened(plain_line(document.footer), look.RUNNING, WIDTH - 90.0)

    def head(self, page: Page) -> None:
        """Draw a page's header: what the report is, and its mark in a word. The first page has its title instead."""
        page.drawing.text(self._mark, RIGHT - self._mark.width, _HEADER_TOP)
        if page.number > 1:
            page.drawing.text(self._title, LEFT, _HEADER_TOP)
            page.drawing.rule(LEFT, RIGHT, _HEADER_TOP + look.RUNNING.leading + 4.0, look.RULE)

    def foot(self, drawing: Drawing, page: int, pages: int) -> None:
        """Draw a page's footer, when it is known how many there are."""
        count = self._page_of.replace("{pages}", str(pages)).replace("{page}", str(page))
        line = self._letters.line(count, look.RUNNING)
        drawing.rule(LEFT, RIGHT, _FOOTER_TOP - 5.0, look.RULE)
        drawing.text(self._footer, LEFT, _FOOTER_TOP)
        drawing.text(line, RIGHT - line.width, _FOOTER_TOP)

    def mark(self) -> bytes | None:
        """Operators of the mark behind the text, large and aslant, its parts under each other; None without one."""
        parts = [part for part in self._mark_text.split(_PARTED) if part]
        if not parts:
            return None
        style = replace(look.RUNNING_MARK, size=_LARGEST_MARK, colour=look.MARK)
        widest = max(self._letters.line(part, style).width for part in parts)
        share = min(1.0, _MARK_LENGTH / max(widest, 1.0), _MARK_HEIGHT / (len(parts) * style.size))
        style = replace(style, size=style.size * share)
        lines = [self._letters.line(part, style) for part in parts]
        down = [(index - (len(lines) - 1) / 2) * style.size for index in range(len(lines))]
        red, green, blue = style.colour
        drawn = " ".join(_aslant(line, each) for line, each in zip(lines, down, strict=True))
        return f"{red:g} {green:g} {blue:g} rg BT {drawn} ET".encode("ascii")


def _aslant(line: Line, down: float) -> str:
    """Operators of a line whose middle is in the page's middle, or across its direction down from there."""
    cosine, sine = math.cos(_MARK_ANGLE), math.sin(_MARK_ANGLE)
    along, across = line.width / 2, down + line.style.size * _HALF_CAPITAL
    x = (LEFT + RIGHT) / 2 - along * cosine + across * sine
    y = PAGE_HEIGHT - (TOP + BOTTOM) / 2 - along * sine - across * cosine
    shows = " ".join(f"/{show.resource} {line.style.size:.2f} Tf {show.code}" for show in line.shows)
    return f"{cosine:.5f} {sine:.5f} {-sine:.5f} {cosine:.5f} {x:.2f} {y:.2f} Tm {shows}"


def first_page(document: Document, letters: Lettering, logo: PlacedPicture | None) -> Iterator[Piece]:
    """Pieces of the first page before the table of contents, all but the identity's facts."""
    if document.letterhead.lines or logo:
        yield _letterhead(document, letters, logo)
    for text, style, before in ((document.title, look.TITLE, 40.0), (document.subtitle, look.SUBTITLE, 3.0)):
        if not text:
            continue
        for index, line in enumerate(letters.lines(plain_line(text), style, WIDTH)):
            yield Piece(
                style.leading,
                text_at(line, LEFT),
                before=before if index == 0 else 0.0,
                stays=True,
            )
    yield Piece(1.0, lambda page, top: page.drawing.rule(LEFT, RIGHT, top, look.ACCENT, width=1.2), before=10.0)


def _letterhead(document: Document, letters: Lettering, logo: PlacedPicture | None) -> Piece:
    room = WIDTH - (_LOGO_WIDTH + _GAP if logo else 0.0)
    lines = [
        line
        for number, text in enumerate(document.letterhead.lines)
        for line in letters.lines(plain_line(text), look.LETTERHEAD if number else look.LETTERHEAD_NAME, room)
    ]
    height = sum(line.style.leading for line in lines)
    scale = min(_LOGO_WIDTH / logo.width_px, _LOGO_HEIGHT / logo.height_px) if logo else 0.0

    def paint(page: Page, top: float) -> None:
        if logo:
            page.pictures[logo.resource] = logo.reference
            page.drawing.image(logo.resource, LEFT, top, logo.width_px * scale, logo.height_px * scale)
        for line in lines:
            page.drawing.text(line, RIGHT - line.width if logo else LEFT, top)
            top += line.style.leading

    return Piece(max(height, logo.height_px * scale if logo else 0.0), paint)
