"""The catalog as a Qt model. Only rows that are seen are ever asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QImage

from forensic_gui.views.core.arranging import Arrangement, Plan, Prepared, Rows, Search
from forensic_gui.views.core.catalog import Catalog
from forensic_gui.views.core.items import CaseEntry, Item, ItemState, Order
from forensic_gui.views.core.states import Found
from forensic_gui.views.core.wording import marks_of, shown_plainly, told_of
from forensic_gui.workers.gentle import empty_gently
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome

ITEM_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 1

# From here on sorting and filtering take longer than a frame.
_MANY = 3000
T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class CatalogModel(QAbstractListModel):
    """Shows a `Catalog`. Persistent indexes stay with their items when rows move."""

    rows_will_move = Signal()
    """Rows are about to come, go and move; asked for are still the old ones."""
    rows_moved = Signal()
    """They did."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = Catalog()
        self._thumbnail_of: Callable[[Item], QImage | None] = lambda _: None
        self._lane: Lane | None = None

    @property
    def catalog(self) -> Catalog:
        """What is shown; to be read only, changes go through the model."""
        return self._catalog

    def arrange_on(self, lane: Lane) -> None:
        """Sort and filter long lists on a lane of their own; what is shown follows when that is done."""
        self._lane = lane

    def set_thumbnails(self, thumbnail_of: Callable[[Item], QImage | None]) -> None:
        """Take thumbnails from `thumbnail_of`, which answers at once and None when there is none yet."""
        self._thumbnail_of = thumbnail_of

    def rowCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Number of items shown."""
        return 0 if parent.isValid() else len(self._catalog.shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a row tells in each role."""
        item = self.item_at(index)
        if item is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown_plainly(item.name)
            case Qt.ItemDataRole.ToolTipRole:
                return _tool_tip(item)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{shown_plainly(item.name)}: {shown_plainly(', '.join(marks_of(item)))}"
            case _:
                return self._own_role(item, role)

    def item_at(self, index: _Index) -> Item | None:
        """The item in a row, or None for no row."""
        if not index.isValid() or not 0 <= index.row() < len(self._catalog.shown):
            return None
        return self._catalog.item(self._catalog.shown[index.row()])

    def index_of(self, item_id: int) -> QModelIndex:
        """The row of an item; invalid when it is not shown."""
        row = self._catalog.row_of(item_id)
        return QModelIndex() if row is None else self.index(row, 0)

    def add(self, paths: Iterable[Path]) -> list[int]:
        """Add files that are not listed yet; ids of the new ones."""
        return self._rearranged(lambda: self._catalog.add(paths))

    def replace(self, prepared: Prepared) -> None:
        """Show prepared items in the place of all there were."""
        self.beginResetModel()
        before = self._catalog.replace(prepared)
        self.endResetModel()
        if self._lane is not None and len(before.known) >= _MANY:
            self._lane.submit(lambda _: _empty(before), receive=_raise_failure)

    def take_in(self, rows: Rows) -> None:
        """Add prepared items."""
        self._catalog.take_in(rows)
        self._show(self._catalog.plan)

    def remove(self, item_ids: Iterable[int]) -> None:
        """Take items off the list."""
        self._rearranged(lambda: self._catalog.remove(item_ids))

    def sort_by(self, order: Order) -> None:
        """Sort by `order`."""
        self._show(replace(self._catalog.plan, order=order))

    def filter_by(self, text: str) -> None:
        """Show items of which a text contains `text`."""
        self._show(self._catalog.plan.filtered(text))

    def search_with(self, search: Search) -> None:
        """Let the filter find also what `search` finds; it is called on the lane."""
        self._catalog.intend(replace(self._catalog.plan, search=search))

    def show_group(self, group: str | None) -> None:
        """Show only the items of a group; None shows all, "" those that stand in none."""
        self._show(replace(self._catalog.plan, group=group))

    def set_entries(self, entries: Iterable[CaseEntry]) -> None:
        """Note what the case says of items now."""
        changed = self._catalog.set_entries(entries)
        if len(changed) == 1:
            self.refresh(changed[0])
        elif changed:
            self._repaint()

    def set_state(self, item_id: int, state: ItemState, *, sha256: str | None = None) -> None:
        """Note what is known of an item."""
        if self._catalog.set_state(item_id, state, sha256=sha256):
            self.refresh(item_id)

    def queue(self, item_ids: Collection[int]) -> None:
        """Items wait for their analysis."""
        self._catalog.queue(item_ids)
        self._repaint()

    def release(self, item_ids: Collection[int]) -> None:
        """Items wait no longer, and none of them is being analyzed."""
        self._catalog.release(item_ids)
        self._repaint()

    def look_up(self, found: Found) -> None:
        """Weights or views have changed: results are found by `found` from now on."""
        self._catalog.look_up(found)
        self._repaint()

    def refresh(self, item_id: int) -> None:
        """Paint an item again."""
        index = self.index_of(item_id)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def _show(self, plan: Plan) -> None:
        self._catalog.intend(plan)
        is_slow = len(self._catalog) >= _MANY or bool(plan.needle and plan.search)
        if self._lane is None or not is_slow:
            self._rearranged(self._catalog.arrange)
            return

        def receive(outcome: Outcome[Arrangement]) -> None:
            match outcome:
                # Whatever has changed the plan since has arranged the list itself, or has asked for it.
                case Done(value=arrangement) if self._catalog.plan is plan:
                    self._rearranged(lambda: self._catalog.adopt(arrangement))
                case Failed(error=error):
                    raise error

        self._lane.submit(lambda _: plan.arranged(), receive=receive, key="arrangement")

    def _repaint(self) -> None:
        if self._catalog.shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._catalog.shown) - 1, 0))

    def _own_role(self, item: Item, role: int) -> Any:
        if role == ITEM_ROLE:
            return item
        return self._thumbnail_of(item) if role == THUMBNAIL_ROLE else None

    def _rearranged(self, change: Callable[[], T]) -> T:
        """Let rows come, go and move in one step; persistent indexes follow."""
        self.rows_will_move.emit()
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        item_ids = [self._catalog.shown[index.row()] for index in before]
        result = change()
        self.changePersistentIndexList(before, [self.index_of(item_id) for item_id in item_ids])
        self.layoutChanged.emit()
        self.rows_moved.emit()
        return result


def _empty(prepared: Prepared) -> None:
    rows = prepared.plan.rows
    empty_gently(rows.items, rows.name_keys, rows.haystacks, prepared.known, prepared.by_entry)


def _raise_failure(outcome: Outcome[None]) -> None:
    if isinstance(outcome, Failed):
        raise outcome.error


def _tool_tip(item: Item) -> str:
    # Qt takes a tool tip for rich text when it looks like it, and a file may be called <img src=…>.
    lines = (shown_plainly(str(item.source)), *map(shown_plainly, told_of(item)))
    return "".join(f"<p style='white-space:pre-wrap'>{escape(line)}</p>" for line in lines)
