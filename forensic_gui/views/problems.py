"""Everything that went wrong in this session, as a table of sentences that can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QPushButton, QTableView, QVBoxLayout, QWidget

_COLUMNS = ("Time", "File", "What happened")
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong.

    Attributes:
        time: when, local time.
        subject: name of the file, or "" when it concerns none.
        sentence: what happened, and what to do next.
        item_id: item of the list that it concerns, or None.
    """

    time: datetime
    subject: str
    sentence: str
    item_id: int | None = None

    @property
    def cells(self) -> tuple[str, str, str]:
        """What the table shows."""
        return (self.time.strftime("%H:%M:%S"), self.subject, self.sentence)


class ProblemsModel(QAbstractTableModel):
    """Problems in the order in which they came."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: list[Problem] = []

    @property
    def problems(self) -> Sequence[Problem]:
        """All of them."""
        return self._problems

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """One row a problem."""
        return 0 if parent.isValid() else len(self._problems)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:  # noqa: N802
        """Time, file, sentence."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Cells as plain text."""
        if index.isValid() and role == Qt.ItemDataRole.DisplayRole:
            return self._problems[index.row()].cells[index.column()]
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return None

    def add(self, problem: Problem) -> None:
        """Add one."""
        row = len(self._problems)
        self.beginInsertRows(QModelIndex(), row, row)
        self._problems.append(problem)
        self.endInsertRows()

    def clear(self) -> None:
        """Remove all."""
        self.beginResetModel()
        self._problems.clear()
        self.endResetModel()


class ProblemsPanel(QWidget):
    """The table, and what can be done with it."""

    chosen = Signal(int)
    """Item id of a problem that was opened by double click or Return."""
    count_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ProblemsModel(self)
        self._table = QTableView(self)
        self._table.setObjectName("problems")
        self._table.setModel(self._model)
        self._table.setAccessibleName("Problems")
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setTabKeyNavigation(False)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(self._table.fontMetrics().lineSpacing() + 8)
        header = self._table.horizontalHeader()
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(1, 220)
        self._table.activated.connect(self._on_activated)
        self._copy = QPushButton("Copy", self)
        self._copy.setToolTip("Copy the selected problems, or all, as text.")
        self._copy.clicked.connect(self.copy)
        self._clear = QPushButton("Clear Pro&blems", self)
        self._clear.setToolTip("Empty this list. The marks in the list of photographs stay.")
        self._clear.clicked.connect(self._on_clear)
        buttons = QVBoxLayout()
        buttons.addWidget(self._copy)
        buttons.addWidget(self._clear)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 6)
        row.addWidget(self._table, 1)
        row.addLayout(buttons)
        self._follow()

    @property
    def problems(self) -> Sequence[Problem]:
        """All problems, the first one first."""
        return self._model.problems

    def add(self, problem: Problem) -> None:
        """Add a problem and bring it into sight."""
        self._model.add(problem)
        self._table.scrollToBottom()
        self._follow()

    def copy(self) -> None:
        """Copy the selected problems, or all of them, as lines of text."""
        rows = sorted({index.row() for index in self._table.selectionModel().selectedIndexes()})
        chosen = [self._model.problems[row] for row in rows] or self._model.problems
        QGuiApplication.clipboard().setText("\n".join("\t".join(problem.cells) for problem in chosen))

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Copy by the usual key."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def _on_clear(self) -> None:
        self._model.clear()
        self._follow()

    def _on_activated(self, index: QModelIndex) -> None:
        item_id = self._model.problems[index.row()].item_id
        if item_id is not None:
            self.chosen.emit(item_id)

    def _follow(self) -> None:
        count = len(self._model.problems)
        self._copy.setEnabled(bool(count))
        self._clear.setEnabled(bool(count))
        self.count_changed.emit(count)
