"""Views that were pinned on the canvas: their order, their kind of picture, their captions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.reports.plan import PictureKind, PinnedView
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.text_fields import GrowingText

_EMPTY = (
    "No view is pinned.\n\nShow an image in the main window, zoom to what is to be seen, and choose Pin View to Report "
    "in its Report menu. The report then shows that part of the image, as the layers show it, with your caption."
)


class ViewsPage(QWidget):
    """Holds the views; the list and the fields follow."""

    edited = Signal(object)
    """The views as they stand, a tuple."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views: tuple[PinnedView, ...] = ()
        self._names: Mapping[int, str] = {}
        self._is_editable = False
        self._list = QListWidget(self)
        self._list.setObjectName("report_views")
        self._list.setAccessibleName("Pinned views")
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setSpacing(1)
        self._picture = QComboBox(self)
        self._picture.setObjectName("report_view_picture")
        self._picture.setAccessibleName("Picture")
        for kind, name in words.PICTURES.items():
            self._picture.addItem(name, kind.value)
        self._caption = GrowingText(3, self)
        self._caption.setObjectName("report_view_caption")
        self._caption.setAccessibleName("Caption")
        self._caption.setPlaceholderText("What is to be seen here, in your words")
        self._up = self._button("report_view_up", "Up", lambda: self._move(-1), "Alt+Up")
        self._down = self._button("report_view_down", "Down", lambda: self._move(1), "Alt+Down")
        self._remove = self._button("report_view_remove", "Remove", self._take_away, "Del")
        self._removed: tuple[int, PinnedView] | None = None
        self._said = words_label("", self)
        self._said.setObjectName("report_views_said")
        self._undo = self._button("report_view_undo", "Undo", self._take_back, "Ctrl+Z")
        self._told = QWidget(self)
        self._lay_out()
        self._list.currentRowChanged.connect(lambda _: self._show_current())
        self._picture.currentIndexChanged.connect(
            lambda _: self._change(picture=PictureKind(self._picture.currentData()))
        )
        self._caption.textChanged.connect(lambda: self._change(caption=self._caption.toPlainText()))

    def show_views(self, views: tuple[PinnedView, ...], names: Mapping[int, str]) -> None:
        """Show views of items, whose names are known by their ids."""
        if (views, names) == (self._views, self._names):
            return
        self._names = names
        self._put(views, row=max(0, self._list.currentRow()))

    def set_editable(self, is_editable: bool) -> None:
        """Let the views be changed, or only looked at."""
        self._is_editable = is_editable
        self._follow()

    def _lay_out(self) -> None:
        empty = words_label("", self)
        empty.setObjectName("report_views_empty")
        empty.setText(_EMPTY)
        empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        for button in (self._up, self._down, self._remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        for name, field in (("Picture", self._picture), ("Caption", self._caption)):
            label = QLabel(name, self)
            label.setBuddy(field)
            form.addRow(label, field)
        full = QWidget(self)
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._list, 1)
        column.addLayout(buttons)
        column.addSpacing(4)
        column.addLayout(form)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(full)
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 12, 14, 12)
        told = QHBoxLayout(self._told)
        told.setContentsMargins(0, 0, 0, 0)
        told.addWidget(self._said, 1)
        told.addWidget(self._undo)
        self._told.hide()
        page.addWidget(self._stack, 1)
        page.addWidget(self._told)

    def _button(self, name: str, text: str, do: Callable[[], None], keys: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.setToolTip(f"{text} ({keys})")
        button.clicked.connect(lambda _=False: do())
        shortcut = QShortcut(QKeySequence(keys), self._list)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(button.click)
        return button

    def _put(self, views: tuple[PinnedView, ...], *, row: int) -> None:
        self._views = views
        self._offer(None)
        with QSignalBlocker(self._list):
            self._list.clear()
            for place, view in enumerate(views, start=1):
                self._list.addItem(self._line(place, view))
            self._list.setCurrentRow(min(row, len(views) - 1))
        self._stack.setCurrentIndex(1 if views else 0)
        self._show_current()

    def _line(self, place: int, view: PinnedView) -> str:
        line = f"{place}. {words.pinned_words(view, self._names.get(view.item_id, '?'))}"
        return f"{line}\n{words.caption_words(view)}"

    def _show_current(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._views):
            view = self._views[row]
            with QSignalBlocker(self._picture):
                self._picture.setCurrentIndex(self._picture.findData(view.picture.value))
            if self._caption.toPlainText() != view.caption:
                with QSignalBlocker(self._caption):
                    self._caption.setPlainText(view.caption)
        self._follow()

    def _follow(self) -> None:
        row, count = self._list.currentRow(), len(self._views)
        self._picture.setEnabled(self._is_editable)
        self._caption.setReadOnly(not self._is_editable)
        self._remove.setEnabled(self._is_editable and row >= 0)
        self._up.setEnabled(self._is_editable and row > 0)
        self._down.setEnabled(self._is_editable and 0 <= row < count - 1)

    def _change(self, **changes: object) -> None:
        row = self._list.currentRow()
        if not (0 <= row < len(self._views)) or not self._is_editable:
            return
        view = replace(self._views[row], **changes)  # type: ignore[arg-type]
        if view == self._views[row]:
            return
        self._views = (*self._views[:row], view, *self._views[row + 1 :])
        self._list.item(row).setText(self._line(row + 1, view))
        self.edited.emit(self._views)

    def _move(self, step: int) -> None:
        row = self._list.currentRow()
        views = list(self._views)
        views.insert(row + step, views.pop(row))
        self._put(tuple(views), row=row + step)
        self.edited.emit(self._views)

    def _take_away(self) -> None:
        row = self._list.currentRow()
        removed = (row, self._views[row])
        self._put((*self._views[:row], *self._views[row + 1 :]), row=row)
        self.edited.emit(self._views)
        self._offer(removed)

    def _take_back(self) -> None:
        if self._removed is None or not self._is_editable:
            return
        row, view = self._removed
        self._put((*self._views[:row], view, *self._views[row:]), row=row)
        self.edited.emit(self._views)

    def _offer(self, removed: tuple[int, PinnedView] | None) -> None:
        """Say what was removed, with a way back; None for nothing."""
        self._removed = removed
        if removed is not None:
            name = self._names.get(removed[1].item_id, "?")
            self._said.setText(f"Removed: {words.pinned_words(removed[1], name)}.")
        self._told.setVisible(removed is not None)
