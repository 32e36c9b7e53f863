"""The browser: filter, list, and how many there are."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from forensic_gui.views.browser.list_view import ItemListView
from forensic_gui.views.browser.model import CatalogModel
from forensic_gui.views.core.wording import images, number

_FILTER_DELAY_MS = 120


class BrowserPanel(QWidget):
    """Lets the analyst find and choose evidence."""

    selection_changed = Signal()
    """The selection, or what can be selected, has changed."""

    def __init__(self, model: CatalogModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._busy_text = ""
        self.list = ItemListView(model, self)
        self._filter = QLineEdit(self)
        self._filter.setObjectName("filter")
        self._filter.setPlaceholderText("Filter by name or folder")
        self._filter.setClearButtonEnabled(True)
        # Files dropped here are to be opened like everywhere else, not to be typed.
        self._filter.setAcceptDrops(False)
        self._filter.setAccessibleName("Filter")
        self._filter.setToolTip("Show only images whose path contains this text.")
        self._count = QLabel(self)
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setContentsMargins(4, 0, 4, 0)
        # Typing must not sort ten thousand rows at every letter.
        self._filtering = QTimer(self)
        self._filtering.setSingleShot(True)
        self._filtering.setInterval(_FILTER_DELAY_MS)
        self._filtering.timeout.connect(lambda: model.filter_by(self._filter.text()))
        self._filter.textChanged.connect(lambda _: self._filtering.start())
        self._filter.returnPressed.connect(self.list.setFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self._filter)
        column.addWidget(self.list, 1)
        column.addWidget(self._count)
        model.layoutChanged.connect(self._on_changed)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._on_changed())
        self._on_changed()

    def set_listing(self, running: bool) -> None:
        """Say whether folders are still being looked through."""
        self._busy_text = ", looking for more…" if running else ""
        self._on_changed()

    def edit_filter(self) -> None:
        """Put the cursor into the filter."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    def clear_filter(self) -> None:
        """Show every item again, at once."""
        if self._filter.text():
            self._filter.clear()
            self._filtering.stop()
            self._model.filter_by("")

    def select_all(self) -> None:
        """Select every row shown."""
        self.list.selectAll()

    def _on_changed(self) -> None:
        catalog = self._model.catalog
        shown, all_items = len(catalog.shown), len(catalog)
        selection = self.list.selectionModel().selection()
        selected = sum(selection.at(index).height() for index in range(selection.count()))
        text = images(all_items) if shown == all_items else f"{number(shown)} of {images(all_items)}"
        if selected > 1:
            text += f", {number(selected)} selected"
        self._count.setText(text + self._busy_text if all_items else self._busy_text.removeprefix(", "))
        self.selection_changed.emit()
