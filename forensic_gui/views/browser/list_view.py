"""The list itself: rows of one height, of which only the ones on the screen cost anything."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from forensic_gui.views.browser.delegate import ItemDelegate, row_height
from forensic_gui.views.browser.model import CatalogModel


class ItemListView(QTableView):
    """Shows the catalog; letters are left to the window's shortcuts.

    A table of one column: with rows of one height it asks the model for nothing but the rows it paints, while a list
    view goes through all of them whenever one has changed.
    """

    current_item_changed = Signal(object)
    """Id of the item in the current row, or None."""

    def __init__(self, model: CatalogModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog_model = model
        self.setModel(model)
        self.setItemDelegate(ItemDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(row_height(self.font()))
        columns.hide()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAccessibleName("Photographs")

    def set_case(self, is_open: bool) -> None:
        """Make room in every row for what a case says of an item."""
        self.verticalHeader().setDefaultSectionSize(row_height(self.font(), case=is_open))

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

    def moveCursor(  # noqa: N802
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Go to the first and the last row with Home and End, as in a list; a table would stay in its row."""
        last = self._catalog_model.rowCount() - 1
        if last >= 0 and action == QAbstractItemView.CursorAction.MoveHome:
            return self._catalog_model.index(0, 0)
        if last >= 0 and action == QAbstractItemView.CursorAction.MoveEnd:
            return self._catalog_model.index(last, 0)
        return super().moveCursor(action, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave letters to the window; here they would search by the first letter of a name."""
        if event.text().isprintable() and event.text().strip() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)
