"""The window of fine-tuning: set up, watched, and what came of it. Closing it hides it; the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from forensic_gui.services.weights_shelf import Shelf
from forensic_gui.views.finetuning.controller import FinetuneController
from forensic_gui.views.finetuning.run_page import RunPage
from forensic_gui.views.finetuning.run_state import Phase, RunState
from forensic_gui.views.finetuning.setup_page import SetupPage
from forensic_gui.views.finetuning.weights_dialog import WHY_NOT_REMOVED

_SIZE = (880, 720)


class FinetuneWindow(QDialog):
    """Follows the controller; tells what the user wants done with new weights."""

    use_asked = Signal(str)
    """Path of weights to be used from now on."""
    compare_asked = Signal(str, str)
    """Paths of weights to be compared on the image shown: those before, the new ones."""
    remove_asked = Signal(str)
    """Id of weights to be removed."""

    def __init__(
        self,
        controller: FinetuneController,
        *,
        ask_folder: Callable[[], Path | None],
        ask_retain: Callable[[], Path | None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._is_gone = self._is_in_use = False
        self.setWindowTitle("Fine-Tune Weights")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(*_SIZE)
        self._setup = SetupPage(ask_folder=ask_folder, ask_retain=ask_retain, parent=self)
        self._run = RunPage(self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._setup)
        self._pages.addWidget(self._run)
        self._pause = self._button("pause_tuning", "Pause", self._on_pause)
        self._stop = self._button("cancel_tuning", "Stop", controller.cancel)
        self._use = self._button("use_weights", "Use These Weights", self._on_use)
        self._compare = self._button("compare_weights", "Compare with the Former", self._on_compare)
        self._remove = self._button("remove_weights", "Remove", self._on_remove)
        self._again = self._button("tune_again", "New Run…", controller.forget)
        self._close = self._button("close_tuning", "Close", self.hide)
        row = QHBoxLayout()
        for button in (self._use, self._compare, self._remove):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self._again, self._pause, self._stop, self._setup.start_button, self._close):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addWidget(self._pages, 1)
        column.addLayout(row)
        self._setup.start_asked.connect(lambda plan, fresh: controller.start(plan, replaces_unfinished=fresh))
        controller.changed.connect(self._follow)
        self._follow()

    def set_case(self, case: Path | None, name: str) -> None:
        """Offer the open case to learn from."""
        self._setup.set_case(case, name)

    def set_shelf(self, shelf: Shelf, *, active: str) -> None:
        """Which weights there are; `active` is the id or path of those in use."""
        self._setup.set_shelf(shelf, active=active)
        state = self._controller.state
        if state is not None and state.done is not None:
            self._is_gone = shelf.find(state.done.weights_id) is None
            self._is_in_use = active in (state.done.weights_id, state.done.path)
            self._follow()

    def set_can_compare(self, possible: bool) -> None:
        """Whether an image is shown on which weights can be compared."""
        self._compare.setEnabled(possible)
        self._compare.setToolTip("" if possible else "Show an image first.")

    def _button(self, name: str, words: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: do())
        return button

    def _follow(self) -> None:
        state = self._controller.state
        phase = None if state is None else state.phase
        self._pages.setCurrentWidget(self._setup if state is None else self._run)
        if state is not None:
            self._run.show_state(state)
        running = self._controller.is_running
        self._setup.start_button.setVisible(state is None)
        for button in (self._pause, self._stop):
            button.setVisible(running)
        self._pause.setText("Resume" if phase is Phase.PAUSED else "Pause")
        self._pause.setEnabled(phase in (Phase.RUNNING, Phase.PAUSED))
        self._stop.setEnabled(phase is not Phase.STOPPING)
        made = state is not None and state.phase is Phase.DONE and not self._is_gone
        for button in (self._use, self._compare, self._remove):
            button.setVisible(made)
        self._use.setText("In Use" if self._is_in_use else "Use These Weights")
        self._use.setEnabled(not self._is_in_use)
        self._remove.setEnabled(not self._is_in_use)
        self._remove.setToolTip(WHY_NOT_REMOVED if self._is_in_use else "")
        self._again.setVisible(state is not None and not running)
        self._close.setText("Hide" if running else "Close")
        self._close.setToolTip("The run goes on; the status bar says how far it is." if running else "")
        if state is None or not state.phase.is_over:
            self._is_gone = self._is_in_use = False

    def _on_pause(self) -> None:
        state = self._controller.state
        if state is not None and state.phase is Phase.PAUSED:
            self._controller.resume()
        else:
            self._controller.pause()

    @property
    def _made(self) -> RunState | None:
        state = self._controller.state
        return state if state is not None and state.done is not None else None

    def _on_use(self) -> None:
        if self._made is not None and self._made.done is not None:
            self.use_asked.emit(self._made.done.path)

    def _on_compare(self) -> None:
        plan = self._controller.plan
        if plan is not None and self._made is not None and self._made.done is not None:
            self.compare_asked.emit(plan.weights or "", self._made.done.path)

    def _on_remove(self) -> None:
        if self._made is not None and self._made.done is not None:
            self.remove_asked.emit(self._made.done.weights_id)
