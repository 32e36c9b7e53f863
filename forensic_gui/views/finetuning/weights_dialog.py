"""The weights on this computer: choose, compare, remove."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.services.installed_weights import InstalledWeights, UnusableWeights
from forensic_gui.services.weights_shelf import Shelf
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.labelling.fields import words_label
from forensic_gui.widgets.question import Question, ask_first

WHY_NOT_REMOVED = "They are in use: use others first."
_HEADINGS = ("Weights", "From", "Made", "Threshold")
_SIZE = (720, 460)
_DETAIL_LINES = 9


class WeightsDialog(QDialog):
    """Lists weights; tells what is wanted with the selected ones, and does nothing itself."""

    use_asked = Signal(str)
    """Path of weights to be used from now on."""
    compare_asked = Signal(str)
    """Path of weights to be compared with the ones in use."""
    remove_asked = Signal(str)
    """Id of weights to be removed."""
    file_asked = Signal()
    """A file is to be chosen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Weights")
        self.resize(*_SIZE)
        self._shelf: Shelf | None = None
        self._sha256_in_use = ""
        self._can_compare = False
        self._table = QTableWidget(0, len(_HEADINGS), self)
        self._table.setObjectName("weights_table")
        self._table.setAccessibleName("Weights on this computer")
        self._table.setHorizontalHeaderLabels(list(_HEADINGS))
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setTabKeyNavigation(False)
        self._details = words_label("", self, name="weights_details")
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._use = self._button("weights_use", "Use", lambda: self._tell(self.use_asked))
        self._compare = self._button("weights_compare", "Compare on This Image", lambda: self._tell(self.compare_asked))
        self._remove = self._button("weights_remove", "Remove…", self._on_remove)
        self._file = self._button("weights_file", "From a File…", self.file_asked.emit)
        self._lay_out()
        self._table.itemSelectionChanged.connect(self._follow)
        self._table.itemDoubleClicked.connect(lambda _: self._tell(self.use_asked) if self._use.isEnabled() else None)
        self._follow()

    def _lay_out(self) -> None:
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for section in range(1, len(_HEADINGS)):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        # The limits of weights may be many; the list keeps its room.
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFixedHeight(self._details.fontMetrics().lineSpacing() * _DETAIL_LINES)
        area.setWidget(self._details)
        row = QHBoxLayout()
        for button in (self._use, self._compare, self._remove, self._file):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._table, 1)
        column.addWidget(area)
        column.addLayout(row)

    def set_shelf(self, shelf: Shelf, *, sha256_in_use: str) -> None:
        """List weights; which of them are in use is known by their hash, "" for none."""
        before = self._selected
        self._shelf, self._sha256_in_use = shelf, sha256_in_use
        self._table.setRowCount(len(shelf.weights))
        for row, weights in enumerate(shelf.weights):
            for column, text in enumerate(self._texts(weights)):
                cell = QTableWidgetItem(text)
                cell.setToolTip(shown_plainly(str(weights.path)) if column == 0 else "")
                self._table.setItem(row, column, cell)
        wanted = next((row for row, each in enumerate(shelf.weights) if before and each.id == before.id), 0)
        if shelf.weights:
            self._table.selectRow(wanted)
        self._follow()

    def set_can_compare(self, possible: bool) -> None:
        """Whether an image is shown, and a localizer ready."""
        self._can_compare = possible
        self._follow()

    @property
    def _selected(self) -> InstalledWeights | UnusableWeights | None:
        rows = self._table.selectionModel().selectedRows()
        if self._shelf is None or not rows or rows[0].row() >= len(self._shelf.weights):
            return None
        return self._shelf.weights[rows[0].row()]

    def _texts(self, weights: InstalledWeights | UnusableWeights) -> tuple[str, ...]:
        name = shown_plainly(weights.id)
        if isinstance(weights, UnusableWeights):
            return (f"{name} (cannot be used)", "", "", "")
        marks = [
            mark for mark, on in (("in use", self._is_in_use(weights)), ("shipped", self._is_shipped(weights))) if on
        ]
        parent = weights.parent_id or (f"{weights.parent_sha256[:8]}…" if weights.parent_sha256 else "–")
        return (f"{name} ({', '.join(marks)})" if marks else name, parent, weights.created, f"{weights.threshold:.3f}")

    def _is_in_use(self, weights: InstalledWeights) -> bool:
        return weights.sha256 == self._sha256_in_use

    def _is_shipped(self, weights: InstalledWeights | UnusableWeights) -> bool:
        return self._shelf is not None and weights.id in self._shelf.shipped

    def _follow(self) -> None:
        selected = self._selected
        usable = isinstance(selected, InstalledWeights)
        other = isinstance(selected, InstalledWeights) and not self._is_in_use(selected)
        self._details.setText("" if selected is None else _details(selected))
        self._use.setEnabled(other)
        self._compare.setEnabled(other and self._can_compare)
        self._compare.setToolTip("" if self._can_compare else "Show an image first.")
        self._remove.setEnabled(selected is not None and not self._is_shipped(selected) and (other or not usable))
        self._remove.setToolTip(self._why_not_removed(selected))

    def _why_not_removed(self, selected: InstalledWeights | UnusableWeights | None) -> str:
        if selected is None or self._remove.isEnabled():
            return ""
        return "They are part of the program." if self._is_shipped(selected) else WHY_NOT_REMOVED

    def _button(self, name: str, words: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: do())
        return button

    def _tell(self, signal: object) -> None:
        selected = self._selected
        if isinstance(selected, InstalledWeights):
            signal.emit(str(selected.path))  # type: ignore[attr-defined]

    def _on_remove(self) -> None:
        selected = self._selected
        if selected is not None:
            ask_to_remove(self, selected.id, then=lambda: self.remove_asked.emit(selected.id))


def ask_to_remove(parent: QWidget, weights_id: str, *, then: Callable[[], object]) -> None:
    """Ask before weights are deleted, because nothing brings them back."""
    question = Question(
        name="ask_remove_weights",
        title="Remove Weights",
        text=f"Delete the weights «{shown_plainly(weights_id)}» and their card from this computer?",
        details="Findings made with them stay; to make them again, the same file is needed.",
        answer="Delete",
    )
    ask_first(parent, question, then=then)


def _details(weights: InstalledWeights | UnusableWeights) -> str:
    if isinstance(weights, UnusableWeights):
        return shown_plainly(weights.problem)
    lines = [
        f"SHA-256 {weights.sha256}",
        f"Trained on: {'; '.join(weights.training_data) or 'not stated'}",
        f"Threshold: {weights.threshold_origin}. Licence: {weights.licence}.",
        *weights.limits,
    ]
    return "\n".join(shown_plainly(line) for line in lines)
