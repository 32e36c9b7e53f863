"""The browser: filter, list, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QMenu, QSizePolicy, QVBoxLayout, QWidget

from forensic_gui.views.browser.list_view import ItemListView
from forensic_gui.views.browser.model import CatalogModel
from forensic_gui.views.core.wording import images, number, shown_plainly

_FILTER_DELAY_MS = 120
_ALL_GROUPS, _NO_GROUP = "All groups", "In no group"


class BrowserPanel(QWidget):
    """Lets the analyst find and choose evidence."""

    selection_changed = Signal()
    """The selection, or what can be selected, has changed."""

    def __init__(self, model: CatalogModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._busy_text = ""
        self._menu_actions: list[QAction | None] = []
        self.list = ItemListView(model, self)
        self._filter = QLineEdit(self)
        self._filter.setObjectName("filter")
        self._filter.setClearButtonEnabled(True)
        # Files dropped here are to be opened like everywhere else, not to be typed.
        self._filter.setAcceptDrops(False)
        self._filter.setAccessibleName("Filter")
        self._groups = QComboBox(self)
        self._groups.setObjectName("groups")
        self._groups.setAccessibleName("Group")
        self._groups.setToolTip("Show only the images of one group.")
        self._groups.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._groups.activated.connect(lambda _: model.show_group(self._groups.currentData()))
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
        column.addWidget(self._groups)
        column.addWidget(self.list, 1)
        column.addWidget(self._count)
        model.layoutChanged.connect(self._on_changed)
        model.modelReset.connect(self._on_changed)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._on_changed())
        self.show_case(False)
        self._on_changed()

    def set_menu(self, actions: Sequence[QAction | None]) -> None:
        """Offer actions in the menu of the right mouse button; None for a line between them."""
        self._menu_actions = list(actions)

    def show_case(self, is_open: bool) -> None:
        """Say what can be filtered by, in a case and without one."""
        what = "name, group, tag, note" if is_open else "name or folder"
        self._filter.setPlaceholderText(f"Filter by {what}")
        told = "whose name, source, group, tags, notes or hash contain" if is_open else "whose path contains"
        self._filter.setToolTip(f"Show only images {told} this text.")
        self.list.set_case(is_open)
        self.show_groups(())

    def show_groups(self, groups: Sequence[str]) -> None:
        """Offer these groups; the one chosen stays chosen while there is one of its name."""
        chosen = self._model.catalog.group
        with QSignalBlocker(self._groups):
            self._groups.clear()
            self._groups.addItem(_ALL_GROUPS, None)
            for group in groups:
                self._groups.addItem(shown_plainly(group), group)
            self._groups.addItem(_NO_GROUP, "")
            known = {None: 0, "": len(groups) + 1} | {group: row for row, group in enumerate(groups, start=1)}
            self._groups.setCurrentIndex(known.get(chosen, 0))
        self._groups.setVisible(bool(groups))
        if chosen not in known or (chosen == "" and not groups):
            self._model.show_group(None)

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
        if self._model.catalog.group is not None:
            self._groups.setCurrentIndex(0)
            self._model.show_group(None)
        if self._filter.text():
            self._filter.clear()
            self._filtering.stop()
            self._model.filter_by("")

    def forget_filter(self) -> None:
        """Empty the filter's field; the list is about to be another one."""
        self._filter.clear()  # with its signal, which takes the field's own cross away
        self._filtering.stop()

    def select_all(self) -> None:
        """Select every row shown."""
        self.list.selectAll()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Offer what can be done with the selected images."""
        if not self._menu_actions:
            return
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for action in self._menu_actions:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

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
