"""Which items are shown in what order, worked out apart from the list that shows them: it may take a while for many."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from forensic_gui.views.core.items import Analyzed, Item, Order
from forensic_gui.views.core.states import States

Search: TypeAlias = Callable[[str], Collection[int]]
"""Ids of the items that a text is found in beyond what their rows hold; it may touch the disk."""

NameKey: TypeAlias = tuple[tuple[str | int, ...], str]
_DIGITS = re.compile(r"(\d+)")
_FEW_AMONG_MANY = 20


@dataclass(slots=True)
class Rows:
    """Items with what sorting and searching need: slow to make for many, so made beside the window's thread.

    Attributes:
        items: by id, in the order of opening.
        name_keys: sorting keys of their names.
        haystacks: case-folded texts that are searched.
        by_name: ids sorted by name.
    """

    items: dict[int, Item] = field(default_factory=dict)
    name_keys: dict[int, NameKey] = field(default_factory=dict)
    haystacks: dict[int, str] = field(default_factory=dict)
    by_name: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Rows:
        """Prepare items."""
        rows = cls()
        for item in items:
            rows._put(item)
        rows.by_name = sorted(rows.items, key=rows.name_keys.__getitem__)
        return rows

    def merge(self, other: Rows) -> None:
        """Take in items of other rows, none of which are here yet."""
        self.items.update(other.items)
        self.name_keys.update(other.name_keys)
        self.haystacks.update(other.haystacks)
        key = self.name_keys.__getitem__
        if len(other.by_name) * _FEW_AMONG_MANY < len(self.by_name):
            by_name = list(self.by_name)
            for item_id in other.by_name:
                bisect.insort(by_name, item_id, key=key)
            self.by_name = by_name
        else:
            self.by_name = sorted(self.by_name + other.by_name, key=key)

    def without(self, item_ids: Iterable[int]) -> Rows:
        """The rows that are left when some go; these stay whole for whoever still sorts them."""
        gone = set(item_ids)
        kept = [item_id for item_id in self.items if item_id not in gone]
        return Rows(
            items={item_id: self.items[item_id] for item_id in kept},
            name_keys={item_id: self.name_keys[item_id] for item_id in kept},
            haystacks={item_id: self.haystacks[item_id] for item_id in kept},
            by_name=[item_id for item_id in self.by_name if item_id not in gone],
        )

    def change(self, item: Item) -> None:
        """Take an item that is here already in its new form; its name is the same."""
        before = self.items[item.id]
        self.items[item.id] = item
        if before.entry is not item.entry:
            self.haystacks[item.id] = _haystack(item)

    def _put(self, item: Item) -> None:
        self.items[item.id] = item
        self.name_keys[item.id] = (natural_key(item.name), str(item.path))
        self.haystacks[item.id] = _haystack(item)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The items shown.

    Attributes:
        shown: their ids, in their order.
        row_numbers: row of each.
    """

    shown: Sequence[int] = ()
    row_numbers: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be shown of some rows, and how sorted. Another thread may carry it out while states change.

    Attributes:
        rows: all items.
        order: how they are sorted.
        needle: case-folded text that an item's texts must contain; "" for all.
        group: group of which items are shown; None for all, "" for those that stand in none.
        states: what is known of the items.
        search: searches where rows do not reach, as the notes of a case; None where there is nothing more.
    """

    rows: Rows
    order: Order = Order.NAME
    needle: str = ""
    group: str | None = None
    states: States = field(default_factory=States)
    search: Search | None = None

    def filtered(self, text: str) -> Plan:
        """The same, of items of which a text contains `text`, in any case of letters."""
        return replace(self, needle=text.strip().casefold())

    def arranged(self) -> Arrangement:
        """Filter and sort by what is known now."""
        items, haystacks = self.rows.items, self.rows.haystacks
        shown = list(items) if self.order is Order.ADDED else list(self.rows.by_name)
        if self.group is not None:
            shown = [item_id for item_id in shown if _group_of(items[item_id]) == self.group]
        if self.needle:
            needle = self.needle
            found = frozenset(() if self.search is None else self.search(needle))
            shown = [item_id for item_id in shown if needle in haystacks[item_id] or item_id in found]
        # Sorting keeps the order of names among equals.
        if self.order is Order.SHARE:
            shown = _sorted_by_share(shown, items, self.states)
        elif self.order is Order.GROUP:
            shown = _sorted_by_group(shown, items)
        return Arrangement(shown, dict(zip(shown, range(len(shown)), strict=True)))


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows with everything a list needs of them at once.

    Attributes:
        plan: the rows, and how they are shown at first.
        known: ids by path.
        by_entry: ids by number within the case.
        arrangement: of the plan.
    """

    plan: Plan
    known: dict[Path, int]
    by_entry: dict[int, int]
    arrangement: Arrangement

    @classmethod
    def of(cls, plan: Plan) -> Prepared:
        """Prepare what a plan shows."""
        items = plan.rows.items.values()
        return cls(
            plan,
            known={item.path: item.id for item in items},
            by_entry={item.entry.id: item.id for item in items if item.entry is not None},
            arrangement=plan.arranged(),
        )


def natural_key(name: str) -> tuple[str | int, ...]:
    """Sorting key that puts IMG_9 before IMG_10. Texts and numbers alternate, a text first."""
    parts = _DIGITS.split(name.casefold())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))


def _group_of(item: Item) -> str:
    return "" if item.entry is None else item.entry.group


def _haystack(item: Item) -> str:
    if item.entry is None:
        return str(item.path).casefold()
    entry = item.entry
    # A search must not find where one text ends and the next begins.
    return "\n".join((entry.name, entry.source, entry.group, *entry.tags, item.sha256 or "")).casefold()


def _sorted_by_share(item_ids: Sequence[int], items: Mapping[int, Item], states: States) -> list[int]:
    """The largest share first, then the highest score; those without a result last."""
    keys: dict[int, tuple[float, float]] = {}
    without = []
    for item_id in item_ids:
        state = states.of(items[item_id])
        if isinstance(state, Analyzed):
            keys[item_id] = (-state.share_over_threshold, -state.highest_score)
        else:
            without.append(item_id)
    return sorted(keys, key=keys.__getitem__) + without


def _sorted_by_group(item_ids: Sequence[int], items: Mapping[int, Item]) -> list[int]:
    """Groups as people sort them; those without one last."""
    members: dict[str, list[int]] = {}
    for item_id in item_ids:
        members.setdefault(_group_of(items[item_id]), []).append(item_id)
    groups = sorted(members, key=lambda group: (not group, natural_key(group), group))
    return [item_id for group in groups for item_id in members[group]]
