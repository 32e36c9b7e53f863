"""Order of characters where writing from the left and from the right meet: the examples of UAX #9."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.report.pdf import bidi

# A character of each class that UAX #9 names in its examples.
_CHARACTERS = {
    "L": "a",
    "R": "א",
    "AL": "ا",
    "EN": "1",
    "AN": "٣",
    "ES": "-",
    "ET": "%",
    "CS": ",",
    "NSM": "\u0301",
    "NI": "!",
    "WS": " ",
}
_HEBREW = {chr(ord("A") + number): chr(0x5D0 + number) for number in range(26)}
_LETTERS = {hebrew: capital for capital, hebrew in _HEBREW.items()}


@pytest.mark.parametrize(
    ("classes", "base", "expected"),
    [
        # W1: a mark is what it stands on.
        ("AL NSM NSM", bidi.RIGHT, [1, 1, 1]),
        ("NSM", bidi.RIGHT, [1]),
        ("AN NSM", bidi.LEFT, [2, 2]),
        # W2: European digits are Arabic ones after an Arabic letter. W3: that is then like any from the right.
        ("AL EN ES EN", bidi.RIGHT, [1, 2, 1, 2]),
        ("R EN ES EN", bidi.RIGHT, [1, 2, 2, 2]),
        ("AL NI EN", bidi.RIGHT, [1, 1, 2]),
        # W4: one separator between two numbers of a kind.
        ("R EN CS EN", bidi.LEFT, [1, 2, 2, 2]),
        ("AN CS AN", bidi.LEFT, [2, 2, 2]),
        ("AN ES AN", bidi.RIGHT, [2, 1, 2]),
        ("R EN CS CS EN", bidi.RIGHT, [1, 2, 1, 1, 2]),
        # W5: signs beside a European number.
        ("R ET ET EN", bidi.RIGHT, [1, 2, 2, 2]),
        ("R EN ET ET", bidi.RIGHT, [1, 2, 2, 2]),
        ("AN ET EN", bidi.RIGHT, [2, 2, 2]),
        # W6: what is left of separators and signs is neutral.
        ("AN ET", bidi.LEFT, [2, 0]),
        ("L ES EN", bidi.LEFT, [0, 0, 0]),
        ("R EN CS AN", bidi.RIGHT, [1, 2, 1, 2]),
        # W7: European digits among letters from the left.
        ("L NI EN", bidi.RIGHT, [2, 2, 2]),
        ("R NI EN", bidi.LEFT, [1, 1, 2]),
        # N1: neutrals between two of a side; numbers count as from the right.
        ("L NI L", bidi.RIGHT, [2, 2, 2]),
        ("R NI R", bidi.LEFT, [1, 1, 1]),
        ("R NI AN", bidi.LEFT, [1, 1, 2]),
        ("AN NI AN", bidi.LEFT, [2, 1, 2]),
        ("EN NI R", bidi.RIGHT, [2, 1, 1]),
        # N2: others take the paragraph's.
        ("L NI R", bidi.LEFT, [0, 0, 1]),
        ("R NI L", bidi.RIGHT, [1, 1, 2]),
    ],
)
def test_levels_follow_the_rules(classes: str, base: int, expected: list[int]) -> None:
    text = "".join(_CHARACTERS[each] for each in classes.split())
    assert bidi.levels(text, base=base) == expected


@pytest.mark.parametrize(
    ("text", "base", "displayed"),
    [
        # Section 3.4, reordering; capitals run from the right.
        ("car means CAR.", bidi.LEFT, "car means RAC."),
        ("car MEANS CAR.", bidi.RIGHT, ".RAC SNAEM car"),
        # Rule N0, brackets.
        ("AB(CD[&ef]!)gh", bidi.RIGHT, "gh(![ef&]DC)BA"),
        ("smith (fabrikam ARABIC) HEBREW", bidi.RIGHT, "WERBEH (CIBARA fabrikam) smith"),
        ("ARABIC book(s)", bidi.RIGHT, "book(s) CIBARA"),
        # Names of files.
        ("NAME (2).jpg", bidi.LEFT, "(2) EMAN.jpg"),
        ("NAME (2).jpg", bidi.RIGHT, "jpg.(2) EMAN"),
        ("a/NAME/b", bidi.LEFT, "a/EMAN/b"),
        ("price 5 USD", bidi.LEFT, "price 5 DSU"),
        ("", bidi.LEFT, ""),
    ],
)
def test_lines_are_displayed_as_the_standard_shows(text: str, base: int, displayed: str) -> None:
    assert _displayed(text, base) == displayed


@pytest.mark.parametrize(
    ("text", "level"), [("car CAR", bidi.LEFT), ("CAR car", bidi.RIGHT), ("1! CAR", bidi.RIGHT), ("1 !", bidi.LEFT)]
)
def test_a_paragraph_runs_as_its_first_letter_does(text: str, level: int) -> None:
    assert bidi.base_level(_hebrew(text)) == level


def test_white_space_at_the_end_of_a_line_is_the_paragraph_s() -> None:
    text = _hebrew("ab CD EF")
    levels = bidi.levels(text, base=bidi.LEFT)
    assert levels == [0, 0, 0, 1, 1, 1, 1, 1]
    assert bidi.line_levels(text, levels, start=0, end=6, base=bidi.LEFT) == [0, 0, 0, 1, 1, 0]


def test_brackets_nest_as_deep_as_the_standard_counts() -> None:
    text = _hebrew("A" + "(" * 64 + "b" + ")" * 64)
    assert bidi.levels(text, base=bidi.RIGHT)[1:65] == [1] * 64  # BD16: all of them are given up


def test_brackets_of_either_encoding_are_pairs() -> None:
    assert bidi.levels(_hebrew("A\u2329b\u3009C"), base=bidi.LEFT) == bidi.levels(_hebrew("A<b>C"), base=bidi.LEFT)
    assert (
        bidi.levels(_hebrew("A\u2329B\u3009c"), base=bidi.LEFT)[3] == bidi.levels(_hebrew("A(B)c"), base=bidi.LEFT)[3]
    )


def test_a_mark_on_a_bracket_goes_with_it() -> None:
    plain, marked = _hebrew("a (B) c"), _hebrew("a (B)\u0301 c")
    assert bidi.levels(marked, base=bidi.RIGHT)[5] == bidi.levels(plain, base=bidi.RIGHT)[4]


def test_text_without_letters_from_the_right_needs_no_order() -> None:
    assert bidi.runs_rightwards_only("Grüße, 图片 (2).jpg")
    assert not bidi.runs_rightwards_only("שלום")
    assert not bidi.runs_rightwards_only("٣")  # Arabic digits


@given(text=st.text(st.sampled_from("abאבا12٣-%,.: !()[]\u0301\u200d")), base=st.sampled_from((bidi.LEFT, bidi.RIGHT)))
def test_every_character_stands_on_the_line_once(text: str, base: int) -> None:
    levels = bidi.line_levels(text, bidi.levels(text, base=base), start=0, end=len(text), base=base)
    assert all(base <= level <= base + 2 for level in levels)
    places = [index for start, end, _ in bidi.visual_runs(levels) for index in range(start, end)]
    assert sorted(places) == list(range(len(text)))


@given(text=st.text(st.sampled_from("ab12-%,.: !()[]")))
def test_what_runs_from_the_left_stays_as_it_is(text: str) -> None:
    assert _displayed(text, bidi.LEFT) == text


def _hebrew(text: str) -> str:
    return "".join(_HEBREW.get(each, each) for each in text)


def _displayed(text: str, base: int) -> str:
    """The line as it stands, from left to right, brackets turned round where they are (L4)."""
    written = _hebrew(text)
    levels = bidi.line_levels(written, bidi.levels(written, base=base), start=0, end=len(text), base=base)
    parts = []
    for start, end, level in bidi.visual_runs(levels):
        run = written[start:end]
        parts.append(run[::-1].translate(str.maketrans("()[]", ")(][")) if level % 2 else run)
    return "".join(_LETTERS.get(each, each) for each in "".join(parts))
