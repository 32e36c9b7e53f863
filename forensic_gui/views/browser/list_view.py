"""The list itself: rows of one height, of which only the ones on the screen cost anything."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from forensic_gui.views.browser.delegate import ItemDelegate, row_height
from forensic_gui.views.browser.model import CatalogModel
from forensic_gui.views.core.ranges import ranges_of


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
        self._kept_selection: frozenset[int] = frozenset()
        self.setModel(model)
        model.rows_will_move.connect(self._take_selection)
        model.rows_moved.connect(self._put_selection_back)
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
        # By ranges: fifty thousand indexes would take longer to make than a frame.
        selection = self.selectionModel().selection()
        ranges = sorted((each.top(), each.bottom()) for each in map(selection.at, range(selection.count())))
        shown = self._catalog_model.catalog.shown
        return [item_id for top, bottom in ranges for item_id in shown[top : bottom + 1]]

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

    def _take_selection(self) -> None:
        """Qt would make an index of every selected row, and forget them all where the number of rows changes."""
        self._kept_selection = frozenset(self.selected_ids())
        with QSignalBlocker(self.selectionModel()):
            self.selectionModel().clearSelection()

    def _put_selection_back(self) -> None:
        kept, self._kept_selection = self._kept_selection, frozenset()
        selection, model = QItemSelection(), self._catalog_model
        for top, bottom in ranges_of(model.catalog.shown, kept):
            selection.select(model.index(top, 0), model.index(bottom, 0))
        if kept:
            self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave letters to the window; here they would search by the first letter of a name."""
        if event.text().isprintable() and event.text().strip() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)
