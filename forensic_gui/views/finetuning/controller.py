"""One fine-tuning at a time, in a child process that cannot take the window down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.finetune.events import FailedEvent, parse_event
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.finetuning.following import Ending, follow
from forensic_gui.views.finetuning.plan import TuningPlan
from forensic_gui.views.finetuning.run_state import Phase, RunState
from forensic_gui.workers.child import Child
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket


class FinetuneController(QObject):
    """Starts the child, follows its events, and tells it to pause, to go on and to stop."""

    changed = Signal()
    """The state is another one."""
    ended = Signal(object)
    """RunState: the run is over."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        lane: Lane,
        *,
        command: Callable[[], tuple[str, ...]],
        log_folder: Callable[[], Path],
        parent: QObject | None = None,
    ) -> None:
        """Run nothing yet.

        Args:
            lane: on whose thread the child is followed.
            command: what starts this program.
            log_folder: where the last words of a child go that ended unexpectedly.
            parent: Qt's.
        """
        super().__init__(parent)
        self._lane = lane
        self._command = command
        self._log_folder = log_folder
        self._child: Child | None = None
        self._ticket: Ticket | None = None
        self._plan: TuningPlan | None = None
        self._state: RunState | None = None

    @property
    def state(self) -> RunState | None:
        """Of the run that goes on, or of the last one; None before the first."""
        return self._state

    @property
    def plan(self) -> TuningPlan | None:
        """What was asked for."""
        return self._plan

    @property
    def is_running(self) -> bool:
        """Whether a child runs."""
        return self._child is not None

    def start(self, plan: TuningPlan, *, replaces_unfinished: bool = False) -> None:
        """Start a run; nothing happens while one goes on."""
        if self._child is not None:
            return
        child = Child((*self._command(), *plan.arguments(replaces_unfinished=replaces_unfinished)))
        self._child, self._plan, self._state = child, plan, RunState(plan.name)
        self._ticket = self._lane.submit(
            lambda work: follow(child, work, log_folder=self._log_folder),
            receive=self._on_end,
            on_step=self._on_line,
        )
        self.changed.emit()

    def pause(self) -> None:
        """Let it wait after the step it is in."""
        if self._state is not None and self._child is not None and self._state.phase is Phase.RUNNING:
            self._child.say("pause")
            self._set(replace(self._state, phase=Phase.PAUSING))

    def resume(self) -> None:
        """Let it go on."""
        if self._state is not None and self._child is not None and self._state.phase is Phase.PAUSED:
            self._child.say("resume")

    def cancel(self) -> None:
        """Stop it; a checkpoint stays, from which it can go on."""
        if self._child is not None and self._ticket is not None and self._state is not None:
            self._set(replace(self._state, phase=Phase.STOPPING))
            self._lane.cancel(self._ticket)

    def forget(self) -> None:
        """Forget a run that is over, to begin another."""
        if self._child is None:
            self._state = self._plan = None
            self.changed.emit()

    def _on_line(self, line: str) -> None:
        assert self._state is not None
        try:
            event = parse_event(line)
        except ValueError:
            return  # a line of some library; what matters is told at the end
        after = self._state.after(event)
        if self._state.phase is Phase.STOPPING and not after.phase.is_over:
            after = replace(after, phase=Phase.STOPPING)
        self._set(after)

    def _on_end(self, outcome: Outcome[Ending]) -> None:
        assert self._state is not None
        self._child = self._ticket = None
        self._state = _ended(self._state, outcome)
        self.changed.emit()
        self.ended.emit(self._state)
        if isinstance(outcome, Failed) and not isinstance(outcome.error, ForensicError):
            self.broke.emit(outcome.error)

    def _set(self, state: RunState) -> None:
        self._state = state
        self.changed.emit()


def _ended(state: RunState, outcome: Outcome[Ending]) -> RunState:
    """The state after the child's end, whose events may not have said how it ended."""
    if state.phase in (Phase.DONE, Phase.FAILED):
        return state
    match outcome:
        case Failed(error=ForensicError() as error):
            return state.after(FailedEvent(sentence(error)))
        case Failed():
            return state.after(FailedEvent("It could not be followed because of a defect."))
        case Done(value=ending) if state.phase is not Phase.STOPPING:
            return state.after(FailedEvent(ending.unexpected))
        case Done() | Stopped():
            return replace(state, phase=Phase.STOPPED)
