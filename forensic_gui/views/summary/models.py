"""Models of the summary's two views: the same rows, as a table and as a contact sheet."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from forensic_gui.domain.summary import SummaryRow
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.summary.arranging import Shown
from forensic_gui.views.summary.columns import NOT_COMPARABLE, TABLE, card_lines

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 2
_NO_INDEX = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class SummaryTable(QAbstractTableModel):
    """Rows that were arranged elsewhere; sorting is asked for, never done here."""

    sort_asked = Signal(str, bool)
    """Id of the column, and whether the largest is to come first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown = Shown()

    def show(self, shown: Shown) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    @property
    def rows(self) -> tuple[SummaryRow, ...]:
        """What is shown, in its order."""
        return self._shown.rows

    def row_at(self, index: Index) -> SummaryRow | None:
        """What stands in a row; None for no row."""
        return self._shown.rows[index.row()] if 0 <= index.row() < len(self._shown.rows) else None

    def rowCount(self, parent: Index = _NO_INDEX) -> int:  # noqa: N802 - Qt's name
        """Rows shown."""
        return 0 if parent.isValid() else len(self._shown.rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:  # noqa: N802
        """Columns of the table."""
        return 0 if parent.isValid() else len(TABLE)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        """Titles, on the side of what stands under them."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            # In line with the cells, which have room at their sides.
            title = TABLE[section].title
            return f"{title} " if TABLE[section].is_number else f" {title}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if TABLE[section].is_number else _LEFT
        return tool_tip(TABLE[section].tip) if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        """What a cell says."""
        row = self.row_at(index)
        if row is None:
            return None
        column = TABLE[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.is_number else _LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return tool_tip(text, column.tip) if (text := column.text(row)) else None
            case _ if role == ROW_ROLE:
                return row
            case _:
                return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order."""
        if 0 <= column < len(TABLE):
            self.sort_asked.emit(TABLE[column].id, order is Qt.SortOrder.DescendingOrder)


class SheetModel(QAbstractListModel):
    """The same rows with thumbnails, which are asked for when they are painted."""

    def __init__(self, thumbnail: Callable[[int], QImage | None], parent: QObject | None = None) -> None:
        """Show nothing yet.

        Args:
            thumbnail: of the item of this number within the case; None while there is none.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._shown = Shown()

    def show(self, shown: Shown) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def row_at(self, index: Index) -> SummaryRow | None:
        """What stands in a row; None for no row."""
        return self._shown.rows[index.row()] if 0 <= index.row() < len(self._shown.rows) else None

    def index_of(self, entry_id: int) -> QModelIndex:
        """Where the item of this number within the case stands; invalid where it is not shown."""
        place = self._shown.places.get(entry_id)
        return _NO_INDEX if place is None else self.index(place, 0)

    def refresh(self, entry_id: int) -> None:
        """The item's thumbnail can be had now."""
        index = self.index_of(entry_id)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:  # noqa: N802 - Qt's name
        """Items shown."""
        return 0 if parent.isValid() else len(self._shown.rows)

    def data(self, index: Index, role: int = 0) -> Any:
        """What a card says."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_plainly(row.item.name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(row.item.name, *card_lines(row), "" if row.item.share is None else NOT_COMPARABLE)
        if role == ROW_ROLE:
            return row
        return self._thumbnail(row.item.id) if role == THUMBNAIL_ROLE else None


def tool_tip(*texts: str) -> str | None:
    """Texts as a tip, one a line, the empty ones left out: Qt would take some texts for HTML."""
    lines = [escape(shown_plainly(text)) for text in texts if text]
    return f"<p style='white-space:pre-wrap'>{'<br>'.join(lines)}</p>" if lines else None
