"""The window of the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.views.auditing import words
from forensic_gui.views.auditing.rows import Arranged, Trail, Wanted
from forensic_gui.views.auditing.table_model import EventsModel
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.fitting import resize_within_screen
from forensic_gui.views.message_bar import Gravity, MessageBar

_SIZE = (1080, 720)
_WIDTHS = (
    "8 888 888 ",
    "2026-12-28 08:58:58.888 ",
    "A. Lovelace, K. Joh",
    "altered original found ",
    "IMG_20260101_1234.jpeg ",
)
_ROW_PADDING_PX = 8
_TYPING_MS = 120
_NUMBER_COLUMN = 0
_SORTED_BY_NUMBER = {True: Qt.SortOrder.DescendingOrder, False: Qt.SortOrder.AscendingOrder}


class AuditWindow(QDialog):
    """Shows events and what was found of them; tells what is wanted, and does nothing itself."""

    wanted_changed = Signal()
    """Other events are to be shown, see `wanted`."""
    refresh_asked = Signal()
    """New events are to be shown."""
    verify_asked = Signal(str)
    """The trail is to be checked; the text of the field for a printed head."""
    export_asked = Signal()
    """The trail is to be written into a file."""
    stop_asked = Signal()
    """What goes on is to be stopped."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        resize_within_screen(self, *_SIZE)
        self._is_busy = False
        self._newest_first = True
        self.model = EventsModel(self)
        self._make_fields()
        self._make_table()
        self._make_foot()
        self._lay_out()
        self._connect()
        self.set_case("")

    @property
    def wanted(self) -> Wanted:
        """Which events are to be shown."""
        return Wanted(self._filter.text(), self._action.currentData(), self._actor.currentData(), self._newest_first)

    def set_case(self, name: str) -> None:
        """Name the case, whose events are about to be read; nothing is known of another one any more."""
        self.setWindowTitle(f"Audit Trail of {shown_plainly(name)}" if name else "Audit Trail")
        self.show_events(Trail([]), Arranged(self.wanted, 0, ()))
        self._result.hide()
        self.model.mark(None)

    def show_events(self, trail: Trail, arranged: Arranged) -> None:
        """Show events; the one that is selected stays so where it is shown yet."""
        selected = self.selected
        self.model.show(trail, arranged)
        self._offer(self._action, "Everything", trail.actions)
        self._offer(self._actor, "Everybody", trail.actors)
        self._count.setText(words.count_text(len(arranged.places), len(trail.events)))
        if (selected is None or not self.select(selected)) and self.model.rowCount():
            self._select_row(0)
        self._show_details()

    def show_reading(self, count: int) -> None:
        """Tell how many events were read so far; 0: it begins."""
        self._count.setText(f"{words.READING} {count}" if count else words.READING)

    def show_busy(self, doing: str, share: float | None) -> None:
        """Tell what goes on, "" for nothing, and what share of it is done; None while that is not known."""
        self._is_busy = bool(doing)
        self._verify.setText("Stop" if doing else "&Verify")
        self._export.setEnabled(not doing)
        self._progress.setVisible(bool(doing))
        self._progress.setAccessibleName(doing)
        self._progress.setRange(0, 0 if share is None else 1000)
        self._progress.setValue(round(1000 * (share or 0.0)))
        if doing:
            self._result.hide()

    def tell(self, text: str, gravity: Gravity, *, head: str = "") -> None:
        """Tell what came of it, with a hash that can be copied."""
        copy = "Copy Hash" if head else ""
        self._result.tell(text, gravity, action=copy, answer=lambda: self._copy(text, gravity, head))

    def tells(self, text: str) -> bool:
        """Whether this is what the message says, and nobody dismissed it."""
        return self._result.text == text and not self._result.isHidden()

    def select(self, number: int) -> bool:
        """Select the event of a number and bring it into sight with its neighbours; whether it is shown."""
        row = self.model.row_of(number)
        if row is not None:
            self._select_row(row)
        return row is not None

    def show_all(self) -> None:
        """Let no filter hide anything."""
        for field in (self._action, self._actor):
            field.setCurrentIndex(0)
        self._filter.clear()
        self._typing.stop()

    @property
    def selected(self) -> int | None:
        """Number of the selected event; None without one."""
        shown = self.model.event_at(self._table.currentIndex().row())
        return None if shown is None else shown.event.seq

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Who comes back to the window sees what was done meanwhile."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.refresh_asked.emit()

    def reject(self) -> None:
        """Close it; what goes on is stopped."""
        self.stop_asked.emit()
        super().reject()

    def _make_fields(self) -> None:
        self._filter = QLineEdit(self)
        self._filter.setObjectName("audit_filter")
        self._filter.setAccessibleName("Filter events")
        self._filter.setPlaceholderText("Filter by any text, name or hash")
        self._filter.setClearButtonEnabled(True)
        self._action, self._actor = self._choice("audit_action", "What was done"), self._choice("audit_actor", "Who")
        self._count = QLabel(self)
        self._count.setObjectName("audit_count")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._refresh = self._button("audit_refresh", "&Refresh", self.refresh_asked.emit)
        self._refresh.setToolTip("Show what was done meanwhile (F5)")

    def _make_table(self) -> None:
        table = self._table = QTableView(self)
        table.setObjectName("audit_table")
        table.setAccessibleName("Events of the audit trail")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(table.fontMetrics().height() + _ROW_PADDING_PX)
        columns = table.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setStretchLastSection(True)
        columns.setSectionsClickable(True)
        columns.setSortIndicatorShown(True)
        columns.setSortIndicator(_NUMBER_COLUMN, _SORTED_BY_NUMBER[self._newest_first])
        for column, widest in enumerate(_WIDTHS):
            columns.resizeSection(column, table.fontMetrics().horizontalAdvance(widest) + 16)
        self._details = QPlainTextEdit(self)
        self._details.setObjectName("audit_details")
        self._details.setAccessibleName("The selected event")
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))

    def _make_foot(self) -> None:
        self._result = MessageBar(self)
        self._result.setObjectName("audit_result")
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(8)
        self._progress.hide()
        self._head = QLineEdit(self)
        self._head.setObjectName("audit_head")
        self._head.setAccessibleName(words.HEAD_LABEL.strip("&:"))
        self._head.setToolTip(words.HEAD_TIP)
        self._head.setPlaceholderText(words.HEAD_HINT)
        self._head.setClearButtonEnabled(True)
        self._verify = self._button("audit_verify", "&Verify", self._on_verify)
        self._verify.setToolTip("Check the chain, and everything in the case that the events vouch for")
        self._export = self._button("audit_export", "&Export…", self.export_asked.emit)
        self._export.setToolTip("Write every event into a file that anybody can check")
        self._close = self._button("audit_close", "Close", self.reject)

    def _lay_out(self) -> None:
        top, foot = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._filter, 1)
        for field in (self._action, self._actor, self._count, self._refresh):
            top.addWidget(field)
        label = QLabel(words.HEAD_LABEL, self)
        label.setBuddy(self._head)
        foot.addWidget(label)
        foot.addWidget(self._head, 1)
        for button in (self._verify, self._export, self._close):
            foot.addWidget(button)
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.addWidget(self._table)
        parts.addWidget(self._details)
        parts.setChildrenCollapsible(False)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(parts, 1)
        column.addWidget(self._result)
        column.addWidget(self._progress)
        column.addLayout(foot)
        self._table.setFocus()

    def _connect(self) -> None:
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.wanted_changed)
        self._filter.textChanged.connect(lambda _: self._typing.start())
        self._head.returnPressed.connect(self._on_verify)
        for field in (self._action, self._actor):
            field.activated.connect(lambda _: self.wanted_changed.emit())
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._show_details())
        self._table.horizontalHeader().sectionClicked.connect(self._on_heading)
        for keys, do in (
            (QKeySequence(QKeySequence.StandardKey.Find), self._filter.setFocus),
            (QKeySequence(QKeySequence.StandardKey.Refresh), self.refresh_asked.emit),
        ):
            QShortcut(keys, self).activated.connect(do)
        copying = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self._table)
        copying.setContext(Qt.ShortcutContext.WidgetShortcut)
        copying.activated.connect(lambda: QGuiApplication.clipboard().setText(self._details.toPlainText()))

    def _choice(self, name: str, told: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(told)
        box.setToolTip(told)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(16)
        return box

    def _button(self, name: str, text: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: do())
        return button

    def _offer(self, box: QComboBox, every: str, texts: Sequence[str]) -> None:
        """Offer what there is to choose from; what was chosen stays."""
        chosen = box.currentData()
        offered = [None, *texts]
        if [box.itemData(place) for place in range(box.count())] == offered:
            return
        box.clear()
        for text in offered:
            box.addItem(every if text is None else shown_plainly(text), text)
        box.setCurrentIndex(offered.index(chosen) if chosen in offered else 0)

    def _select_row(self, row: int) -> None:
        index = self.model.index(row, _NUMBER_COLUMN)
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        is_seen = self._table.viewport().rect().contains(self._table.visualRect(index))
        self._table.selectionModel().setCurrentIndex(index, select)
        if not is_seen:
            self._table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _show_details(self) -> None:
        shown = self.model.event_at(self._table.currentIndex().row())
        text = "" if shown is None else words.details_text(shown)
        if text != self._details.toPlainText():
            self._details.setPlainText(text)

    def _on_heading(self, section: int) -> None:
        if section == _NUMBER_COLUMN:
            self._newest_first = not self._newest_first
            self.wanted_changed.emit()
        self._table.horizontalHeader().setSortIndicator(_NUMBER_COLUMN, _SORTED_BY_NUMBER[self._newest_first])

    def _on_verify(self) -> None:
        if self._is_busy:
            self.stop_asked.emit()
        else:
            self.verify_asked.emit(self._head.text())

    def _copy(self, text: str, gravity: Gravity, head: str) -> None:
        QGuiApplication.clipboard().setText(head)
        self._result.tell(text, gravity, action="Copied", answer=lambda: self._copy(text, gravity, head))
