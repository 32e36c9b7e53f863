"""Tables as pieces of pages: their heads repeat, their rows are parted only where they are very long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.report.document import Table
from forensic_gui.report.pdf import style as look
from forensic_gui.report.pdf.blocks import stays
from forensic_gui.report.pdf.flow import Piece, space, text_at
from forensic_gui.report.pdf.lettering import Lettering, Line
from forensic_gui.report.pdf.page import Page
from forensic_gui.report.pdf.style import LEFT, RIGHT, WIDTH, Style

_PADDING = 4.0  # beside cells
_AIR = 2.5  # above and under rows
_ROWS_TOGETHER = 6  # of a short table, which is not parted
_ROUNDING = 1e-6  # of sums of widths
_Cells = Sequence[tuple[Line, ...]]


def table(block: Table, letters: Lettering) -> Iterator[Piece]:
    """Pieces of a table: caption, head, and the lines of its rows."""
    widths = _widths(block, letters)
    lefts = list(accumulate(widths, initial=LEFT))[:-1]
    styles = [look.CELL_MONO if column in block.mono else look.CELL for column in range(len(widths))]
    head = _head(
        [_cell(letters, text, look.CELL_HEAD, width) for text, width in zip(block.header, widths, strict=True)], lefts
    )
    before = 8.0
    if block.caption:
        yield from _caption(block.caption, letters)
        before = 2.0
    yield Piece(head.height, head.paint, before, stays=bool(block.rows))
    is_short = len(block.rows) <= _ROWS_TOGETHER
    for number, row in enumerate(block.rows, start=1):
        cells = [_cell(letters, *each) for each in zip(row, styles, widths, strict=True)]
        yield from _row(cells, lefts, head, stays_with_next=is_short and number < len(block.rows))
    yield space(4.0)


def _widths(block: Table, letters: Lettering) -> list[float]:
    """Of the columns: their shares, but none narrower than a word of its head, which would be broken."""
    narrowest = [
        max((letters.line(word, look.CELL_HEAD).width for word in plain_line(text).split()), default=0.0) + 2 * _PADDING
        for text in block.header
    ]
    narrow: set[int] = set()
    while True:
        room = WIDTH - sum(narrowest[column] for column in narrow)
        shares = sum(share for column, share in enumerate(block.widths) if column not in narrow)
        if room <= 0.0 or shares <= 0.0:  # heads that fit in no way are broken where they must be
            return [WIDTH * share / sum(block.widths) for share in block.widths]
        widths = [
            narrowest[column] if column in narrow else room * share / shares
            for column, share in enumerate(block.widths)
        ]
        found = {column for column, width in enumerate(widths) if width < narrowest[column] - _ROUNDING}
        if not found:
            return widths
        narrow |= found


def _caption(caption: str, letters: Lettering) -> Iterator[Piece]:
    for index, line in enumerate(letters.lines(plain_line(caption), look.TABLE_CAPTION, WIDTH)):
        yield Piece(
            look.TABLE_CAPTION.leading,
            text_at(line, LEFT),
            before=10.0 if index == 0 else 0.0,
            stays=True,
        )


def _cell(letters: Lettering, text: str, style: Style, width: float) -> tuple[Line, ...]:
    return letters.lines(plain_line(text), style, width - 2 * _PADDING)


def _head(cells: _Cells, lefts: Sequence[float]) -> Piece:
    height = max(map(len, cells), default=1) * look.CELL_HEAD.leading + 2 * _AIR

    def paint(page: Page, top: float) -> None:
        page.drawing.box(LEFT, top, WIDTH, height, look.SHADE)
        page.drawing.rule(LEFT, RIGHT, top + height, look.ACCENT, width=0.75)
        for left, lines in zip(lefts, cells, strict=True):
            for index, line in enumerate(lines):
                page.drawing.text(line, left + _PADDING, top + _AIR + index * look.CELL_HEAD.leading)

    return Piece(height, paint)


def _row(cells: _Cells, lefts: Sequence[float], head: Piece, *, stays_with_next: bool) -> Iterator[Piece]:
    count = max(map(len, cells), default=1)
    for index in range(count):
        above, under = _AIR * (index == 0), _AIR * (index == count - 1)
        height = look.CELL.leading + above + under
        present = [(left, lines[index]) for left, lines in zip(lefts, cells, strict=True) if index < len(lines)]

        def paint(
            page: Page,
            top: float,
            present: Sequence[tuple[float, Line]] = tuple(present),
            above: float = above,
            end: float | None = height if index == count - 1 else None,
        ) -> None:
            for left, line in present:
                page.drawing.text(line, left + _PADDING, top + above)
            if end is not None:
                page.drawing.rule(LEFT, RIGHT, top + end, look.RULE)

        yield Piece(height, paint, stays=stays(index, count) or (stays_with_next and index == count - 1), head=head)
