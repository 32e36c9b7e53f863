"""Cells of a CSV file (RFC 4180) that no spreadsheet takes for a formula."""

from __future__ import annotations

import re
from collections.abc import Sequence

from forensic_gui.domain.plain_text import plain_line

BYTE_ORDER_MARK = "\ufeff"
"""Before the first row: spreadsheets take UTF-8 without it for something else."""

# A formula begins with one of these, after spaces and quotation marks too, wherever a reader may take a cell to begin:
# that of another separator parts a text at it. The full-width signs mean the same to spreadsheets of East Asian
# languages.
_BEGINS_FORMULA = re.compile(r"""(^|\r\n|[;,\t\r\n])(?=[\s"']*[=+@＝＋－＠-])""")
# Whatever follows, some spreadsheets look past these.
_LOOKED_PAST = frozenset("\t\r\n\0")

Value = str | int | float | bool | Sequence[str] | None


def csv_cell(value: Value) -> str:
    """A cell.

    Texts are quoted. Where one begins as a formula does, or does so after a separator that a program may split lines
    at, an apostrophe is put in. What cannot be seen, or turns the writing round, is an escape. Numbers are as Python
    writes them, exact; None is an empty cell; several texts are parted by "; ".
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
    guarded = _BEGINS_FORMULA.sub(r"\1'", text)
    return plain_line("'" + text if guarded == text and text[:1] in _LOOKED_PAST and text else guarded)


def csv_row(values: Sequence[Value]) -> str:
    """A row with its line's end."""
    return ",".join(map(csv_cell, values)) + "\r\n"
