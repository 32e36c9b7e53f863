"""Pages of a preview: where they stand, which are drawn, and what is kept when they are made anew."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from forensic_gui.domain.errors import ReportError
from forensic_gui.views.reportroom.page_view import PageView, lay_out
from forensic_gui.views.reportroom.pdf_book import PageSize, PdfBook
from tests.gui.reporting.papers import PAPER_PT, paper

A4 = PageSize(*PAPER_PT)


def test_a_page_is_drawn_as_wide_as_it_is_asked_for_in_the_colours_of_the_paper():
    with closing(PdfBook(paper("One", "Two", grey=0.5))) as book:
        assert book.sizes == (A4, A4)
        picture = book.draw(1, 300)
    assert (picture.width(), picture.height()) == (300, round(300 * 842 / 595))
    assert abs(picture.pixelColor(5, 5).red() - 128) <= 1
    letters = [picture.pixelColor(x, y).red() for x in range(30, 60) for y in range(60, 75)]
    assert min(letters) < 100


def test_a_page_is_as_wide_as_asked_for_to_the_pixel():
    with closing(PdfBook(paper("One"))) as book:
        assert [book.draw(0, width).width() for width in range(380, 560)] == list(range(380, 560))


def test_what_is_no_pdf_is_refused_in_a_sentence():
    with pytest.raises(ReportError, match="cannot be shown"):
        PdfBook(b"no pdf")


def test_pages_stand_under_one_another_the_widest_as_wide_as_asked_for():
    layout = lay_out([A4, PageSize(842, 595)], page_width=400)
    assert layout.sizes == ((283, 400), (400, 283))
    assert layout.tops[1] > layout.tops[0] + 400
    assert [layout.page_at(y) for y in (0, layout.tops[1] - 1, layout.tops[1])] == [0, 0, 1]


@pytest.fixture
def view(qtbot):
    view = PageView()
    qtbot.addWidget(view)
    view.resize(420, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def white(width: int) -> QImage:
    picture = QImage(width, round(width * 842 / 595), QImage.Format.Format_RGB888)
    picture.fill(Qt.GlobalColor.white)
    return picture


def test_pages_that_are_seen_are_asked_for_first_and_no_more_than_their_neighbours(view):
    asked = []
    view.wanted.connect(asked.append)
    view.show_pages([A4] * 100)
    assert [number for number, _ in asked[-1]] == [0, 1]
    view.go_to(50)
    assert asked[-1][0][0] == 50
    assert {number for number, _ in asked[-1]} <= {49, 50, 51}


def test_a_page_that_was_drawn_is_not_asked_for_again_until_it_is_shown_larger(view):
    asked = []
    view.show_pages([A4])
    width = round(view._layout.sizes[0][0] * view.devicePixelRatioF())
    view.put_picture(0, white(width))
    assert view.are_seen_drawn
    view.wanted.connect(asked.append)
    view.ask()
    assert asked == []
    view.zoom_in()
    assert [number for number, _ in asked[-1]] == [0] and not view.are_seen_drawn


def test_the_place_is_kept_when_pages_are_made_anew(view):
    view.show_pages([A4] * 10)
    view.go_to(6)
    view.show_pages([A4] * 12)
    assert view.page == 6
    view.show_pages([A4] * 2)
    assert view.page == 1


def test_keys_scroll_and_go_to_the_ends(view, qtbot):
    view.show_pages([A4] * 10)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.page == 9
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.page == 0
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.verticalScrollBar().value() > 0


def test_a_fitted_page_follows_the_width_and_a_zoomed_one_does_not(view):
    view.show_pages([A4])
    fitted = view._layout.sizes[0][0]
    view.resize(620, 500)
    assert view._layout.sizes[0][0] == fitted + 200
    view.zoom_out()
    zoomed = view._layout.sizes[0][0]
    view.resize(420, 500)
    assert view._layout.sizes[0][0] == zoomed
    view.fit_width()
    assert view._layout.sizes[0][0] == fitted


def test_a_stale_page_is_seen_to_be_stale(view):
    view.show_pages([A4])
    view.put_picture(0, white(round(view._layout.sizes[0][0] * view.devicePixelRatioF())))
    middle = QPoint(210, 200)
    fresh = view.viewport().grab().toImage().pixelColor(middle).lightness()
    view.set_stale(True)
    assert view.viewport().grab().toImage().pixelColor(middle).lightness() < fresh - 10


def test_memory_does_not_grow_with_the_pages_that_were_looked_at(view):
    view.show_pages([A4] * 200)
    for number in range(0, 200, 5):
        view.go_to(number)
        view.put_picture(number, white(1600))
    kept = sum(picture.sizeInBytes() for picture in view._pictures.values())
    assert kept <= 110 << 20
    assert np.max(list(view._pictures)) == 195
