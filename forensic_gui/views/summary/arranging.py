"""Which rows of a summary are shown in what order. No Qt; worked out beside the window's thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forensic_gui.domain.summary import SummaryRow
from forensic_gui.views.core.arranging import natural_key
from forensic_gui.views.summary.columns import PLACES, TABLE

# Fewer digits are in nearly every hash: whoever looks for «10» does not mean those.
_PART_OF_HASH = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class Book:
    """All rows of a case, with what searching needs.

    Attributes:
        rows: in the order of adding.
        haystacks: case-folded texts that are searched, in the same order.
        groups: in use, as people sort them.
    """

    rows: tuple[SummaryRow, ...] = ()
    haystacks: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: tuple[SummaryRow, ...]) -> Book:
        """Prepare rows."""
        groups = {row.item.group for row in rows if row.item.group}
        return cls(rows, tuple(map(_haystack, rows)), tuple(sorted(groups, key=lambda each: (natural_key(each), each))))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be shown.

    Attributes:
        text: part of any text of a row, or at least six digits of its hash, in any case of letters; "" for all.
        group: only rows of this group, "" for those that stand in none; None for all.
        column: id of the column that sorts.
        descending: whether the largest comes first.
    """

    text: str = ""
    group: str | None = None
    column: str = "item"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of a wish.

    Attributes:
        rows: in their order.
        places: row number by number within the case.
        of: number of rows that there are.
    """

    rows: tuple[SummaryRow, ...] = ()
    places: Mapping[int, int] = field(default_factory=dict)
    of: int = 0


def arranged(book: Book, wish: Wish) -> Shown:
    """Filter and sort; rows of which nothing is known in the sorting column come last, equal ones stay in order."""
    needle = wish.text.strip().casefold()
    is_hash = _PART_OF_HASH.fullmatch(needle) is not None
    rows = [
        row
        for row, haystack in zip(book.rows, book.haystacks, strict=True)
        if (needle in haystack or (is_hash and needle in row.item.sha256))
        and (wish.group is None or row.item.group == wish.group)
    ]
    key = TABLE[PLACES[wish.column]].key
    keyed = [(key(row), row) for row in rows]
    known = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=wish.descending)  # type: ignore[arg-type, return-value]
    in_order = tuple([row for _, row in known] + [row for value, row in keyed if value is None])
    return Shown(in_order, {row.item.id: place for place, row in enumerate(in_order)}, len(book.rows))


def _haystack(row: SummaryRow) -> str:
    # A search must not find where one text ends and the next begins.
    texts = (
        row.item.name,
        row.item.source,
        row.item.group,
        *row.item.tags,
        row.mark,
        row.item.unreadable,
        row.activity.weights_id,
        row.activity.format,
        *row.activity.remarks,
    )
    return "\n".join(texts).casefold()
