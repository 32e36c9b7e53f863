"""The summary of the open case: read on the case's lane, arranged beside the window's thread, written with batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimerEvent, Signal
from PySide6.QtGui import QImage

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.case import CaseSession
from forensic_gui.services.summary.contract import SummaryForm, SummaryReport, SummaryRequest
from forensic_gui.views.casework.jobs import Paced
from forensic_gui.views.core.eta import BatchProgress
from forensic_gui.views.core.wording import number, shown_plainly
from forensic_gui.views.session import Session
from forensic_gui.views.summary.arranging import Book, Shown, Wish, arranged
from forensic_gui.views.summary.door import SummaryDoor
from forensic_gui.views.summary.window import SummaryWindow
from forensic_gui.workers.lane import Done, Failed, Outcome, Stopped, Ticket, Work

_SETTLE_MS = 400
"""While many items change one after the other, they are read again once in this time."""


class SummaryRoom(QObject):
    """Holds the window and what it shows."""

    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        session: Session,
        *,
        door: SummaryDoor,
        ask_place: Callable[[str, SummaryForm], Path | None],
    ) -> None:
        """Show nothing yet.

        Args:
            session: of the main window.
            door: the use cases.
            ask_place: asks where a file of a case of this name and in this form is to go.
        """
        super().__init__(session)
        self._session = session
        self._lanes = session.lanes
        self._door = door
        self._ask_place = ask_place
        self._book = Book()
        self._writing: Ticket | None = None
        self._settling = 0
        self.window = SummaryWindow(self._thumbnail, session.window)
        self.window.wished.connect(self._arrange)
        self.window.chosen.connect(self._go_to)
        self.window.save_asked.connect(self._save)
        self.window.stop_asked.connect(self.stop)
        self.window.shown_again.connect(self._read)
        session.window.closing.connect(self.window.hide)  # on its own it would keep the program running
        session.thumbnails.also_seen_by(self._sees)
        session.thumbnails.ready.connect(self._refresh)
        session.case.case_changed.connect(self._on_case)
        session.case.item_changed.connect(lambda _: self._note_change())
        self._on_case()

    def show(self) -> None:
        """Show the window, in front."""
        if self._session.case.is_open:
            self.window.come_forward()

    def stop(self) -> None:
        """Stop writing a file."""
        if self._writing is not None:
            self._lanes.batch.cancel(self._writing)

    def _on_case(self) -> None:
        case = self._session.case
        self._book = Book()
        self._settle()
        if case.is_open:
            self.window.set_case(case.name)
            if self.window.isVisible():
                self._read()
        else:
            self.window.hide()
            self.window.show_rows(Shown())

    def _note_change(self) -> None:
        if self.window.isVisible() and not self._settling:
            self._settling = self.startTimer(_SETTLE_MS)

    def timerEvent(self, event: QTimerEvent) -> None:  # noqa: N802 - Qt's name
        """Read what has changed."""
        if event.timerId() == self._settling:
            self._settle()
            self._read()

    def _settle(self) -> None:
        if self._settling:
            self.killTimer(self._settling)
            self._settling = 0

    def _read(self) -> None:
        session = self._session.case.session
        if session is None:
            return
        door = self._door

        def receive(outcome: Outcome[Book]) -> None:
            if session is not self._session.case.session:
                return
            match outcome:
                case Done(value=book):
                    self._book = book
                    self.window.set_groups(book.groups)
                    self._arrange(self.window.wish)
                case outcome:
                    self._fail(outcome)

        self._lanes.case.submit(lambda _: Book.of(door.read(session)), receive=receive, key="summary rows")

    def _arrange(self, wish: Wish) -> None:
        book = self._book

        def receive(outcome: Outcome[Shown]) -> None:
            match outcome:
                case Done(value=shown):
                    if book is self._book:
                        self.window.show_rows(shown)
                case outcome:
                    self._fail(outcome)

        self._lanes.arranging.submit(lambda _: arranged(book, wish), receive=receive, key="summary")

    def _go_to(self, entry_id: int) -> None:
        item_id = self._session.window.catalog.catalog.id_of_entry(entry_id)
        if item_id is not None:
            self._session.browser.go_to(item_id)
            self._session.window.raise_()
            self._session.window.activateWindow()

    def _thumbnail(self, entry_id: int) -> QImage | None:
        catalog = self._session.window.catalog.catalog
        item_id = catalog.id_of_entry(entry_id)
        item = None if item_id is None else catalog.item(item_id)
        return None if item is None else self._session.thumbnails.image(item)

    def _sees(self, item_id: int) -> bool:
        item = self._session.window.catalog.catalog.item(item_id)
        return item is not None and item.entry is not None and self.window.sees(item.entry.id)

    def _refresh(self, item_id: int) -> None:
        item = self._session.window.catalog.catalog.item(item_id)
        if item is not None and item.entry is not None:
            self.window.sheet.refresh(item.entry.id)

    def _save(self, form: SummaryForm) -> None:
        session = self._session.case.session
        path = None if session is None or self._writing is not None else self._ask_place(self._session.case.name, form)
        if session is None or path is None:
            return
        # The system's dialog has asked whether a file may be written over.
        request = SummaryRequest(path, tuple(row.item.id for row in self.window.table.rows), replaces=True)
        self._write(session, request)

    def _write(self, session: CaseSession, request: SummaryRequest) -> None:
        def job(work: Work) -> SummaryReport:
            return self._door.write(
                request,
                case=session,
                open_decoder=self._session.evidence.open_decoder,
                progress=Paced(work.report),
                cancel=work.cancel,
            )

        def step(progress: BatchProgress) -> None:
            self.window.show_writing(f"Drawing {number(progress.done)} of {number(progress.total)}…")

        def receive(outcome: Outcome[SummaryReport]) -> None:
            self._writing = None
            self.window.show_writing("")
            match outcome:
                case Done(value=report):
                    self._tell(report)
                case Stopped():
                    self._session.report.note("Stopped: no summary was written.")
                case outcome:
                    self._fail(outcome)

        self._session.report.job_begins()
        self.window.show_writing("Writing…")
        self._writing = self._lanes.batch.submit(job, receive=receive, on_step=step)

    def _tell(self, report: SummaryReport) -> None:
        items = "1 item" if report.items == 1 else f"{number(report.items)} items"
        text = f"A summary of {items} was saved to {shown_plainly(str(report.path))}."
        for failure in report.failures:
            self._session.report.record(ForensicError(failure.message), subject=failure.path.name)
        if report.failures:
            self._session.report.fail_many(f"{text} {len(report.failures)} have no thumbnail.")
        else:
            self._session.report.note(text)
        self.window.say(text)

    def _fail(self, outcome: Failed | Stopped) -> None:
        match outcome:
            case Failed(error=ForensicError() as error):
                self._session.report.fail(error)
                self.window.say(str(error))
            case Failed(error=error):
                self.broke.emit(error)
