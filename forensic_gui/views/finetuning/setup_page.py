"""What to learn from, what to start from, what to call it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.services.installed_weights import InstalledWeights
from forensic_gui.services.weights_shelf import Shelf
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.finetuning.plan import ALL, DEFAULT_STEPS, HEAD, TuningPlan
from forensic_gui.views.labelling.fields import PathField, words_label
from forensic_gui.views.theme import failure_colour
from forensic_gui.widgets.question import Question, ask_first

_INTRODUCTION = (
    "Makes new weights, adapted to images that you labelled; the ones it starts from stay as they are. It takes at "
    "least 8 images with a region, of at least 4 photographs or groups. A part of the images is held out: it chooses "
    "nothing, and is scored before and after."
)
_TRAINED = {
    HEAD: "What comes after the backbone: quicker, and better on few images",
    ALL: "All of the network: several times slower",
}
_MOST_STEPS = 100_000


class SetupPage(QWidget):
    """State is set by the fields; sentences and the button follow it."""

    start_asked = Signal(object, bool)
    """TuningPlan, and whether an unfinished run of this name is thrown away."""

    def __init__(
        self, *, ask_folder: Callable[[], Path | None], ask_retain: Callable[[], Path | None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._case: Path | None = None
        self._shelf: Shelf | None = None
        self._of_case = QRadioButton(self)
        self._of_case.setObjectName("source_case")
        self._of_folder = QRadioButton("A dataset: a folder with Tp, Gt and perhaps Au", self)
        self._of_folder.setObjectName("source_folder")
        group = QButtonGroup(self)
        group.addButton(self._of_case)
        group.addButton(self._of_folder)
        self._folder = PathField("dataset_folder", ("Choose…", ask_folder), parent=self)
        self._weights = QComboBox(self)
        self._weights.setObjectName("start_weights")
        self._weights.setAccessibleName("Weights to start from")
        self._hash = words_label("", self, name="start_hash")
        self._name = QLineEdit(self)
        self._name.setObjectName("weights_name")
        self._name.setPlaceholderText("for example harbour-1")
        self._problem = words_label("", self, name="name_problem")
        self._resume = QCheckBox("Go on with the unfinished run of this name (otherwise it is thrown away)", self)
        self._resume.setToolTip("It goes on only with the images, weights and settings that it was started with.")
        self._resume.setObjectName("resume")
        self._trained = QComboBox(self)
        self._trained.setObjectName("trained")
        for train, words in _TRAINED.items():
            self._trained.addItem(words, train)
        self._steps = QSpinBox(self)
        self._steps.setObjectName("steps")
        self._steps.setRange(1, _MOST_STEPS)
        self._steps.setValue(DEFAULT_STEPS)
        self._steps.setSuffix(" steps")
        self._retain = PathField("retain_folder", ("Choose…", ask_retain), parent=self)
        self._retain.edit.setPlaceholderText("none: composites that come with the program are scored in any case")
        self._start = QPushButton("Start", self)
        self._start.setObjectName("start_tuning")
        self._start.setDefault(True)
        self._lay_out()
        for source in (self._of_case.toggled, self._weights.currentIndexChanged, self._name.textChanged):
            source.connect(lambda _: self._follow())
        self._folder.changed.connect(self._follow)
        self._start.clicked.connect(self._ask)
        self.set_case(None, "")

    @property
    def start_button(self) -> QPushButton:
        """Starts; stands beside the other buttons of the window."""
        return self._start

    def set_case(self, case: Path | None, name: str) -> None:
        """Offer the open case, or none."""
        had = self._case
        self._case = case
        shown = f"The regions of this case, {shown_plainly(name)}" if case is not None else "This case: none is open"
        self._of_case.setText(shown)
        self._of_case.setEnabled(case is not None)
        if case is None:
            self._of_folder.setChecked(True)
        elif had is None:
            self._of_case.setChecked(True)
        self._follow()

    def set_shelf(self, shelf: Shelf, *, active: str) -> None:
        """Offer weights to start from, those of `_first_choice` chosen; know which names are taken.

        Args:
            shelf: what there is.
            active: id or path of the weights in use; "" for none.
        """
        self._shelf = shelf
        before = self._weights.currentData()
        self._weights.clear()
        usable = [each for each in shelf.weights if isinstance(each, InstalledWeights)]
        for each in usable:
            self._weights.addItem(f"{each.id}, in use" if each.id == active else each.id, str(each.path))
            self._weights.setItemData(self._weights.count() - 1, each.sha256, _HASH_ROLE)
        if active and active not in {each.id for each in usable}:
            self._weights.insertItem(0, f"{shown_plainly(Path(active).name)}, in use", active)
        self._weights.setCurrentIndex(max(0, self._weights.findData(before or _first_choice(usable, active))))
        self._follow()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("Learn from", self._of_case)
        form.addRow("", self._of_folder)
        form.addRow("", self._folder)
        form.addRow("Start from", self._weights)
        form.addRow("", self._hash)
        form.addRow("Call it", self._name)
        form.addRow("", self._problem)
        form.addRow("", self._resume)
        form.addRow("Train", self._trained)
        form.addRow("At most", self._steps)
        form.addRow("", QLabel("It stops earlier where validation gets no better.", self))
        form.addRow("Must not fall on", self._retain)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(words_label(_INTRODUCTION, self))
        column.addLayout(form)
        column.addStretch(1)

    def _follow(self) -> None:
        name, shelf = self._name.text().strip(), self._shelf
        self._folder.setEnabled(self._of_folder.isChecked())
        sha256 = self._weights.currentData(_HASH_ROLE)
        self._hash.setText(f"SHA-256 {sha256}" if sha256 else "")
        self._hash.setVisible(bool(sha256))
        problem = "" if shelf is None or not name else shelf.problem_of(name)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, failure_colour(palette))
        self._problem.setPalette(palette)
        is_unfinished = shelf is not None and name in shelf.unfinished
        self._resume.setVisible(is_unfinished)
        if not is_unfinished:
            self._resume.setChecked(False)  # what was ticked for one name says nothing of the next
        self._start.setEnabled(
            shelf is not None and bool(name) and not problem and self._source is not None and self._weights.count() > 0
        )

    @property
    def _source(self) -> Path | None:
        return self._case if self._of_case.isChecked() else self._folder.path

    def _ask(self) -> None:
        source = self._source
        if source is None:
            return
        unfinished = self._resume.isVisibleTo(self)
        plan = TuningPlan(
            source=source.absolute(),
            name=self._name.text().strip(),
            weights=self._weights.currentData(),
            train=self._trained.currentData(),
            steps=self._steps.value(),
            retain=self._retain.path,
            resume=unfinished and self._resume.isChecked(),
        )
        if unfinished and not plan.resume:
            _ask_to_throw_away(self, plan.name, then=lambda: self.start_asked.emit(plan, True))
        else:
            self.start_asked.emit(plan, False)


def _first_choice(usable: Sequence[InstalledWeights], active: str) -> str:
    """Path of the weights in use; where these are the program's own, of its student, which is what is trained."""
    in_use = next((each for each in usable if each.id == active), None)
    if in_use is None:
        return active
    student = next((each for each in usable if each.starts_tuning), in_use)
    return str((student if in_use.is_default else in_use).path)


def _ask_to_throw_away(parent: QWidget, name: str, *, then: Callable[[], object]) -> None:
    """Ask before an unfinished run is deleted, because hours of work may be in it."""
    question = Question(
        name="ask_throw_away",
        title="Fine-Tune Weights",
        text=f"Throw the unfinished run «{shown_plainly(name)}» away and start anew?",
        details="To go on with it, tick that, and choose the images, weights and settings it began with.",
        answer="Start Anew",
    )
    ask_first(parent, question, then=then)


_HASH_ROLE = 0x0101  # Qt.ItemDataRole.UserRole + 1
