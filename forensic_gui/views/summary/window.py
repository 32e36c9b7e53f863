"""The summary's window: all items of the case in a table and on a contact sheet. Closing it hides it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.services.summary.contract import SummaryForm
from forensic_gui.views.core.wording import number, shown_plainly
from forensic_gui.views.fitting import resize_within_screen
from forensic_gui.views.summary.arranging import Shown, Wish
from forensic_gui.views.summary.columns import TABLE
from forensic_gui.views.summary.models import SheetModel, SummaryTable
from forensic_gui.views.summary.painting import CardDelegate, CellDelegate, card_size

_SIZE = (1180, 720)
_FORMS = {
    SummaryForm.CSV: "Table for Spreadsheets (CSV)…",
    SummaryForm.JSONL: "Exact Rows (JSON Lines)…",
    SummaryForm.HTML: "Contact Sheet (HTML)…",
    SummaryForm.PDF: "Contact Sheet (PDF)…",
}
_ALL, _NONE = "All groups", "No group"


class SummaryWindow(QDialog):
    """Shows rows that it is given; says what is wanted of them."""

    wished = Signal(object)
    """A `Wish`: which rows are to be shown in what order."""
    chosen = Signal(int)
    """Number within the case of an item that is to be shown in the main window."""
    save_asked = Signal(object)
    """A `SummaryForm`."""
    stop_asked = Signal()
    """The file that is being written is not wanted any more."""
    shown_again = Signal()
    """The window came into sight."""

    def __init__(self, thumbnail: Callable[[int], QImage | None], parent: QWidget) -> None:
        """Show nothing yet.

        Args:
            thumbnail: of the item of this number within the case; None while there is none.
            parent: the main window.
        """
        super().__init__(parent)
        self._wish = Wish()
        # No dialog: those stay in front of the main window, and with it of the image that was asked for.
        self.setWindowFlags(Qt.WindowType.Window)
        resize_within_screen(self, *_SIZE)
        self.table = SummaryTable(self)
        self.sheet = SheetModel(thumbnail, self)
        self._table_view = _make_table(self.table, self)
        self._sheet_view = _make_sheet(self.sheet, self)
        self._empty = QLabel(self)
        self._search = QLineEdit(self)
        self._groups = QComboBox(self)
        self._told = QLabel(self)
        self._tabs = QTabWidget(self)
        self._progress = QLabel(self)
        self._stop = QPushButton("Stop", self)
        self._save = QPushButton("Save As", self)
        self._lay_out()
        self._connect()

    @property
    def wish(self) -> Wish:
        """Which rows are to be shown in what order."""
        return self._wish

    def set_case(self, name: str) -> None:
        """Name the case; another one is shown whole."""
        self.setWindowTitle(f"Summary of {shown_plainly(name)}")
        self._wish = Wish()
        for widget in (self._search, self._groups):
            with QSignalBlocker(widget):
                widget.clear()
        self._table_view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.show_rows(Shown())
        self._empty.setText("Reading…")

    def set_groups(self, groups: Sequence[str]) -> None:
        """Offer the groups in use; with none the choice is not offered."""
        with QSignalBlocker(self._groups):
            self._groups.clear()
            self._groups.addItem(_ALL, None)
            for group in groups:
                self._groups.addItem(shown_plainly(group), group)
            self._groups.addItem(_NONE, "")
            self._groups.setCurrentIndex(max(0, self._groups.findData(self._wish.group)))
        self._groups.setVisible(bool(groups))

    def come_forward(self) -> None:
        """Show the window, in front of the main window for now; that may come in front of it again."""
        self.winId()  # makes the handle, of which the platform learns before it is shown whom it belongs to
        self.windowHandle().setTransientParent(None)  # type: ignore[arg-type]  # None is «nobody»
        self.show()
        self.raise_()
        self.activateWindow()

    def show_rows(self, shown: Shown) -> None:
        """Show rows, and say how many of how many they are."""
        selected = self._selected_id()
        self.table.show(shown)
        self.sheet.show(shown)
        self._select(selected)
        all_shown = len(shown.rows) == shown.of
        items = "1 item" if shown.of == 1 else f"{number(shown.of)} items"
        self._told.setText(items if all_shown else f"{number(len(shown.rows))} of {items}")
        self._empty.setText("Nothing matches." if shown.of else "The case has no items.")
        self._empty.setVisible(not shown.rows)
        self._tabs.setVisible(bool(shown.rows))
        self._save.setEnabled(bool(shown.rows))

    def show_writing(self, words: str) -> None:
        """Say how far a file is that is being written; "" when none is."""
        self._progress.setText(words)
        self._stop.setVisible(bool(words))
        self._save.setVisible(not words)

    def say(self, text: str) -> None:
        """Tell how a file went."""
        self._progress.setText(shown_plainly(text))

    def sees(self, entry_id: int) -> bool:
        """Whether the item's card is on the screen."""
        if not self._sheet_view.isVisible():
            return False
        index = self.sheet.index_of(entry_id)
        return index.isValid() and self._sheet_view.visualRect(index).intersects(self._sheet_view.viewport().rect())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for what is so now."""
        super().showEvent(event)
        self.shown_again.emit()

    def _lay_out(self) -> None:
        self._dress()
        top = QHBoxLayout()
        top.addWidget(self._search, 1)
        top.addWidget(self._groups)
        top.addSpacing(8)
        top.addWidget(self._told)
        bottom = QHBoxLayout()
        bottom.addWidget(self._progress, 1)
        bottom.addWidget(self._stop)
        bottom.addWidget(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 12)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self._tabs, 1)
        column.addWidget(self._empty, 1)
        column.addLayout(bottom)

    def _dress(self) -> None:
        """Name the parts, and give them their words."""
        names = {
            "summary_search": self._search,
            "summary_group": self._groups,
            "summary_count": self._told,
            "summary_empty": self._empty,
            "summary_tabs": self._tabs,
            "summary_progress": self._progress,
            "summary_stop": self._stop,
            "summary_save": self._save,
        }
        for name, widget in names.items():
            widget.setObjectName(name)
        self._search.setPlaceholderText("Search names, groups, tags, hashes, remarks")
        self._search.setClearButtonEnabled(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._progress.setTextFormat(Qt.TextFormat.PlainText)
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self._table_view, "Table")
        self._tabs.addTab(self._sheet_view, "Contact Sheet")
        menu = QMenu(self._save)
        for form, words in _FORMS.items():
            action = menu.addAction(words)
            action.setObjectName(f"summary_save_{form.value.removeprefix('.')}")
            action.triggered.connect(lambda _=False, form=form: self.save_asked.emit(form))
        self._save.setMenu(menu)
        for button in (self._stop, self._save):
            button.setAutoDefault(False)
        for widget in (self._groups, self._stop):
            widget.hide()

    def _connect(self) -> None:
        self._search.textChanged.connect(lambda _: self._ask())
        self._groups.currentIndexChanged.connect(lambda _: self._ask())
        self.table.sort_asked.connect(self._sort)
        self._table_view.activated.connect(self._on_row)
        self._sheet_view.activated.connect(self._on_card)
        self._stop.clicked.connect(lambda _=False: self.stop_asked.emit())
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.activated.connect(self._search.setFocus)

    def _ask(self) -> None:
        self._wish = Wish(
            self._search.text(), self._groups.currentData(), self._wish.column, descending=self._wish.descending
        )
        self.wished.emit(self._wish)

    def _sort(self, column: str, descending: bool) -> None:
        self._wish = Wish(self._wish.text, self._wish.group, column, descending=descending)
        self.wished.emit(self._wish)

    def _on_row(self, index: QModelIndex) -> None:
        row = self.table.row_at(index)
        if row is not None:
            self.chosen.emit(row.item.id)

    def _on_card(self, index: QModelIndex) -> None:
        row = self.sheet.row_at(index)
        if row is not None:
            self.chosen.emit(row.item.id)

    def _selected_id(self) -> int | None:
        row = self.table.row_at(self._table_view.currentIndex())
        return None if row is None else row.item.id

    def _select(self, entry_id: int | None) -> None:
        place = -1 if entry_id is None else self.sheet.index_of(entry_id).row()
        if place >= 0:
            self._table_view.setCurrentIndex(self.table.index(place, 0))


def _make_table(model: SummaryTable, parent: QWidget) -> QTableView:
    view = QTableView(parent)
    view.setObjectName("summary_table")
    view.setItemDelegate(CellDelegate(view))
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    metrics = QFontMetrics(view.font())
    rows, titles = view.verticalHeader(), view.horizontalHeader()
    rows.hide()
    # All of one height that nobody measures: thousands would take longer than a frame.
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(metrics.lineSpacing() + 12)
    view.setModel(model)
    titles.setHighlightSections(False)
    titles.setSectionsMovable(True)
    titles.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
    digit = metrics.horizontalAdvance("0")
    for place, column in enumerate(TABLE):
        # Room for the mark of the order beside the title.
        view.setColumnWidth(place, max(column.width * digit, metrics.horizontalAdvance(column.title) + 34))
    view.setSortingEnabled(True)
    return view


def _make_sheet(model: SheetModel, parent: QWidget) -> QListView:
    view = QListView(parent)
    view.setObjectName("summary_sheet")
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setMovement(QListView.Movement.Static)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setLayoutMode(QListView.LayoutMode.Batched)
    view.setBatchSize(400)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setMouseTracking(True)
    view.setItemDelegate(CardDelegate(view))
    view.setGridSize(card_size(QFontMetrics(view.font())) + QSize(4, 4))
    view.setModel(model)
    return view
