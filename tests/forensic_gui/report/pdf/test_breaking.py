"""Where lines break."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.report.pdf.breaking import break_lines


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("fits", 5, ["fits"]),
        ("words that wrap", 10, ["words that", "wrap"]),
        ("words   that", 6, ["words", "that"]),
        ("copy-move", 6, ["copy-", "move"]),
        ("on 2026-02-14", 10, ["on", "2026-02-14"]),
        ("of (SHA-256)", 9, ["of", "(SHA-256)"]),
        ("/media/stick/DCIM/crane.jpg", 14, ["/media/stick/", "DCIM/crane.jpg"]),
        ("share 6.50 %", 10, ["share", "6.50 %"]),
        ("of 35 043 bytes", 7, ["of", "35 043", "bytes"]),
        ("in 35 files", 5, ["in 35", "files"]),
        (r"aaaa\x00bbb", 6, ["aaaa", r"\x00bb", "b"]),
        (r"C:\Users\lab", 9, [r"C:\Users", r"\lab"]),
        ("a/" + "b" * 12, 8, ["a/bbbbbb", "bbbbbb"]),
        ("图片 二〇二四年的照片。", 5, ["图片 二〇", "二四年的照", "片。"]),
        ("图片图片。", 4, ["图片图", "片。"]),
        ("x" * 11, 5, ["xxxxx", "xxxxx", "x"]),
    ],
)
def test_lines_break_where_a_reader_expects_it(text: str, width: float, lines: list[str]) -> None:
    assert _broken(text, width) == lines


def test_hashes_break_anywhere_and_commands_between_their_words() -> None:
    assert _broken("0123456789", 4, anywhere=True) == ["0123", "4567", "89"]
    assert _broken("verify CASE --head 0123456789", 12, anywhere=True) == ["verify CASE", "--head", "0123456789"]
    assert _broken("a 0123456789", 6, anywhere=True) == ["a 0123", "456789"]


def test_marks_stay_with_what_they_stand_on() -> None:
    text = "ee\u0301\u0323ee"
    assert [text[start:end] for start, end in break_lines(text, [1, 1, 0, 0, 1, 1], 2)] == ["ee\u0301\u0323", "ee"]
    assert [text[start:end] for start, end in break_lines(text, [1, 9, 0, 0, 1, 1], 2)] == ["e", "e\u0301\u0323", "ee"]


@given(text=st.text(st.sampled_from("ab /-图。1"), max_size=60), width=st.integers(1, 12), anywhere=st.booleans())
def test_nothing_but_spaces_is_lost_and_no_line_is_too_wide(text: str, width: int, anywhere: bool) -> None:
    spans = break_lines(text, [1.0] * len(text), width, anywhere=anywhere)
    assert all(end - start <= width for start, end in spans)
    assert "".join(text[start:end] for start, end in spans).replace(" ", "") == text.replace(" ", "")
    for (_, end), (start, _) in pairwise(spans):
        assert text[end:start].strip(" ") == ""


def _broken(text: str, width: float, *, anywhere: bool = False) -> list[str]:
    return [text[start:end] for start, end in break_lines(text, [1.0] * len(text), width, anywhere=anywhere)]
