"""The catalog as a Qt model. Only rows that are seen are ever asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from forensic_gui.views.core.arranging import Arrangement, Plan, Prepared, Rows
from forensic_gui.views.core.catalog import Catalog
from forensic_gui.views.core.items import CaseEntry, Item, ItemState, Order
from forensic_gui.views.core.wording import marks_of, shown_plainly, told_of
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome

ITEM_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 1

# From here on sorting and filtering take longer than a frame.
_MANY = 3000
T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class CatalogModel(QAbstractListModel):
    """Shows a `Catalog`. Selection and current row stay with their items when rows move."""

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
        self._catalog.replace(prepared)
        self.endResetModel()

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

    def set_states(self, states: Iterable[tuple[int, ItemState]]) -> None:
        """Note what is known of many items at once, each by its id."""
        changed = [item_id for item_id, state in states if self._catalog.set_state(item_id, state)]
        if changed:
            self._repaint()

    def refresh(self, item_id: int) -> None:
        """Paint an item again."""
        index = self.index_of(item_id)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def _show(self, plan: Plan) -> None:
        self._catalog.intend(plan)
        if self._lane is None or len(self._catalog) < _MANY:
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
        """Let rows come, go and move in one step; persistent indexes, and with them the selection, follow."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        item_ids = [self._catalog.shown[index.row()] for index in before]
        result = change()
        self.changePersistentIndexList(before, [self.index_of(item_id) for item_id in item_ids])
        self.layoutChanged.emit()
        return result


def _tool_tip(item: Item) -> str:
    # Qt takes a tool tip for rich text when it looks like it, and a file may be called <img src=…>.
    lines = (shown_plainly(str(item.source)), *map(shown_plainly, told_of(item)))
    return "".join(f"<p style='white-space:pre-wrap'>{escape(line)}</p>" for line in lines)
