"""Lines of text: fonts, shapes and widths."""

from __future__ import annotations

import pytest

from forensic_gui.report.pdf.lettering import Lettering, Line
from forensic_gui.report.pdf.style import BODY, ITEM, MONO, FontName, Style
from forensic_gui.resources import resource


@pytest.fixture(scope="module")
def letters() -> Lettering:
    return Lettering()


def test_a_line_of_latin_letters_is_one_stretch_of_one_font(letters: Lettering) -> None:
    line = letters.line("Grüße, Ωmega и мир", BODY)
    assert len(line.shows) == 1
    assert line.text == ""


def test_fonts_take_over_where_another_has_no_such_character(letters: Lettering) -> None:
    line = letters.line("a图b", BODY)
    assert [show.resource for show in line.shows] == [
        _resource(FontName.SANS),
        _resource(FontName.WIDE),
        _resource(FontName.SANS),
    ]
    assert letters.line("aا", MONO).shows[0].resource == _resource(FontName.MONO)


def test_characters_that_no_font_has_are_printed_as_their_numbers(letters: Lettering) -> None:
    assert letters.line("ह🧿", BODY).width == pytest.approx(letters.line("[U+0939][U+1F9FF]", BODY).width)


def test_letters_that_join_are_shaped(letters: Lettering) -> None:
    """Three Arabic letters in a word are narrower than the three as they stand alone, and are other glyphs."""
    joined = letters.line("سلم", BODY)
    alone = [letters.line(each, BODY) for each in "سلم"]
    assert joined.width < sum(line.width for line in alone)
    assert not any(_glyphs(line)[0] in _glyphs(joined) for line in alone[:2])


def test_joiners_part_letters_and_are_not_seen(letters: Lettering) -> None:
    assert _glyphs(letters.line("س\u200cل", BODY)) != _glyphs(letters.line("سل", BODY))
    assert "[U+200C]" not in letters.line("س\u200cل", MONO).text
    assert letters.line("\u200d", MONO).width == 0.0


def test_brackets_are_turned_round_where_text_runs_from_the_right(letters: Lettering) -> None:
    opening, closing = _glyphs(letters.line("(", BODY)), _glyphs(letters.line(")", BODY))
    mirrored = _glyphs(letters.lines("א(ב)ג", BODY, 500, is_prose=True)[0])
    assert mirrored.index(opening[0]) < mirrored.index(closing[0])


def test_marks_take_no_room_of_their_own(letters: Lettering) -> None:
    assert letters.line("q\u0323\u0301", BODY).width == pytest.approx(letters.line("q", BODY).width)


def test_hebrew_and_arabic_beside_each_other_are_each_shaped(letters: Lettering) -> None:
    both = _glyphs(letters.lines("שלום سلم", BODY, 500, is_prose=True)[0])
    assert set(_glyphs(letters.line("سلم", BODY))) <= set(both)


def test_prose_from_the_right_says_so_and_names_run_from_the_left(letters: Lettering) -> None:
    assert letters.lines("שלום.jpg", BODY, 500, is_prose=True)[0].is_from_right
    assert not letters.lines("שלום.jpg", BODY, 500)[0].is_from_right


def test_lines_are_as_wide_as_their_column_at_most(letters: Lettering) -> None:
    for text in ("word " * 100, "w" * 500, "سلم " * 100, "图" * 200, "e\u0301" * 300, "🧿" * 50):
        lines = letters.lines(text, BODY, 120)
        assert len(lines) > 3
        assert all(line.width <= 120.01 for line in lines)


def test_a_name_that_does_not_fit_keeps_its_beginning_and_its_end(letters: Lettering) -> None:
    line = letters.shortened("a" * 100 + ".jpg", Style(FontName.SANS, 9, 13), 120)
    assert 110 < line.width <= 120
    assert len(_glyphs(line)) < 40
    assert _glyphs(line)[-4:] == _glyphs(letters.line(".jpg", BODY))
    assert letters.shortened("short.jpg", ITEM, 200) == letters.line("short.jpg", ITEM)


def test_shortening_never_says_a_part_twice(letters: Lettering) -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(60))
    for width in range(8, 260, 7):
        codes = _glyphs(letters.shortened(text, MONO, width))
        assert len(codes) <= len(text)
        assert letters.shortened(text, MONO, width).width <= max(width, letters.line("…", MONO).width) + 0.01


def test_fonts_are_shipped_with_their_licences() -> None:
    folder = resource("fonts")
    assert {path.stem for path in folder.glob("*.ttf")} == set(FontName)
    assert "Bitstream Vera" in (folder / "DejaVu-LICENSE.txt").read_text("utf-8")
    assert "Apache License" in (folder / "DroidSansFallback-LICENSE.txt").read_text("utf-8")


def _resource(font: FontName) -> str:
    return f"F{list(FontName).index(font)}"


def _glyphs(line: Line) -> list[str]:
    """Numbers of the glyphs from left to right, four hexadecimal digits each."""
    codes = []
    for show in line.shows:
        for part in show.code.split("<")[1:]:
            digits = part.split(">")[0]
            codes += [digits[index : index + 4] for index in range(0, len(digits), 4)]
    return codes
