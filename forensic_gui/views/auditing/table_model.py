"""Events as a Qt model. Only rows that are seen are ever put into words."""

from __future__ import annotations

from html import escape
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from forensic_gui.services.auditing.reading import ShownEvent
from forensic_gui.views.auditing.rows import Arranged, Trail, Wanted
from forensic_gui.views.auditing.words import HEADINGS, cells

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_NUMBER = 0


class EventsModel(QAbstractTableModel):
    """Shows arranged events."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trail = Trail([])
        self._arranged = Arranged(Wanted(), 0, ())
        self._marked: int | None = None
        self._last: tuple[int, tuple[str, ...]] = (-1, ())

    @property
    def trail(self) -> Trail:
        """All events, shown or not."""
        return self._trail

    def show(self, trail: Trail, arranged: Arranged) -> None:
        """Show events in the place of those there were."""
        self.beginResetModel()
        self._trail, self._arranged = trail, arranged
        self._last = (-1, ())
        self.endResetModel()

    def mark(self, number: int | None) -> None:
        """Mark the event of a number; None: no event."""
        self._marked = number
        if self.rowCount():
            self.dataChanged.emit(self.index(0, _NUMBER), self.index(self.rowCount() - 1, _NUMBER))

    def event_at(self, row: int) -> ShownEvent | None:
        """The event in a row; None for no row."""
        if not 0 <= row < len(self._arranged.places):
            return None
        return self._trail.events[self._arranged.places[row]]

    def row_of(self, number: int) -> int | None:
        """The row in which the event of a number stands; None where it is not shown."""
        places, events = self._arranged.places, self._trail.events
        is_newest_first = self._arranged.wanted.is_newest_first
        low, high = 0, len(places)
        while low < high:
            middle = (low + high) // 2
            before = events[places[middle]].event.seq
            if (before > number) if is_newest_first else (before < number):
                low = middle + 1
            else:
                high = middle
        found = self.event_at(low)
        return low if found is not None and found.event.seq == number else None

    def rowCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Number of events shown."""
        return 0 if parent.isValid() else len(self._arranged.places)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Number of columns."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell tells in each role."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(index)
        if role == Qt.ItemDataRole.ToolTipRole:
            words = self._words(index)
            # Qt takes a tip for markup by its looks; this one is, so that a name in it never is.
            return None if not words else f"<span>{escape(words)}</span>"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == _NUMBER:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _words(self, index: _Index) -> str | None:
        shown = self.event_at(index.row())
        if shown is None:
            return None
        # A row is asked for cell by cell.
        if self._last[0] != index.row():
            self._last = (index.row(), cells(shown))
        words = self._last[1][index.column()]
        return f"⚠ {words}" if index.column() == _NUMBER and shown.event.seq == self._marked else words
