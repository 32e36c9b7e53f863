"""Which localizer the window has: none yet, one that loads, one that is ready, or a sentence why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.ports import LoadLocalizer, Localizer
from forensic_gui.workers.gentle import TORCH_LIBRARIES, collector_paused, load_shared_libraries
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Work


@dataclass(frozen=True, slots=True)
class Loading:
    """A localizer is being loaded."""


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A localizer that can be used."""

    localizer: Localizer


@dataclass(frozen=True, slots=True)
class Unavailable:
    """There is none.

    Attributes:
        error: why, in a sentence.
    """

    error: ForensicError


LocalizerState: TypeAlias = Loading | Ready | Unavailable


class LocalizerController(QObject):
    """Loads localizers, one at a time, the latest request winning."""

    changed = Signal(object)
    """LocalizerState after every change."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, lane: Lane, load: LoadLocalizer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._load = load
        self._state: LocalizerState = Loading()
        self._loaded: str | None = None

    @property
    def state(self) -> LocalizerState:
        """What there is now."""
        return self._state

    @property
    def loaded(self) -> str | None:
        """By which id or path the localizer in use was asked for; None for the default, or while there is none."""
        return self._loaded

    def load(self, weights: str | None = None, *, device: str = "auto") -> None:
        """Load weights by id or path (None: the default). A localizer in use stays until its successor is ready."""

        def job(_: Work) -> Localizer:
            load_shared_libraries("torch", TORCH_LIBRARIES)
            with collector_paused():
                return self._load(weights=weights, device=device)

        before = self._state
        self._set(Loading())
        self._lane.submit(job, receive=lambda outcome: self._receive(outcome, before, weights), key="load")

    def _receive(self, outcome: Outcome[Localizer], before: LocalizerState, asked: str | None) -> None:
        match outcome:
            case Done(value=localizer):
                self._loaded = asked
                self._set(Ready(localizer))
            case Failed(error=ForensicError() as error):
                self._set(Unavailable(error))
                # A second choice that cannot be had leaves the first one where it was.
                if isinstance(before, Ready):
                    self._set(before)
            case Failed(error=error):
                self._set(Unavailable(ForensicError("The localizer could not be loaded because of a defect.")))
                self.broke.emit(error)
            case Stopped():
                self._set(before)

    def _set(self, state: LocalizerState) -> None:
        self._state = state
        self.changed.emit(state)
