"""Weights in one window: which there are, which are used, compared, made anew and removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.weights_shelf import Shelf
from forensic_gui.views.casework.controller import CaseController
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.finetuning.comparing import Viewed, WeightsComparison
from forensic_gui.views.finetuning.controller import FinetuneController
from forensic_gui.views.finetuning.run_state import Phase, RunState, headline, short
from forensic_gui.views.finetuning.weights_dialog import WeightsDialog, ask_to_remove
from forensic_gui.views.finetuning.window import FinetuneWindow
from forensic_gui.views.lanes import Lanes
from forensic_gui.views.localizer_controller import LocalizerController, Ready
from forensic_gui.views.reporting import Reporter
from forensic_gui.views.toolbox import Toolbox
from forensic_gui.views.work_words import WorkWords
from forensic_gui.workers.lane import Done, Failed, Outcome


@dataclass(frozen=True, slots=True)
class Around:
    """What weights have to do with.

    Attributes:
        viewed: the window, the image on its canvas, and the weights that look at it.
        case: the open case.
        localizers: loads other weights.
        report: tells what was done and what went wrong.
        words: tells what goes on.
    """

    viewed: Viewed
    case: CaseController
    localizers: LocalizerController
    report: Reporter
    words: WorkWords


class WeightsRoom(QObject):
    """Holds the two windows of weights, and does what they ask for."""

    changed = Signal()
    """What commands can be run may have changed."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, around: Around, *, toolbox: Toolbox, lanes: Lanes) -> None:
        """Hold no window yet.

        Args:
            around: what weights have to do with.
            toolbox: the use cases.
            lanes: where the work is done.
        """
        super().__init__(around.viewed.window)
        self._around = around
        self._window, self._current = around.viewed.window, around.viewed.current
        self._door = toolbox.weights
        self._lane = lanes.weights
        self.tuning = tuning = FinetuneController(
            lanes.tuning, command=toolbox.weights.command, log_folder=toolbox.log_folder, parent=self
        )
        self.comparison = comparison = WeightsComparison(
            loading=lanes.weights,
            analyzing=lanes.current,
            load=toolbox.load_localizer,
            examine=toolbox.examine,
            viewed=around.viewed,
            report=around.report,
            parent=self,
        )
        self._shelf: Shelf | None = None
        self._tuning_window: FinetuneWindow | None = None
        self._dialog: WeightsDialog | None = None
        tuning.changed.connect(self._on_tuning)
        tuning.ended.connect(self._on_ended)
        comparison.changed.connect(self.changed)
        for part in (tuning, comparison):
            part.broke.connect(self.broke)
        around.localizers.changed.connect(lambda _: self._follow())
        self._current.changed.connect(self._follow_image)
        around.case.case_changed.connect(self._follow_case)

    def show_tuning(self, *, ask_folder: Callable[[], Path | None]) -> None:
        """Open the window of fine-tuning, or bring it to the front."""
        if self._tuning_window is None:
            window = FinetuneWindow(self.tuning, ask_folder=ask_folder, ask_retain=ask_folder, parent=self._window)
            window.use_asked.connect(self.use)
            window.compare_asked.connect(self._compare_with_former)
            window.remove_asked.connect(lambda name: ask_to_remove(window, name, then=lambda: self.remove(name)))
            self._tuning_window = window
        self._follow_case()
        self._present(self._tuning_window)

    def show_weights(self, *, choose_file: Callable[[], object]) -> None:
        """Open the list of weights, or bring it to the front."""
        if self._dialog is None:
            dialog = WeightsDialog(self._window)
            dialog.use_asked.connect(self.use)
            dialog.compare_asked.connect(self.comparison.start)
            dialog.remove_asked.connect(self.remove)
            dialog.file_asked.connect(choose_file)
            self._dialog = dialog
        self._present(self._dialog)

    def use(self, path: str) -> None:
        """Use weights from now on."""
        self.comparison.end()
        self._around.localizers.load(path)

    def remove(self, weights_id: str) -> None:
        """Delete weights that the user installed."""

        def receive(outcome: Outcome[Path]) -> None:
            match outcome:
                case Done(value=path):
                    self._around.report.note(f"Removed {shown_plainly(str(path))}")
                case Failed(error=ForensicError() as error):
                    self._around.report.fail(error)
                case Failed(error=error):
                    self.broke.emit(error)
            self.look()

        self._lane.submit(lambda _: self._door.remove(weights_id), receive=receive)

    def look(self) -> None:
        """Look anew which weights there are."""

        def receive(outcome: Outcome[Shelf]) -> None:
            match outcome:
                case Done(value=shelf):
                    self._shelf = shelf
                    self._follow()
                case Failed(error=ForensicError() as error):
                    self._around.report.fail(error)
                case Failed(error=error):
                    self.broke.emit(error)

        self._lane.submit(lambda _: self._door.shelf(), receive=receive, key="shelf")

    def _present(self, window: FinetuneWindow | WeightsDialog) -> None:
        self.look()
        self._follow_image()
        window.show()
        window.raise_()
        window.activateWindow()

    def _compare_with_former(self, former: str, new: str) -> None:
        """The ones in use stay on the left; the other pair of eyes comes to the right."""
        in_use = self._sha256_in_use
        made = self.tuning.state.done if self.tuning.state is not None else None
        self.comparison.start(former if made is not None and in_use == made.sha256 else new)
        self._window.activateWindow()

    @property
    def _sha256_in_use(self) -> str:
        state = self._around.localizers.state
        return state.localizer.info.weights_sha256 if isinstance(state, Ready) else ""

    def _follow(self) -> None:
        if self._shelf is None:
            return
        if self._dialog is not None:
            self._dialog.set_shelf(self._shelf, sha256_in_use=self._sha256_in_use)
        if self._tuning_window is not None:
            state = self._around.localizers.state
            in_use = state.localizer.info.weights_id if isinstance(state, Ready) else ""
            known = self._shelf.find(in_use)
            # Weights from a file stand on no shelf; other ones may stand there under the same name.
            stands_there = known is not None and known.sha256 == self._sha256_in_use
            active = in_use if stands_there else self._around.localizers.loaded or in_use
            self._tuning_window.set_shelf(self._shelf, active=active)
        self._follow_image()

    def _follow_image(self) -> None:
        possible = self._current.decoded is not None and bool(self._sha256_in_use)
        if self._dialog is not None:
            self._dialog.set_can_compare(possible)
        if self._tuning_window is not None:
            self._tuning_window.set_can_compare(possible)

    def _follow_case(self) -> None:
        session = self._around.case.session
        if self._tuning_window is not None:
            self._tuning_window.set_case(None if session is None else session.folder, self._around.case.name)

    def _on_tuning(self) -> None:
        state = self.tuning.state
        going_on = state is not None and self.tuning.is_running
        self._around.words.say_in_background(short(state) if state is not None and going_on else "")

    def _on_ended(self, state: RunState) -> None:
        self.look()
        if state.phase is Phase.FAILED:
            self._around.report.fail(ForensicError(state.message), subject=f"Fine-tuning «{state.name}»")
        elif state.phase is Phase.DONE:
            warned = state.done is not None and bool(state.done.warnings)
            text = f"Fine-tuning «{state.name}» has ended. {headline(state)}"
            (self._around.report.warn if warned else self._around.report.note)(text)
