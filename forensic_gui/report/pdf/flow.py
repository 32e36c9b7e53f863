"""How blocks fall into pages: pieces that are never parted, pieces that stay with the next, heads that repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forensic_gui.report.pdf.lettering import Line
from forensic_gui.report.pdf.page import Page
from forensic_gui.report.pdf.style import BOTTOM, TOP

Paint = Callable[[Page, float], None]
"""Draws a piece on a page, from a height down."""


def text_at(line: Line, left: float) -> Paint:
    """Draws a line of text from `left`."""
    return lambda page, top: page.drawing.text(line, left, top)


def texts_at(lines: Sequence[tuple[float, Line]]) -> Paint:
    """Draws lines of text beside each other, each from its left."""

    def paint(page: Page, top: float) -> None:
        for left, line in lines:
            page.drawing.text(line, left, top)

    return paint


def noted(paint: Paint, note: Paint) -> Paint:
    """Draws what `paint` draws, and tells `note` where."""

    def both(page: Page, top: float) -> None:
        note(page, top)
        paint(page, top)

    return both


@dataclass(frozen=True, slots=True)
class Piece:
    """What is never parted.

    Attributes:
        height: of it, points.
        paint: draws it.
        before: room above it; none at the head of a page.
        stays: whether it stands on the page of the piece after it.
        head: is put above it where it begins a page, as the head of a table.
    """

    height: float
    paint: Paint
    before: float = 0.0
    stays: bool = False
    head: Piece | None = None


def space(height: float) -> Piece:
    """Room that is left between blocks."""
    return Piece(height=0.0, paint=lambda _page, _top: None, before=height)


class Flow:
    """Puts pieces on pages, one under the other."""

    def __init__(self, new_page: Callable[[], Page]) -> None:
        """Begin on a page of its own.

        Args:
            new_page: finishes the page before, and begins one.
        """
        self._new_page = new_page
        self._page = new_page()
        self._top = TOP
        self._waiting: list[Piece] = []

    def add(self, piece: Piece) -> None:
        """Put a piece under those before it."""
        self._waiting.append(piece)
        if not piece.stays:
            self.settle()

    def start_page(self, *, below_headings: bool = False) -> None:
        """Go on with a new page, unless nothing stands on this one yet.

        Args:
            below_headings: whether headings at its top that wait for what follows count as nothing.
        """
        if below_headings and self._top == TOP:
            return
        self.settle()
        if self._top > TOP:
            self._turn()

    def has_room_for(self, pieces: Sequence[Piece]) -> bool:
        """Whether pieces would all fit under those before them."""
        return self._top + sum(piece.before + piece.height for piece in (*self._waiting, *pieces)) <= BOTTOM

    def settle(self) -> None:
        """Put down the pieces that wait for one to stay with."""
        group, self._waiting = self._waiting, []
        if not any(piece.height for piece in group):  # room between blocks does not begin a page
            if self._top > TOP:
                self._top = min(self._top + sum(piece.before for piece in group), BOTTOM)
            return
        height = sum(piece.before + piece.height for piece in group)
        if self._top > TOP and self._top + height > BOTTOM:
            self._turn()
        for piece in group:
            self._put(piece)

    def _put(self, piece: Piece) -> None:
        if self._top > TOP and self._top + piece.before + piece.height > BOTTOM:
            self._turn()
        if self._top == TOP:
            if piece.head is not None:
                piece.head.paint(self._page, self._top)
                self._top += piece.head.height
        else:
            self._top += piece.before
        piece.paint(self._page, self._top)
        self._top += piece.height

    def _turn(self) -> None:
        self._page = self._new_page()
        self._top = TOP
