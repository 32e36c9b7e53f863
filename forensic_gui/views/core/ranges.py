"""Rows that follow each other, taken together. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence


def ranges_of(shown: Sequence[int], chosen: Collection[int]) -> Iterator[tuple[int, int]]:
    """Ranges of rows, each by its first and its last one, in which items stand that were chosen.

    Args:
        shown: ids of the items shown, in their order.
        chosen: ids, quickly looked up; not all of them need be shown.
    """
    rows = [row for row, item_id in enumerate(shown) if item_id in chosen] if chosen else []
    top = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1:
            yield rows[top], rows[at - 1]
            top = at
