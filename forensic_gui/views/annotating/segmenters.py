"""Which segmenter the window has: none asked for yet, one that loads, one that is ready, or a sentence why none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError, SegmenterError
from forensic_gui.services.ports import LoadSegmenter, Segmenter
from forensic_gui.workers.gentle import TORCH_LIBRARIES, collector_paused, load_shared_libraries
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Work


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """Nothing was drawn on yet, so none was needed."""


@dataclass(frozen=True, slots=True)
class LoadingSegmenter:
    """One is being loaded."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmenterReady:
    """One that can be used."""

    segmenter: Segmenter


@dataclass(frozen=True, slots=True)
class NoSegmenter:
    """There is none.

    Attributes:
        error: why, in a sentence.
    """

    error: ForensicError


SegmenterState: TypeAlias = NotLoaded | LoadingSegmenter | SegmenterReady | NoSegmenter


class SegmenterController(QObject):
    """Loads segmenters, one at a time, the latest request winning."""

    changed = Signal(object)
    """SegmenterState after every change."""
    failed = Signal(object)
    """ForensicError: the one chosen cannot be had; the one before stays in use."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, lane: Lane, load: LoadSegmenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._load = load
        self._state: SegmenterState = NotLoaded()

    @property
    def state(self) -> SegmenterState:
        """What there is now."""
        return self._state

    @property
    def segmenter(self) -> Segmenter | None:
        """The segmenter, when there is one."""
        return self._state.segmenter if isinstance(self._state, SegmenterReady) else None

    def require(self) -> None:
        """Load the best one installed, unless one is there or on its way."""
        if isinstance(self._state, NotLoaded):
            self.choose(None)

    def choose(self, segmenter: str | None) -> None:
        """Load one by id (None: the best one installed). The one in use stays until its successor is ready."""

        def job(_: Work) -> Segmenter:
            load_shared_libraries("torch", TORCH_LIBRARIES)
            with collector_paused():
                return self._load(segmenter=segmenter)

        before = self._state
        self._set(LoadingSegmenter())
        self._lane.submit(job, receive=lambda outcome: self._receive(outcome, before), key="load")

    def _receive(self, outcome: Outcome[Segmenter], before: SegmenterState) -> None:
        match outcome:
            case Done(value=segmenter):
                self._set(SegmenterReady(segmenter))
            case Failed(error=ForensicError() as error):
                self._fall_back(before, error)
                self.failed.emit(error)
            case Failed(error=error):
                self._fall_back(before, SegmenterError("The segmenter could not be loaded because of a defect."))
                self.broke.emit(error)
            case Stopped():
                self._set(before)

    def _fall_back(self, before: SegmenterState, error: ForensicError) -> None:
        self._set(before if isinstance(before, SegmenterReady) else NoSegmenter(error))

    def _set(self, state: SegmenterState) -> None:
        self._state = state
        self.changed.emit(state)
