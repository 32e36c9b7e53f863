"""Analyses: of the image on the canvas at once, of many in the background."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import Decoder, Localizer, LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken
from forensic_gui.views.core.eta import BatchProgress, seconds_left
from forensic_gui.views.core.items import Analyzing, CouldNot, ItemState, NotAnalyzed
from forensic_gui.views.core.results import ResultStore, Setup
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.toolbox import Examine
from forensic_gui.workers.batch import (
    Assignment,
    BatchChosen,
    BatchStep,
    ItemExamined,
    ItemFailed,
    ItemStarted,
    run_batch,
)
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket, Work

_TICK_MS = 500


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """How a batch ended.

    Attributes:
        done: items finished, failed ones included.
        total: items asked for.
        failed: items that failed.
        stopped: whether the user stopped it.
    """

    done: int
    total: int
    failed: int
    stopped: bool


@dataclass(slots=True)
class _Batch:
    started_at: float
    ticket: Ticket | None = None
    total: int = 0
    finished_at: list[float] = field(default_factory=list)
    open_ids: set[int] = field(default_factory=set)
    failed: int = 0

    def progress(self) -> BatchProgress:
        left = seconds_left(self.finished_at, started_at=self.started_at, total=self.total)
        return BatchProgress(len(self.finished_at), self.total, self.failed, left)


class Archive(Protocol):
    """Keeps results beyond this session; see `casework.findings`. Called on the threads that analyze."""

    def keep(self, decoded: DecodedEvidence, examination: Examination) -> None:
        """Keep a result."""
        ...

    def recall(self, decoded: DecodedEvidence, localizer: LocalizerInfo, views: Views) -> Examination | None:
        """The result that was kept of this evidence, made as it would be made now; None where there is none."""
        ...


class AnalysisController(QObject):
    """Runs analyses on two lanes: the current image never waits behind a batch."""

    state_changed = Signal(int, object, object)
    """Item id, ItemState, SHA-256 of the evidence or None."""
    queued = Signal(object)
    """Ids of items that wait for a batch."""
    released = Signal(object)
    """Ids of items that a batch did not get to."""
    examined = Signal(int, object)
    """Item id and Examination."""
    failed = Signal(int, object)
    """Item id and the exception."""
    batch_progressed = Signal(object)
    """BatchProgress, after every item and twice a second."""
    batch_ended = Signal(object)
    """BatchEnd."""
    current_changed = Signal(str)
    """File name of the current image while it is analyzed, then ""."""
    busy_changed = Signal()
    """Whether there is something to stop has changed."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        *,
        current_lane: Lane,
        batch_lane: Lane,
        examine: Examine,
        open_decoder: Callable[[], Decoder],
        results: ResultStore,
        archive: Archive,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._current_lane = current_lane
        self._batch_lane = batch_lane
        self._examine = examine
        self._open_decoder = open_decoder
        self._results = results
        self._archive = archive
        self._decoder: Decoder | None = None
        self._current: int | None = None
        self._batch: _Batch | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._tell_progress)

    @property
    def is_busy(self) -> bool:
        """Whether there is something to stop."""
        return self._batch is not None or self._current is not None

    @property
    def is_batch_running(self) -> bool:
        """Whether a batch runs."""
        return self._batch is not None

    def analyze(self, item_id: int, decoded: DecodedEvidence, *, localizer: Localizer, views: Views) -> None:
        """Analyze evidence that is already read; an analysis of another image is dropped."""
        self.drop_current()
        self._current = item_id
        self.state_changed.emit(item_id, Analyzing(), decoded.evidence.sha256)
        self.current_changed.emit(decoded.evidence.path.name)
        self.busy_changed.emit()

        def job(work: Work) -> Examination:
            return self._examine_and_keep(decoded, localizer, views, work.cancel)

        self._current_lane.submit(job, receive=lambda outcome: self._receive_current(item_id, outcome), key="current")

    def drop_current(self) -> None:
        """Give up the analysis of the current image."""
        if self._current is not None:
            item_id, self._current = self._current, None
            self._current_lane.cancel_key("current")
            self.state_changed.emit(item_id, NotAnalyzed(), None)
            self._tell_current_ended()

    def analyze_batch(self, choose: Callable[[], Sequence[Assignment]], *, localizer: Localizer, views: Views) -> None:
        """Analyze files in the background. There is one batch at a time.

        Args:
            choose: says which files; called on the batch's thread, for there may be many to choose from.
            localizer: what looks.
            views: fast or thorough.

        Raises:
            ForensicError: one is running.
        """
        if self._batch is not None:
            raise ForensicError("An analysis of several images is running; stop it first (Esc), or wait for its end.")
        batch = _Batch(time.monotonic())
        self._batch = batch
        batch.ticket = self._batch_lane.submit(
            lambda work: self._run_batch(work, choose, localizer, views),
            receive=self._receive_batch,
            on_step=self._on_batch_step,
        )
        self._clock.start()
        self.busy_changed.emit()

    def stop(self) -> None:
        """Stop what runs; what was finished is kept."""
        self.drop_current()
        if self._batch is not None and self._batch.ticket is not None:
            self._batch_lane.cancel(self._batch.ticket)

    def close(self) -> None:
        """Let go of the decoder, after the lanes have ended."""
        self._clock.stop()
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _receive_current(self, item_id: int, outcome: Outcome[Examination]) -> None:
        if self._current != item_id:
            return
        self._current = None
        match outcome:
            case Done(value=examination):
                self._accept(item_id, examination)
            case Failed(error=error):
                self._refuse(item_id, error)
            case Stopped():
                self.state_changed.emit(item_id, NotAnalyzed(), None)
        self._tell_current_ended()

    def _tell_current_ended(self) -> None:
        self.current_changed.emit("")
        self.busy_changed.emit()

    def _run_batch(
        self, work: Work, choose: Callable[[], Sequence[Assignment]], localizer: Localizer, views: Views
    ) -> None:
        """Runs on the batch lane."""
        assignments = choose()
        work.report(BatchChosen({assignment.item_id for assignment in assignments}))
        if not assignments:
            return
        setup = Setup.of(localizer.info, views)

        def examine(decoded: DecodedEvidence, cancel: CancelToken) -> Examination:
            known = self._results.examination(decoded.evidence.sha256, setup)
            known = known or self._archive.recall(decoded, localizer.info, views)
            return known or self._examine_and_keep(decoded, localizer, views, cancel)

        if self._decoder is None:
            self._decoder = self._open_decoder()
        run_batch(assignments, decoder=self._decoder, examine=examine, report=work.report, cancel=work.cancel)

    def _examine_and_keep(
        self, decoded: DecodedEvidence, localizer: Localizer, views: Views, cancel: CancelToken
    ) -> Examination:
        """Runs on a lane."""
        examination = self._examine(decoded, localizer=localizer, views=views, cancel=cancel)
        self._archive.keep(decoded, examination)
        return examination

    def _on_batch_step(self, step: BatchStep) -> None:
        assert self._batch is not None
        match step:
            case BatchChosen(item_ids=item_ids):
                self._batch.total, self._batch.open_ids = len(item_ids), item_ids
                self.queued.emit(frozenset(item_ids))
                self._tell_progress()
                return
            case ItemStarted(item_id=item_id):
                self.state_changed.emit(item_id, Analyzing(), None)
                return
            case ItemExamined(item_id=item_id, examination=examination):
                self._accept(item_id, examination)
            case ItemFailed(item_id=item_id, error=error):
                self._batch.failed += 1
                self._refuse(item_id, error)
        self._batch.finished_at.append(time.monotonic())
        self._batch.open_ids.discard(item_id)
        self._tell_progress()

    def _receive_batch(self, outcome: Outcome[None]) -> None:
        assert self._batch is not None
        batch, self._batch = self._batch, None
        self._clock.stop()
        self.released.emit(batch.open_ids)
        end = BatchEnd(
            done=len(batch.finished_at),
            total=batch.total,
            failed=batch.failed,
            stopped=isinstance(outcome, Stopped),
        )
        self.batch_ended.emit(end)
        self.busy_changed.emit()
        if isinstance(outcome, Failed):
            self.broke.emit(outcome.error)

    def _accept(self, item_id: int, examination: Examination) -> None:
        summary: ItemState = self._results.put(examination)
        self.state_changed.emit(item_id, summary, examination.evidence_sha256)
        self.examined.emit(item_id, examination)

    def _refuse(self, item_id: int, error: Exception) -> None:
        if isinstance(error, ForensicError):
            self.state_changed.emit(item_id, CouldNot(sentence(error)), None)
        else:
            self.state_changed.emit(item_id, NotAnalyzed(), None)
        self.failed.emit(item_id, error)

    def _tell_progress(self) -> None:
        if self._batch is not None and self._batch.total:
            self.batch_progressed.emit(self._batch.progress())
