"""Saving pictures of a result, and everything about many images to a folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.finding import OutputFile, Product
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import ProgressEvent
from forensic_gui.views.core.eta import BatchProgress, seconds_left
from forensic_gui.views.toolbox import Export, ExportEnd, ExportRequest, Save, SaveRequest
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket, Work

FILE_FILTERS = {
    Product.OVERLAY: "JPEG image (*.jpg)",
    Product.MASK: "PNG image (*.png)",
    Product.HEATMAP: "16-bit PNG image (*.png)",
}


@dataclass(slots=True)
class _Running:
    started_at: float
    ticket: Ticket | None = None
    finished_at: list[float] = field(default_factory=list)
    last: BatchProgress = field(default_factory=lambda: BatchProgress(0, 0, 0, None))


class SaveController(QObject):
    """Writes off the window's thread: pictures on one lane, exports on the lane of batches."""

    saved = Signal(object, object)
    """SaveRequest and OutputFile."""
    save_failed = Signal(object, object)
    """SaveRequest and the `ForensicError`."""
    export_progressed = Signal(object)
    """BatchProgress."""
    export_ended = Signal(object)
    """ExportEnd; None when the user stopped it; a `ForensicError` when it could not be done."""
    busy_changed = Signal()
    """Whether an export runs has changed."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        *,
        save_lane: Lane,
        export_lane: Lane,
        save: Save,
        export: Export,
        open_decoder: Callable[[], Decoder],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._save_lane = save_lane
        self._export_lane = export_lane
        self._save = save
        self._export = export
        self._open_decoder = open_decoder
        self._running: _Running | None = None

    @property
    def is_exporting(self) -> bool:
        """Whether an export runs."""
        return self._running is not None

    def save(self, request: SaveRequest) -> None:
        """Write one picture."""

        def job(work: Work) -> OutputFile:
            return self._save(request, cancel=work.cancel)

        def receive(outcome: Outcome[OutputFile]) -> None:
            match outcome:
                case Done(value=file):
                    self.saved.emit(request, file)
                case Failed(error=ForensicError() as error):
                    self.save_failed.emit(request, error)
                case Failed(error=error):
                    self.broke.emit(error)
                case Stopped():
                    self.save_failed.emit(request, ForensicError(f"{request.path.name} was not saved: it was stopped."))

        self._save_lane.submit(job, receive=receive)

    def export(self, request: ExportRequest) -> None:
        """Save results of many files to a folder. One at a time.

        Raises:
            ForensicError: one is running.
        """
        if self._running is not None:
            raise ForensicError("Results are being saved already; stop that first (Esc), or wait for its end.")
        self._running = _Running(time.monotonic())
        self._running.last = BatchProgress(0, len(request.paths), 0, None)

        def job(work: Work) -> ExportEnd:
            decoder = self._open_decoder()
            try:
                return self._export(request, decoder=decoder, progress=work.report, cancel=work.cancel)
            finally:
                decoder.close()

        self._running.ticket = self._export_lane.submit(job, receive=self._on_exported, on_step=self._on_export_step)
        self.busy_changed.emit()
        self.export_progressed.emit(self._running.last)

    def stop(self) -> None:
        """Stop the export; what was saved stays."""
        if self._running is not None and self._running.ticket is not None:
            self._export_lane.cancel(self._running.ticket)

    def _on_export_step(self, event: ProgressEvent) -> None:
        assert self._running is not None
        running = self._running
        if event.kind in ("finished", "failed"):
            running.finished_at.append(time.monotonic())
        total = event.total or running.last.total
        left = seconds_left(running.finished_at, started_at=running.started_at, total=total)
        running.last = BatchProgress(event.done, total, event.failed, left)
        self.export_progressed.emit(running.last)

    def _on_exported(self, outcome: Outcome[ExportEnd]) -> None:
        self._running = None
        self.busy_changed.emit()
        match outcome:
            case Done(value=end):
                self.export_ended.emit(end)
            case Stopped():
                self.export_ended.emit(None)
            case Failed(error=ForensicError() as error):
                self.export_ended.emit(error)
            case Failed(error=error):
                self.export_ended.emit(None)
                self.broke.emit(error)
