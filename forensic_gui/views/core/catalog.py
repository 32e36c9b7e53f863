"""The list of opened evidence: what is known of each item, and which are shown in what order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from forensic_gui.views.core.arranging import Arrangement, Plan, Prepared, Rows
from forensic_gui.views.core.items import CaseEntry, Item, ItemState, Order


class Catalog:
    """All items, and the order in which the ones that pass the filter are shown.

    Nothing is sorted while results come in, so that rows do not move under the analyst's hand; `arrange` does it.
    """

    def __init__(self) -> None:
        self._plan = Plan(Rows())
        self._arrangement = Arrangement()
        self._known: dict[Path, int] = {}
        self._by_entry: dict[int, int] = {}
        self._next_id = 0

    def __len__(self) -> int:
        return len(self._plan.rows.items)

    @property
    def items(self) -> Sequence[Item]:
        """Every item, in the order of opening."""
        return list(self._plan.rows.items.values())

    @property
    def shown(self) -> Sequence[int]:
        """Ids of the items shown, in their order."""
        return self._arrangement.shown

    @property
    def plan(self) -> Plan:
        """What is to be shown; `adopt` takes what came of it."""
        return self._plan

    @property
    def order(self) -> Order:
        """How the list is sorted."""
        return self._plan.order

    @property
    def filter_text(self) -> str:
        """What an item's texts must contain for it to be shown, in any case of letters; "" shows all."""
        return self._plan.needle

    @property
    def group(self) -> str | None:
        """The group of which items are shown; None shows all, "" those that stand in none."""
        return self._plan.group

    @property
    def next_id(self) -> int:
        """Smallest id that no item has had."""
        return self._next_id

    def item(self, item_id: int) -> Item | None:
        """The item, or None when it was removed."""
        return self._plan.rows.items.get(item_id)

    def id_of(self, path: Path) -> int | None:
        """Id of the item at `path`, or None."""
        return self._known.get(path)

    def id_of_entry(self, entry_id: int) -> int | None:
        """Id of the item with this number within the case, or None."""
        return self._by_entry.get(entry_id)

    def row_of(self, item_id: int) -> int | None:
        """Row in which the item is shown, or None."""
        return self._arrangement.row_numbers.get(item_id)

    def add(self, paths: Iterable[Path]) -> list[int]:
        """Add files that are not in the list yet, and arrange it; ids of the new ones."""
        new = [path for path in dict.fromkeys(paths) if path not in self._known]
        items = [Item(item_id, path) for item_id, path in enumerate(new, start=self._next_id)]
        self.take_in(Rows.of(items))
        self.arrange()
        return [item.id for item in items]

    def take_in(self, rows: Rows) -> None:
        """Add prepared items, whose ids are new; `arrange` or `adopt` shows them."""
        for item in rows.items.values():
            self._known[item.path] = item.id
            if item.entry is not None:
                self._by_entry[item.entry.id] = item.id
        self._next_id = max(self._next_id, max(rows.items, default=-1) + 1)
        self._plan.rows.merge(rows)
        # What is still being worked out of the plan before knows nothing of these.
        self._plan = replace(self._plan)

    def replace(self, prepared: Prepared) -> None:
        """Show prepared items, whose ids are new, in the place of all there were; nobody else may keep them."""
        self._plan, self._arrangement = prepared.plan, prepared.arrangement
        self._known, self._by_entry = prepared.known, prepared.by_entry
        self._next_id = max(self._next_id, next(reversed(prepared.plan.rows.items), -1) + 1)

    def remove(self, item_ids: Iterable[int]) -> None:
        """Take items off the list; the files are left alone."""
        gone = [item for item in map(self.item, dict.fromkeys(item_ids)) if item is not None]
        for item in gone:
            del self._known[item.path]
        self._plan = replace(self._plan, rows=self._plan.rows.without(item.id for item in gone))
        self.arrange()

    def set_state(self, item_id: int, state: ItemState, *, sha256: str | None = None) -> bool:
        """Note what is known of an item; whether that changed anything."""
        item = self.item(item_id)
        if item is None:
            return False
        if (item.state is state or item.state == state) and (sha256 is None or sha256 == item.sha256):
            return False
        self._plan.rows.change(replace(item, state=state, sha256=sha256 or item.sha256))
        return True

    def set_entries(self, entries: Iterable[CaseEntry]) -> list[int]:
        """Note what the case says of items now; ids of those of which it says something else."""
        changed = []
        for entry in entries:
            item = self.item(self._by_entry.get(entry.id, -1))
            if item is not None and item.entry != entry:
                self._plan.rows.change(replace(item, entry=entry))
                changed.append(item.id)
        return changed

    def intend(self, plan: Plan) -> None:
        """Choose how the list is to be shown, and leave it as it is until `arrange` or `adopt`."""
        self._plan = plan

    def sort_by(self, order: Order) -> None:
        """Sort by `order`."""
        self.intend(replace(self._plan, order=order))
        self.arrange()

    def filter_by(self, text: str) -> None:
        """Show items of which a text contains `text`, in any case of letters."""
        self.intend(self._plan.filtered(text))
        self.arrange()

    def show_group(self, group: str | None) -> None:
        """Show only the items of a group; None shows all, "" those that stand in none."""
        self.intend(replace(self._plan, group=group))
        self.arrange()

    def arrange(self) -> None:
        """Filter and sort by what is known now."""
        self._arrangement = self._plan.arranged()

    def adopt(self, arrangement: Arrangement) -> None:
        """Show what came of the plan."""
        self._arrangement = arrangement

    def neighbour(self, item_id: int | None, step: int) -> int | None:
        """Id of the item `step` rows further, the first or last one at the ends; None when nothing is shown."""
        shown = self.shown
        if not shown:
            return None
        row = None if item_id is None else self.row_of(item_id)
        if row is None:
            return shown[0 if step > 0 else -1]
        return shown[min(max(row + step, 0), len(shown) - 1)]
