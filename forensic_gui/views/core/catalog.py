"""The list of opened evidence: what is known of each item, and which are shown in what order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class NotAnalyzed:
    """Nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Queued for analysis."""


@dataclass(frozen=True, slots=True)
class Analyzing:
    """Being read or analyzed now."""


@dataclass(frozen=True, slots=True)
class Analyzed:
    """What the localizer said, in short.

    Attributes:
        share_over_threshold: share of evidence pixels over the weights' threshold, in [0, 1].
        highest_score: highest model score, in [0, 1].
        threshold: the weights' threshold.
    """

    share_over_threshold: float
    highest_score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class CouldNot:
    """It could not be read or analyzed.

    Attributes:
        reason: one sentence.
    """

    reason: str


ItemState: TypeAlias = NotAnalyzed | Waiting | Analyzing | Analyzed | CouldNot


class Order(StrEnum):
    """How the list is sorted."""

    NAME = "name"
    SHARE = "share"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Item:
    """One opened evidence file.

    Attributes:
        id: number within this session, from 0, in the order of opening.
        path: where it is.
        state: what is known of it.
        sha256: hash of its bytes when it was last read; None before.
    """

    id: int
    path: Path
    state: ItemState = NotAnalyzed()
    sha256: str | None = None

    @property
    def name(self) -> str:
        """File name, as shown."""
        return self.path.name


class Catalog:
    """All items, and the order in which the ones that pass the filter are shown.

    Nothing is sorted while results come in, so that rows do not move under the analyst's hand; `arrange` does it.
    """

    def __init__(self) -> None:
        self._items: dict[int, Item] = {}
        self._name_keys: dict[int, tuple[tuple[str | int, ...], str]] = {}
        self._haystacks: dict[int, str] = {}
        self._known: dict[Path, int] = {}
        self._next_id = 0
        self._shown: list[int] = []
        self._rows: dict[int, int] = {}
        self._order = Order.NAME
        self._needle = ""

    def __len__(self) -> int:
        return len(self._items)

    @property
    def items(self) -> Sequence[Item]:
        """Every item, in the order of opening."""
        return list(self._items.values())

    @property
    def shown(self) -> Sequence[int]:
        """Ids of the items shown, in their order."""
        return self._shown

    @property
    def order(self) -> Order:
        """How the list is sorted."""
        return self._order

    @property
    def filter_text(self) -> str:
        """What a path must contain to be shown, in any case of letters; "" shows all."""
        return self._needle

    def item(self, item_id: int) -> Item | None:
        """The item, or None when it was removed."""
        return self._items.get(item_id)

    def id_of(self, path: Path) -> int | None:
        """Id of the item at `path`, or None."""
        return self._known.get(path)

    def row_of(self, item_id: int) -> int | None:
        """Row in which the item is shown, or None."""
        return self._rows.get(item_id)

    def add(self, paths: Iterable[Path]) -> list[int]:
        """Add files that are not in the list yet, and arrange it; ids of the new ones."""
        added = []
        for path in paths:
            if path in self._known:
                continue
            item = Item(self._next_id, path)
            self._next_id += 1
            self._items[item.id] = item
            self._known[path] = item.id
            self._name_keys[item.id] = (natural_key(item.name), str(path))
            self._haystacks[item.id] = str(path).casefold()
            added.append(item.id)
        self.arrange()
        return added

    def remove(self, item_ids: Iterable[int]) -> None:
        """Take items off the list; the files are left alone."""
        for item_id in item_ids:
            item = self._items.pop(item_id, None)
            if item is not None:
                del self._known[item.path], self._name_keys[item_id], self._haystacks[item_id]
        self.arrange()

    def set_state(self, item_id: int, state: ItemState, *, sha256: str | None = None) -> bool:
        """Note what is known of an item; whether that changed anything."""
        item = self._items.get(item_id)
        if item is None:
            return False
        changed = Item(item.id, item.path, state, sha256 or item.sha256)
        self._items[item_id] = changed
        return changed != item

    def sort_by(self, order: Order) -> None:
        """Sort by `order`."""
        self._order = order
        self.arrange()

    def filter_by(self, text: str) -> None:
        """Show items whose path contains `text`, in any case of letters."""
        self._needle = text.strip().casefold()
        self.arrange()

    def arrange(self) -> None:
        """Filter and sort by what is known now."""
        shown = [item_id for item_id in self._items if self._needle in self._haystacks[item_id]]
        if self._order is Order.NAME:
            shown.sort(key=self._name_keys.__getitem__)
        elif self._order is Order.SHARE:
            shown.sort(key=self._share_key)
        self._shown = shown
        self._rows = {item_id: row for row, item_id in enumerate(shown)}

    def neighbour(self, item_id: int | None, step: int) -> int | None:
        """Id of the item `step` rows further, the first or last one at the ends; None when nothing is shown."""
        if not self._shown:
            return None
        row = None if item_id is None else self._rows.get(item_id)
        if row is None:
            return self._shown[0 if step > 0 else -1]
        return self._shown[min(max(row + step, 0), len(self._shown) - 1)]

    def _share_key(self, item_id: int) -> tuple[bool, float, float, tuple[tuple[str | int, ...], str]]:
        state = self._items[item_id].state
        name = self._name_keys[item_id]
        if isinstance(state, Analyzed):
            return (False, -state.share_over_threshold, -state.highest_score, name)
        return (True, 0.0, 0.0, name)


def natural_key(name: str) -> tuple[str | int, ...]:
    """Sorting key that puts IMG_9 before IMG_10. Texts and numbers alternate, a text first."""
    parts = _DIGITS.split(name.casefold())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts))
