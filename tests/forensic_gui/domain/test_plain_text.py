"""Texts from outside show what cannot be seen, and people's words stay what they wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.plain_text import plain_line, plain_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("IMG_0001.jpg", "IMG_0001.jpg"),
        ("תמונה.jpg", "תמונה.jpg"),
        ("photo\u202egpj.exe", "photo\\u202egpj.exe"),
        ("a\x00b\x1b[31m\r\n\tc", "a\\x00b\\x1b[31m\\r\\n\\tc"),
        ("lone\udcff", "lone\\udcff"),
        ("no\u00a0break", "no\\xa0break"),
        ("e\u0301\u0302\u0303\u0304.jpg", "e\u0301\u0302\u0303\u0304.jpg"),
        ("e" + "\u0301" * 6 + "f", "e" + "\u0301" * 4 + "\\u0301\\u0301f"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_a_line_shows_what_cannot_be_seen_as_an_escape(text, shown):
    assert plain_line(text) == shown


def test_words_of_several_lines_keep_their_lines_tabs_spaces_and_joiners():
    words = "first\r\nsecond\rthird\n\tindented\u00a0here می\u200cخواهم"
    assert plain_lines(words) == "first\nsecond\nthird\n    indented here می\u200cخواهم"


def test_words_cannot_turn_round_what_stands_beside_them():
    assert plain_lines("a\u2067b\u202ec\u0000d") == "a\\u2067b\\u202ec\\x00d"


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_what_is_shown_has_no_control_and_can_be_shown_again(text):
    line, lines = plain_line(text), plain_lines(text)
    assert line.isprintable()
    assert plain_line(line) == line
    assert plain_lines(lines) == lines
    assert all(each.isprintable() or each in "\n\u200c\u200d" for each in lines)
    lines.encode("utf-8")
