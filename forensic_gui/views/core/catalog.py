"""The list of opened evidence: what is known of each item, and which are shown in what order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from forensic_gui.views.core.arranging import Arrangement, Plan, Prepared, Rows
from forensic_gui.views.core.items import NOT_ANALYZED, Analyzed, CaseEntry, Item, ItemState, NotAnalyzed, Order
from forensic_gui.views.core.states import Found, States


class Catalog:
    """All items, and the order in which the ones that pass the filter are shown.

    Nothing is sorted while results come in, so that rows do not move under the analyst's hand; `arrange` does it.
    """

    def __init__(self) -> None:
        self._states = States()
        self._plan = Plan(Rows(), states=self._states)
        self._arrangement = Arrangement()
        self._known: dict[Path, int] = {}
        self._by_entry: dict[int, int] = {}
        self._next_id = 0

    def __len__(self) -> int:
        return len(self._plan.rows.items)

    @property
    def items(self) -> Sequence[Item]:
        """Every item as it was listed, in the order of opening."""
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
        """The item with what is known of it now, or None when it was removed."""
        item = self._plan.rows.items.get(item_id)
        if item is None:
            return None
        state = self._states.of(item)
        return item if state is item.state else replace(item, state=state)

    def listed(self, item_ids: Iterable[int]) -> list[Item]:
        """Items as they were listed, quickly also for many; those that were removed are left out."""
        items = self._plan.rows.items
        return [items[item_id] for item_id in item_ids if item_id in items]

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

    def replace(self, prepared: Prepared) -> Prepared:
        """Show prepared items, whose ids are new, in the place of all there were; nobody else may keep them.

        Returns:
            What was there: to throw away many items takes longer than a frame.
        """
        before = Prepared(self._plan, self._known, self._by_entry, self._arrangement)
        self._plan, self._arrangement = replace(prepared.plan, states=self._states), prepared.arrangement
        self._known, self._by_entry = prepared.known, prepared.by_entry
        self._next_id = max(self._next_id, next(reversed(prepared.plan.rows.items), -1) + 1)
        return before

    def remove(self, item_ids: Iterable[int]) -> None:
        """Take items off the list; the files are left alone."""
        gone = [item for item in map(self.item, dict.fromkeys(item_ids)) if item is not None]
        for item in gone:
            del self._known[item.path]
        self._plan = replace(self._plan, rows=self._plan.rows.without(item.id for item in gone))
        self.arrange()

    def set_state(self, item_id: int, state: ItemState, *, sha256: str | None = None) -> bool:
        """Note what is known of an item; whether that changed anything."""
        before = self.item(item_id)
        if before is None:
            return False
        self._states.tell(item_id, state)
        item = self._plan.rows.items[item_id]
        # That it could not be read when it was listed is no longer what is known.
        listed = NOT_ANALYZED if isinstance(state, Analyzed | NotAnalyzed) else item.state
        self._plan.rows.change(replace(item, state=listed, sha256=sha256 or item.sha256))
        return self.item(item_id) != before

    def queue(self, item_ids: Collection[int]) -> None:
        """Items wait for their analysis."""
        self._states.queue(item_ids)

    def release(self, item_ids: Collection[int]) -> None:
        """Items wait no longer, and none of them is being analyzed."""
        self._states.release(item_ids)

    def look_up(self, found: Found) -> None:
        """Weights or views have changed: results are found by `found` from now on."""
        self._states.look_up(found)

    def set_entries(self, entries: Iterable[CaseEntry]) -> list[int]:
        """Note what the case says of items now; ids of those of which it says something else."""
        changed = []
        for entry in entries:
            item = self._plan.rows.items.get(self._by_entry.get(entry.id, -1))
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
