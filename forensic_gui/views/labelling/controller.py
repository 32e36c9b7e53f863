"""Exports and imports of labels: on the lane of batches, told in a sentence when they end."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.finding import Failure
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.contents import LabelContents
from forensic_gui.services.labels.contract import (
    ExportLabelsRequest,
    ImportLabelsRequest,
    ImportReport,
    LabelsReport,
)
from forensic_gui.services.ports import Decoder
from forensic_gui.views.casework.jobs import Paced
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.labelling import words
from forensic_gui.views.labelling.door import LabelDoor
from forensic_gui.views.reporting import Reporter
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket, Work


class LabelController(QObject):
    """One export or import at a time; a second one waits for its turn on the lane."""

    progressed = Signal(object, str)
    """BatchProgress, and what is done, as "Exporting labels of"."""
    busy_changed = Signal()
    """Whether there is something to stop has changed."""
    imported = Signal(object, object)
    """CaseSession, and the numbers within it of items that say something else now; None where they are not known."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        *,
        lane: Lane,
        counting: Lane,
        door: LabelDoor,
        open_decoder: Callable[[], Decoder],
        report: Reporter,
        parent: QObject | None = None,
    ) -> None:
        """Do nothing yet.

        Args:
            lane: of batches.
            counting: on which it is counted what there is to export.
            door: the use cases.
            open_decoder: opens a decoder, which is closed again at the end.
            report: told how it ended.
            parent: Qt's.
        """
        super().__init__(parent)
        self._lane = lane
        self._counting = counting
        self._door = door
        self._open_decoder = open_decoder
        self._report = report
        self._tickets: list[Ticket] = []

    @property
    def is_busy(self) -> bool:
        """Whether there is something to stop."""
        return bool(self._tickets)

    def count(
        self, session: CaseSession, *, receive: Callable[[LabelContents], None], refuse: Callable[[str], None]
    ) -> Callable[[], None]:
        """Count what there is to export; what is returned stops it.

        Args:
            session: the case.
            receive: told what there is.
            refuse: told in a sentence why it cannot be counted.
        """
        is_wanted = True

        def take(outcome: Outcome[LabelContents]) -> None:
            match outcome:
                case Done(value=contents) if is_wanted:
                    receive(contents)
                case Failed(error=ForensicError() as error) if is_wanted:
                    refuse(sentence(error))
                case Failed(error=ForensicError()):
                    pass
                case Failed(error=error):
                    self.broke.emit(error)

        ticket = self._counting.submit(
            lambda work: self._door.count(session, cancel=work.cancel), receive=take, key="count labels"
        )

        def stop() -> None:
            nonlocal is_wanted
            is_wanted = False
            self._counting.cancel(ticket)

        return stop

    def export(self, session: CaseSession, request: ExportLabelsRequest) -> None:
        """Write labels and their images into a new folder."""

        def job(work: Work, decoder: Decoder) -> LabelsReport:
            return self._door.export_labels(
                request, case=session, decoder=decoder, progress=Paced(work.report), cancel=work.cancel
            )

        def done(report: LabelsReport) -> None:
            self._tell(words.exported(report), report.failures)

        self._submit(job, done, verb="Exporting labels of", stopped=lambda: "Stopped: no labels were exported.")

    def bring_in(self, session: CaseSession, request: ImportLabelsRequest) -> None:
        """Add the regions of label files to the case."""

        def job(work: Work, decoder: Decoder) -> ImportReport:
            return self._door.import_labels(
                request, case=session, decoder=decoder, progress=Paced(work.report), cancel=work.cancel
            )

        def done(report: ImportReport) -> None:
            self.imported.emit(session, report.item_ids)
            for remark in report.remarks:
                self._report.record(ForensicError(remark), subject=request.path.name)
            self._tell(words.imported(report), report.failures, has_remarks=bool(report.remarks))

        def stopped() -> str:
            self.imported.emit(session, None)
            return "Stopped: images that were done have their regions."

        self._submit(job, done, verb="Importing labels of", stopped=stopped)

    def stop(self) -> None:
        """Stop what runs or waits."""
        for ticket in self._tickets:
            self._lane.cancel(ticket)

    def _submit(
        self,
        job: Callable[[Work, Decoder], LabelsReport] | Callable[[Work, Decoder], ImportReport],
        done: Callable[..., None],
        *,
        verb: str,
        stopped: Callable[[], str],
    ) -> None:
        def run(work: Work) -> LabelsReport | ImportReport:
            decoder = self._open_decoder()
            try:
                return job(work, decoder)
            finally:
                decoder.close()

        def receive(outcome: Outcome[LabelsReport | ImportReport]) -> None:
            self._tickets.remove(ticket)
            self.busy_changed.emit()
            match outcome:
                case Done(value=report):
                    done(report)
                case Stopped():
                    self._report.note(stopped())
                case Failed(error=ForensicError() as error):
                    self._report.fail(error)
                case Failed(error=error):
                    self.broke.emit(error)

        self._report.job_begins()
        ticket = self._lane.submit(run, receive=receive, on_step=lambda step: self.progressed.emit(step, verb))
        self._tickets.append(ticket)
        self.busy_changed.emit()

    def _tell(self, text: str, failures: tuple[Failure, ...], *, has_remarks: bool = False) -> None:
        for failure in failures:
            self._report.record(ForensicError(failure.message), subject=failure.path.name)
        if failures:
            self._report.fail_many(text)
        elif has_remarks:
            self._report.warn_many(text)
        else:
            self._report.note(text)
