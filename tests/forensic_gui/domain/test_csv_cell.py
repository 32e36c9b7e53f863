"""Cells that no spreadsheet runs, and that say what they are."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.csv_cell import csv_cell, csv_row


@pytest.mark.parametrize("first", list("=+-@\t\r\n\0＝＋－＠"))
def test_a_text_that_begins_as_a_formula_gets_an_apostrophe(first: str) -> None:
    cell = csv_cell(first + "cmd|' /C calc'!A0")
    assert cell.startswith("\"'")
    assert csv_cell("a" + first) == csv_cell("a" + first).replace("'", "")


@pytest.mark.parametrize("sign", list("=+-@＝"))
@pytest.mark.parametrize("separator", [";", ",", "; ", ';"', "\t", "\n", "\r\n"])
def test_a_formula_after_a_separator_gets_an_apostrophe(separator: str, sign: str) -> None:
    text = f"x{separator}{sign}HYPERLINK(1);y.jpg"
    (cell,) = next(csv.reader([csv_row([text])]))
    assert cell.count("'") == 1
    assert cell.index("'") < cell.index(sign)
    # As who splits lines at semicolons, with or without regard to quotation marks, gets it.
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        (row,) = csv.reader(io.StringIO(csv_row([1, text]), newline=""), delimiter=";", quoting=quoting)
        assert not [part for part in row if part.lstrip(' "').startswith(sign)]


@pytest.mark.parametrize("text", [" =1", "  -1", '"=1"', "\u00a0@x", " \t+1"])
def test_what_stands_before_the_sign_hides_no_formula(text: str) -> None:
    assert csv_cell(text).startswith("\"'")


@pytest.mark.parametrize("text", ["a-b.jpg", "a = b", "x;y", "one, two", "a@b.example"])
def test_signs_within_a_text_are_left_alone(text: str) -> None:
    assert csv_cell(text) == f'"{text}"'


def test_numbers_are_numbers_and_exact() -> None:
    assert [csv_cell(value) for value in (-1, 0, 0.1, -0.25, None)] == ["-1", "0", "0.1", "-0.25", ""]
    assert csv_cell("-1") == '"\'-1"'


def test_what_cannot_be_seen_is_an_escape() -> None:
    assert csv_cell("a\u202egnp.\x07\nb") == '"a\\u202egnp.\\x07\\nb"'


def test_several_texts_stand_in_one_cell() -> None:
    assert csv_cell(("one", "two")) == '"one; two"'
    assert csv_cell(("=one", "two")) == '"\'=one; two"'
    assert csv_cell(()) == '""'


@given(st.lists(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)), min_size=1))
def test_a_reader_of_csv_gets_one_row_of_as_many_cells_none_of_them_a_formula(values: list[str | int | float]) -> None:
    (row,) = csv.reader(io.StringIO(csv_row(values), newline=""))
    assert len(row) == len(values)
    for cell, value in zip(row, values, strict=True):
        if isinstance(value, str):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0"))
            assert all(character.isprintable() for character in cell)
        else:
            assert type(value)(cell) == value
