"""Items to choose from as a Qt model; rows are dragged within it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from forensic_gui.domain.case import CaseItem
from forensic_gui.views.core.wording import share_text, shown_plainly
from forensic_gui.views.reportroom.choosing import Choice, Sieve

COLUMNS = ("No.", "Item", "Over threshold", "Regions")
_NUMBER, _NAME, _SHARE, _REGIONS = range(len(COLUMNS))
_MIME = "application/x-forensic-gui-report-items"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ItemRows(QAbstractTableModel):
    """Shows those items of a choice that pass a sieve. The choice is set here; views follow."""

    chosen = Signal(object)
    """Choice, after the hand changed it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: dict[int, CaseItem] = {}
        self._choice = Choice()
        self._sieve = Sieve()
        self._rows: list[int] = []
        self._places: dict[int, int] = {}
        self._is_editable = False

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        return self._choice

    @property
    def seen(self) -> Sequence[int]:
        """Ids of the items in the rows, from the top."""
        return self._rows

    def show_items(self, items: Sequence[CaseItem], choice: Choice) -> None:
        """Show a choice among items."""
        self._items = {item.id: item for item in items}
        self._arrange(choice)

    def set_sieve(self, sieve: Sieve) -> None:
        """Show other rows."""
        self._sieve = sieve
        self._arrange(self._choice)

    def set_editable(self, is_editable: bool) -> None:
        """Let rows be marked and moved, or only looked at."""
        self._is_editable = is_editable
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))

    def pick(self, item_ids: Sequence[int], picked: bool) -> None:
        """Show items in the report, or do not; rows stay where they are."""
        if self._is_editable:
            self._choose(self._choice.with_picked(item_ids, picked))

    def step(self, item_ids: Sequence[int], step: int) -> None:
        """Move items a row up or down."""
        if self._is_editable:
            self._choose(self._choice.stepped(item_ids, step=step, seen=self._rows))

    def id_at(self, row: int) -> int:
        """The item in a row."""
        return self._rows[row]

    def rowCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section != _NAME:
            return _RIGHT
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says."""
        if not index.isValid():
            return None
        item, column = self._items[self._rows[index.row()]], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(item, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column != _NAME:
            return _RIGHT
        return self._of_name(item, role) if column == _NAME else None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Mark a row, or take its mark away."""
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != _NAME or not self._is_editable:
            return False
        self.pick([self._rows[index.row()]], Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """What can be done with a cell."""
        if not index.isValid():  # between rows: where dragged ones can be let go
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self._is_editable:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
            if index.column() == _NAME:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802
        """Rows are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802
        """Only rows of this very list are taken."""
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """Rows on their way."""
        rows = sorted({index.row() for index in indexes})
        data = QMimeData()
        data.setData(_MIME, " ".join(str(self._rows[row]) for row in rows).encode())
        return data

    def dropMimeData(  # noqa: N802 - Qt's name
        self,
        data: QMimeData,
        action: Qt.DropAction,
        row: int,
        column: int,  # noqa: ARG002 - Qt's argument
        parent: _Index,
    ) -> bool:
        """Rows are let go before another one; the model moves them itself, so the view must not."""
        if action is not Qt.DropAction.MoveAction or not self._is_editable or not data.hasFormat(_MIME):
            return False
        at = parent.row() if parent.isValid() else row
        before = self._rows[at] if 0 <= at < len(self._rows) else None
        item_ids = [int(each) for each in bytes(data.data(_MIME).data()).split()]
        self._choose(self._choice.moved(item_ids, before=before))
        return False

    def _of_name(self, item: CaseItem, role: int) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if item.id in self._choice.picked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            place = self._places.get(item.id)
            return f"{shown_plainly(item.name)}, {'not in the report' if place is None else f'number {place}'}"
        return None

    def _text(self, item: CaseItem, column: int) -> str:
        match column:
            case 0:
                place = self._places.get(item.id)
                return "" if place is None else str(place)
            case 1:
                return shown_plainly(item.name)
            case 2:
                if item.unreadable:
                    return "unreadable"
                return "–" if item.share is None else share_text(item.share)
            case _:
                return str(item.regions) if item.regions else "–"

    def _choose(self, choice: Choice) -> None:
        if choice != self._choice:
            self._arrange(choice)
            self.chosen.emit(choice)

    def _arrange(self, choice: Choice) -> None:
        """Let rows come, go and move in one step; persistent indexes follow their items."""
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        ids = [self._rows[index.row()] for index in kept]
        self._choice = choice
        self._places = {item_id: place for place, item_id in enumerate(choice.shown, start=1)}
        self._rows = [
            item_id
            for item_id in choice.order
            if item_id in self._items and self._sieve.passes(self._items[item_id], picked=item_id in choice.picked)
        ]
        rows = {item_id: row for row, item_id in enumerate(self._rows)}
        moved = [
            self.index(rows[item_id], index.column()) if item_id in rows else QModelIndex()
            for item_id, index in zip(ids, kept, strict=True)
        ]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()
