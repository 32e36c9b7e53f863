"""The list itself: rows of one height, of which only the ones on the screen cost anything."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from forensic_gui.views.browser.delegate import ItemDelegate
from forensic_gui.views.browser.model import CatalogModel


class ItemListView(QListView):
    """Shows the catalog; letters are left to the window's shortcuts."""

    current_item_changed = Signal(object)
    """Id of the item in the current row, or None."""

    def __init__(self, model: CatalogModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog_model = model
        self.setModel(model)
        self.setItemDelegate(ItemDelegate(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAccessibleName("Photographs")

    def current_item_id(self) -> int | None:
        """Id of the item in the current row, or None."""
        item = self._catalog_model.item_at(self.currentIndex())
        return None if item is None else item.id

    def selected_ids(self) -> list[int]:
        """Ids of the selected items, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        shown = self._catalog_model.catalog.shown
        return [shown[row] for row in rows]

    def go_to(self, item_id: int) -> None:
        """Make an item the current and only selected one, and bring it into sight."""
        index = self._catalog_model.index_of(item_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def sees(self, item_id: int) -> bool:
        """Whether the item's row is on the screen."""
        index = self._catalog_model.index_of(item_id)
        return index.isValid() and self.visualRect(index).intersects(self.viewport().rect())

    def currentChanged(  # noqa: N802 - Qt's name
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Tell which item is current."""
        super().currentChanged(current, previous)
        self.current_item_changed.emit(self.current_item_id())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave letters to the window; here they would search by the first letter of a name."""
        if event.text().isprintable() and event.text().strip() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)
