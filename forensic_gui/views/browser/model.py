"""The catalog as a Qt model. Only rows that are seen are ever asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from forensic_gui.views.core.catalog import Catalog, Item, ItemState, Order
from forensic_gui.views.core.wording import shown_plainly, state_explained, state_text

ITEM_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 1

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class CatalogModel(QAbstractListModel):
    """Shows a `Catalog`. Selection and current row stay with their items when rows move."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = Catalog()
        self._thumbnail_of: Callable[[Item], QImage | None] = lambda _: None

    @property
    def catalog(self) -> Catalog:
        """What is shown; to be read only, changes go through the model."""
        return self._catalog

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
                return f"{shown_plainly(item.name)}: {state_text(item.state)}"
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

    def remove(self, item_ids: Iterable[int]) -> None:
        """Take items off the list."""
        self._rearranged(lambda: self._catalog.remove(item_ids))

    def sort_by(self, order: Order) -> None:
        """Sort by `order`."""
        self._rearranged(lambda: self._catalog.sort_by(order))

    def filter_by(self, text: str) -> None:
        """Show items whose path contains `text`."""
        self._rearranged(lambda: self._catalog.filter_by(text))

    def set_state(self, item_id: int, state: ItemState, *, sha256: str | None = None) -> None:
        """Note what is known of an item."""
        if self._catalog.set_state(item_id, state, sha256=sha256):
            self.refresh(item_id)

    def set_states(self, item_ids: Iterable[int], state: ItemState) -> None:
        """Note the same of many items at once."""
        for item_id in item_ids:
            self._catalog.set_state(item_id, state)
        if self._catalog.shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._catalog.shown) - 1, 0))

    def refresh(self, item_id: int) -> None:
        """Paint an item again."""
        index = self.index_of(item_id)
        if index.isValid():
            self.dataChanged.emit(index, index)

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
    lines = (shown_plainly(str(item.path)), state_explained(item.state))
    return "".join(f"<p style='white-space:pre-wrap'>{escape(line)}</p>" for line in lines)
