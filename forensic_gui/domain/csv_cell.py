"""Cells of a CSV file (RFC 4180) that no spreadsheet takes for a formula."""

from __future__ import annotations

from collections.abc import Sequence

from forensic_gui.domain.plain_text import plain_line

BYTE_ORDER_MARK = "\ufeff"
"""Before the first row: spreadsheets take UTF-8 without it for something else."""

# The full-width signs mean the same to spreadsheets of East Asian languages.
_BEGINS_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")

Value = str | int | float | bool | Sequence[str] | None


def csv_cell(value: Value) -> str:
    """A cell.

    Texts are quoted, whatever separator a program may choose to split lines at; one that begins as a formula does gets
    an apostrophe before it. What cannot be seen, or turns the writing round, is an escape. Numbers are as Python writes
    them, exact; None is an empty cell; several texts are parted by "; ".
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else "; ".join(value)
    return '"' + safe_text(text).replace('"', '""') + '"'


def safe_text(text: str) -> str:
    """A text as a cell holds it, without its quotes."""
    return ("'" if text[:1] in _BEGINS_FORMULA and text else "") + plain_line(text)


def csv_row(values: Sequence[Value]) -> str:
    """A row with its line's end."""
    return ",".join(map(csv_cell, values)) + "\r\n"
