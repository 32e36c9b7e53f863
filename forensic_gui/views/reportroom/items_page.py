"""Choosing items: by mark, by filter, in the order of the hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.case import CaseItem
from forensic_gui.views.core.wording import number
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.choosing import Choice, Sieve
from forensic_gui.views.reportroom.item_rows import ItemRows

_ROW_PADDING_PX = 9
NONE_PICKED = "A report shows at least one item: mark one. Until then the last choice is kept."
NO_ITEMS = "The case has no items yet. Add photographs to it first."
NOTHING_PASSES = "No item passes the filter."


class ItemsPage(QWidget):
    """The choice is held by the rows; what is said of it follows."""

    chosen = Signal(object)
    """Item ids for the plan; empty for all of the case in the order of adding."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: tuple[int, ...] = ()
        self._is_editable = False
        self.rows = ItemRows(self)
        self._filter = QLineEdit(self)
        self._filter.setObjectName("report_items_filter")
        self._filter.setPlaceholderText("Filter by name, group, tag or hash")
        self._filter.setAccessibleName("Filter items")
        self._filter.setClearButtonEnabled(True)
        self._finding = self._check("report_items_finding", "With a finding")
        self._regions = self._check("report_items_regions", "With regions")
        self._marked = self._check("report_items_marked", "In the report")
        self.table = _Table(self.rows, self)
        self._all = self._button("report_items_all", "Mark All Shown", lambda: self._mark(True))
        self._none = self._button("report_items_none", "Unmark All Shown", lambda: self._mark(False))
        self._up = self._button("report_items_up", "Up", lambda: self.table.step(-1))
        self._up.setToolTip("Move the selected rows up (Alt+Up)")
        self._down = self._button("report_items_down", "Down", lambda: self.table.step(1))
        self._down.setToolTip("Move the selected rows down (Alt+Down)")
        self._said = words_label("", self)
        self._said.setObjectName("report_items_said")
        self._lay_out()
        for check in (self._finding, self._regions, self._marked):
            check.toggled.connect(lambda _: self._sift())
        self._filter.textChanged.connect(lambda _: self._sift())
        self.rows.chosen.connect(self._on_chosen)
        self._follow()

    def show_items(self, items: Sequence[CaseItem], item_ids: Sequence[int]) -> None:
        """Show the choice of a plan among the case's items."""
        self._known = tuple(item.id for item in items)
        choice = Choice.of(self._known, item_ids)
        # What is shown is what the hand left there, unless the plan says something else.
        if choice.shown == self.rows.choice.shown and set(self._known) == set(self.rows.choice.order):
            choice = self.rows.choice
        self.rows.show_items(items, choice)
        self._follow()

    def set_editable(self, is_editable: bool) -> None:
        """Let the choice be changed, or only looked at."""
        self._is_editable = is_editable
        self.rows.set_editable(is_editable)
        self._follow()

    def _lay_out(self) -> None:
        sieves = QHBoxLayout()
        sieves.setSpacing(14)
        for check in (self._finding, self._regions, self._marked):
            sieves.addWidget(check)
        sieves.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._all)
        buttons.addWidget(self._none)
        buttons.addStretch(1)
        buttons.addWidget(self._up)
        buttons.addWidget(self._down)
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 12, 14, 10)
        page.setSpacing(8)
        page.addWidget(self._filter)
        page.addLayout(sieves)
        page.addWidget(self.table, 1)
        page.addLayout(buttons)
        page.addWidget(self._said)

    def _check(self, name: str, words: str) -> QCheckBox:
        check = QCheckBox(words, self)
        check.setObjectName(name)
        return check

    def _button(self, name: str, words: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: do())
        return button

    def _sift(self) -> None:
        self.rows.set_sieve(
            Sieve(self._filter.text(), self._finding.isChecked(), self._regions.isChecked(), self._marked.isChecked())
        )
        self._follow()

    def _mark(self, picked: bool) -> None:
        self.rows.pick(tuple(self.rows.seen), picked)

    def _on_chosen(self, choice: Choice) -> None:
        self._follow()
        if choice.picked:
            self.chosen.emit(choice.item_ids(self._known))

    def _follow(self) -> None:
        choice, seen = self.rows.choice, self.rows.seen
        for button in (self._all, self._none, self._up, self._down):
            button.setEnabled(self._is_editable and bool(seen))
        self._said.setText(self._sentence(choice, bool(seen)))

    def _sentence(self, choice: Choice, is_any_seen: bool) -> str:
        if not self._known:
            return NO_ITEMS
        if not choice.picked:
            return NONE_PICKED
        if not is_any_seen:
            return NOTHING_PASSES
        if choice.shown == self._known:
            return f"All {words.items(len(self._known))} of the case, and what is added later, in the order of adding."
        told = f"{number(len(choice.picked))} of {words.items(len(self._known))}."
        return f"{told} Drag rows to order them." if self._is_editable else told


class _Table(QTableView):
    """Rows of one height: only the ones that are seen cost anything."""

    def __init__(self, rows: ItemRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setModel(rows)
        self.setObjectName("report_items")
        self.setAccessibleName("Items of the report")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        across, down = self.horizontalHeader(), self.verticalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(self.fontMetrics().height() + _ROW_PADDING_PX)
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for column, widest in ((0, "0000"), (2, "Over threshold"), (3, "Regions")):
            across.resizeSection(column, self.fontMetrics().horizontalAdvance(widest) + 18)
        # The view's own keys come before a key event of its own would.
        for keys, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda step=step: self.step(step))

    def selected_ids(self) -> list[int]:
        """Ids of the selected items, from the top."""
        return [self._rows.id_at(index.row()) for index in sorted(self.selectionModel().selectedRows())]

    def step(self, step: int) -> None:
        """Move the selected rows, which stay selected and in sight."""
        selected = self.selected_ids()
        self._rows.step(selected, step)
        current = self.currentIndex()
        if current.isValid():
            self.scrollTo(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Mark or unmark all selected rows with the space bar, as the current one is not."""
        current = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and not event.modifiers() and current.isValid():
            is_picked = self._rows.id_at(current.row()) in self._rows.choice.picked
            self._rows.pick(self.selected_ids() or [self._rows.id_at(current.row())], not is_picked)
        else:
            super().keyPressEvent(event)

    def select_ids(self, item_ids: Sequence[int]) -> None:
        """Select the rows of items."""
        wanted, selection = frozenset(item_ids), QItemSelection()
        for row, item_id in enumerate(self._rows.seen):
            if item_id in wanted:
                selection.select(self._rows.index(row, 0), self._rows.index(row, 0))
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().select(selection, flags)
