"""A fine-tuning while it runs, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.services.finetune.events import DoneEvent
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.finetuning import results
from forensic_gui.views.finetuning.curves import Curves
from forensic_gui.views.finetuning.run_state import Phase, RunState, headline, parts_in_words
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.views.theme import failure_colour, warning_colour

_ROW_PADDING_PX = 8


class RunPage(QWidget):
    """Shows a state; tells nothing of its own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._done: DoneEvent | None = None
        self._is_failed = False
        self._headline = words_label("", self, name="run_headline")
        self._parts = words_label("", self, name="run_parts")
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._curves = Curves(self)
        self._warnings = words_label("", self, name="run_warnings")
        self._table = QTableWidget(0, len(results.HEADINGS), self)
        self._table.setObjectName("run_results")
        self._table.setAccessibleName("Scores before and after")
        self._table.setHorizontalHeaderLabels(list(results.HEADINGS))
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.verticalHeader().setDefaultSectionSize(self._table.fontMetrics().height() + _ROW_PADDING_PX)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(results.HEADINGS)):
            self._table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(10)
        for widget in (self._headline, self._bar, self._parts):
            column_layout.addWidget(widget)
        column_layout.addWidget(self._curves, 2)
        column_layout.addWidget(self._warnings)
        column_layout.addWidget(self._table, 3)

    def show_state(self, state: RunState) -> None:
        """Show how far it is, or how it ended."""
        self._headline.setText(shown_plainly(headline(state)))
        self._is_failed = state.phase is Phase.FAILED
        self._colour_headline()
        self._parts.setText("" if state.plan is None else parts_in_words(state.plan))
        self._parts.setVisible(state.plan is not None)
        self._bar.setVisible(not state.phase.is_over)
        # A bar that runs to and fro while the length of what is done is not known.
        counts = state.is_training and state.last is not None
        self._bar.setRange(0, 1000 if counts else 0)
        self._bar.setValue(round(1000 * state.share))
        self._curves.show_state(state)
        self._curves.setVisible(bool(state.losses or state.validations) or not state.phase.is_over)
        self._show_done(state.done)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_table"):
            self._colour_headline()
            if self._done is not None:
                self._colour_done(self._done)

    def _show_done(self, done: DoneEvent | None) -> None:
        self._table.setVisible(done is not None)
        told = [] if done is None else [*results.verdict(done), *done.warnings, *done.unreadable]
        self._warnings.setText("\n".join(f"▲ {shown_plainly(each)}" for each in told))
        self._warnings.setVisible(bool(told))
        if done is None or done is self._done:
            return
        self._done = done
        rows = results.table(done)
        self._table.clearSpans()
        self._table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._fill(number, row)
        self._colour_done(done)

    def _fill(self, number: int, row: results.Row) -> None:
        for column, text in enumerate((row.name, row.before, row.after, row.change)):
            cell = QTableWidgetItem(shown_plainly(text))
            if column:
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if row.is_section:
                font = cell.font()
                font.setBold(True)
                cell.setFont(font)
            if column == len(results.HEADINGS) - 1 and row.is_worse:
                cell.setToolTip("Worse than before.")
            self._table.setItem(number, column, cell)
        if row.is_section:
            self._table.setSpan(number, 0, 1, len(results.HEADINGS))

    def _colour_done(self, done: DoneEvent) -> None:
        palette = QPalette(self.palette())
        colour = QColor(warning_colour(palette))
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self._warnings.setPalette(palette)
        for number, row in enumerate(results.table(done)):
            change = self._table.item(number, len(results.HEADINGS) - 1)
            if row.is_worse and change is not None:
                change.setForeground(colour)

    def _colour_headline(self) -> None:
        palette = QPalette(self.palette())
        if self._is_failed:
            palette.setColor(QPalette.ColorRole.WindowText, failure_colour(palette))
        self._headline.setPalette(palette)
