"""How pieces fall into pages."""

from __future__ import annotations

import pytest

from forensic_gui.report.pdf.flow import Flow, Piece, space
from forensic_gui.report.pdf.page import Page
from forensic_gui.report.pdf.style import BOTTOM, TOP

_ROOM = BOTTOM - TOP


class Pages:
    """What was put on which page: (name, how far down) of each."""

    def __init__(self) -> None:
        self.put: list[list[tuple[str, float]]] = []
        self.flow = Flow(self._new_page)

    def piece(self, name: str, height: float, *, before: float = 0.0, stays: bool = False, head: str = "") -> Piece:
        above = self.piece(head, 10) if head else None
        return Piece(
            height, lambda page, top: self.put[page.number - 1].append((name, top - TOP)), before, stays, above
        )

    def add(self, *pieces: Piece) -> None:
        for piece in pieces:
            self.flow.add(piece)

    @property
    def names(self) -> list[str]:
        return [" ".join(name for name, _ in page) for page in self.put]

    def _new_page(self) -> Page:
        self.put.append([])
        return Page(len(self.put), "")


@pytest.fixture
def pages() -> Pages:
    return Pages()


def test_pieces_stand_under_each_other(pages: Pages) -> None:
    pages.add(pages.piece("a", 10, before=7), pages.piece("b", 10, before=5))
    assert pages.put == [[("a", 0.0), ("b", 15.0)]]  # no room is left at the head of a page


def test_a_piece_that_does_not_fit_begins_the_next_page(pages: Pages) -> None:
    pages.add(pages.piece("a", _ROOM - 5), pages.piece("b", 10, before=3))
    assert pages.put == [[("a", 0.0)], [("b", 0.0)]]


def test_a_piece_that_just_fits_does(pages: Pages) -> None:
    pages.add(pages.piece("a", _ROOM - 10), pages.piece("b", 10))
    assert pages.names == ["a b"]


def test_a_heading_goes_with_what_follows(pages: Pages) -> None:
    pages.add(pages.piece("a", _ROOM - 25), pages.piece("heading", 10, stays=True), pages.piece("text", 20))
    assert pages.names == ["a", "heading text"]


def test_a_chain_of_headings_goes_with_what_follows(pages: Pages) -> None:
    pages.add(pages.piece("a", _ROOM - 45))
    pages.add(pages.piece("h1", 10, stays=True), pages.piece("h2", 10, stays=True), pages.piece("text", 40))
    assert pages.names == ["a", "h1 h2 text"]


def test_a_group_larger_than_a_page_goes_over_several(pages: Pages) -> None:
    pages.add(*(pages.piece(str(number), _ROOM / 4 + 1, stays=number < 8) for number in range(9)))
    assert pages.names == ["0 1 2", "3 4 5", "6 7 8"]


def test_a_heading_at_the_very_end_is_printed(pages: Pages) -> None:
    pages.add(pages.piece("heading", 10, stays=True))
    pages.flow.settle()
    assert pages.names == ["heading"]


def test_heads_are_repeated_on_pages_that_begin_with_their_rows(pages: Pages) -> None:
    pages.add(pages.piece("before", 20))
    pages.add(*(pages.piece(str(number), _ROOM / 3, head="head") for number in range(4)))
    assert pages.names == ["before 0 1", "head 2 3"]
    assert pages.put[1][1] == ("2", 10.0)


def test_room_between_blocks_begins_no_page(pages: Pages) -> None:
    pages.add(pages.piece("a", _ROOM - 2), space(5))
    assert pages.names == ["a"]
    pages.flow.start_page()
    pages.add(space(5), pages.piece("b", 10))
    assert pages.put[1] == [("b", 0.0)]


def test_no_page_is_started_while_one_is_empty(pages: Pages) -> None:
    pages.flow.start_page()
    pages.add(pages.piece("a", 10))
    pages.flow.start_page()
    pages.flow.start_page()
    pages.add(pages.piece("b", 10))
    assert pages.names == ["a", "b"]


def test_an_item_that_begins_a_page_stands_under_its_section_s_title(pages: Pages) -> None:
    pages.add(pages.piece("title", 10, stays=True))
    pages.flow.start_page(below_headings=True)
    pages.add(pages.piece("item", 10))
    pages.flow.start_page(below_headings=True)
    pages.add(pages.piece("next", 10))
    assert pages.names == ["title item", "next"]


def test_a_section_without_anything_in_it_still_has_its_page(pages: Pages) -> None:
    pages.add(pages.piece("title", 10, stays=True))
    pages.flow.start_page()
    pages.add(pages.piece("title", 10, stays=True))
    pages.flow.settle()
    assert pages.names == ["title", "title"]


def test_whether_there_is_room_counts_what_waits(pages: Pages) -> None:
    pages.add(pages.piece("heading", 100, stays=True))
    assert pages.flow.has_room_for([pages.piece("a", _ROOM - 100)])
    assert not pages.flow.has_room_for([pages.piece("a", _ROOM - 99)])
