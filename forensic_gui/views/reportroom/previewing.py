"""The preview follows the edits: made by the real services a moment after the hand rests, drawn page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import ProgressEvent
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.reportroom.door import Preview, Previewer, PreviewRequest
from forensic_gui.views.reportroom.pdf_book import PageSize, PdfBook
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Work

PAUSE_MS = 1000
"""How long the hand rests before the preview is made anew; what was kept in the case is shown at once."""


class Freshness(StrEnum):
    """How the preview stands to what it is of."""

    ABSENT = "absent"
    MAKING = "making"  # what is shown, if anything, is of a moment ago
    FRESH = "fresh"
    FAILED = "failed"  # `trouble` says why; what is shown is of before


@dataclass(frozen=True, slots=True)
class _Opened:
    """A preview whose PDF was opened."""

    book: PdfBook
    sizes: tuple[PageSize, ...]


class PreviewMaker(QObject):
    """Makes previews on one lane, draws their pages on another. Only while it is watched is anything made."""

    changed = Signal()
    """Freshness, notes."""
    pages_changed = Signal(object)
    """Sizes of the pages, a tuple; all are to be drawn anew."""
    drawn = Signal(int, QImage)
    """A page, by its number from 0."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self, *, making: Lane, drawing: Lane, open_previewer: Callable[[], Previewer], parent: QObject | None = None
    ) -> None:
        """Show nothing yet.

        Args:
            making: lane on which reports are made.
            drawing: lane on which pages are drawn; the only thread that touches PDFium.
            open_previewer: makes what makes previews; called on `making`.
            parent: Qt's.
        """
        super().__init__(parent)
        self._making, self._drawing = making, drawing
        self._open_previewer = open_previewer
        self._previewer: Previewer | None = None
        self._session: CaseSession | None = None
        self._request: PreviewRequest | None = None
        self._made: PreviewRequest | None = None
        self._book: PdfBook | None = None
        self._is_watched = False
        self._edition = 0
        self.freshness = Freshness.ABSENT
        self.trouble = ""
        self.progress: ProgressEvent | None = None
        self.preview: Preview | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._make)

    def enter(self, session: CaseSession) -> None:
        """Preview reports of a case."""
        self._session = session

    def leave(self) -> None:
        """Forget the case and its preview."""
        self._pause.stop()
        self._making.cancel_key("preview")
        self._session = self._request = self._made = None
        self._set(Freshness.ABSENT)
        self._making.submit(lambda _: self._forget(), receive=self._receive_nothing)
        self._show_book(None, ())
        self.preview = None

    def watch(self, is_watched: bool) -> None:
        """Make previews while somebody looks at them."""
        self._is_watched = is_watched
        if is_watched:
            self._pause.start(0)

    def ask(self, request: PreviewRequest, *, at_once: bool = False) -> None:
        """Another report is to be seen."""
        request = replace(request, edition=self._edition)
        if request == self._request:
            return
        self._request = request
        if request == self._made:  # edited there and back
            self._pause.stop()
            self._set(Freshness.FRESH)
            return
        self._set(Freshness.MAKING)
        self._pause.start(0 if at_once else PAUSE_MS)

    def outdate(self) -> None:
        """The case says something else of its items by now."""
        self._edition += 1
        if self._request is not None:
            self.ask(self._request)

    def again(self) -> None:
        """Make it anew."""
        self._made = None
        self.outdate()

    def draw(self, wanted: tuple[tuple[int, int], ...]) -> None:
        """Draw pages, given by number and width in pixels; those asked for before are not needed any more."""
        book = self._book
        if book is None:
            return

        def job(work: Work) -> None:
            for number, width_px in wanted:
                work.cancel.raise_if_cancelled()
                work.report((book, number, book.draw(number, width_px)))

        self._drawing.submit(job, receive=self._receive_nothing, on_step=self._on_drawn, key="pages")

    def _make(self) -> None:
        session, request = self._session, self._request
        if session is None or request is None or not self._is_watched or request == self._made:
            return

        def receive(outcome: Outcome[Preview]) -> None:
            match outcome:
                case Done(value=preview) if session is self._session:
                    self._made = request
                    self._open(preview)
                    if request != self._request and not self._pause.isActive():
                        self._pause.start(0)  # edited back to what had been shown before
                case Failed(error=error) if session is self._session:
                    self._fail(error)

        self._set(Freshness.MAKING)
        self._making.submit(
            lambda work: self._preview(session, request, work), receive=receive, on_step=self._on_step, key="preview"
        )

    def _preview(self, session: CaseSession, request: PreviewRequest, work: Work) -> Preview:
        """Runs on the lane of reports, which alone knows the previewer."""
        if self._previewer is None:
            self._previewer = self._open_previewer()
        return self._previewer(session, request, cancel=work.cancel, progress=work.report)

    def _on_step(self, event: ProgressEvent) -> None:
        if self.freshness is Freshness.MAKING:
            self.progress = event
            self.changed.emit()

    def _open(self, preview: Preview) -> None:
        def job() -> _Opened:
            book = PdfBook(preview.pdf)
            return _Opened(book, book.sizes)

        def receive(outcome: Outcome[_Opened]) -> None:
            match outcome:
                case Done(value=opened):
                    self.preview = preview
                    self._show_book(opened.book, opened.sizes)
                    self._set(Freshness.FRESH if self._made == self._request else Freshness.MAKING)
                    self.changed.emit()
                case Failed(error=error):
                    self._fail(error)

        self._drawing.submit(lambda _: job(), receive=receive)

    def _show_book(self, book: PdfBook | None, sizes: tuple[PageSize, ...]) -> None:
        before, self._book = self._book, book
        if before is not None:
            self._drawing.submit(lambda _: before.close(), receive=self._receive_nothing)
        self.pages_changed.emit(sizes)

    def _on_drawn(self, step: tuple[PdfBook, int, QImage]) -> None:
        book, number, picture = step
        if book is self._book:
            self.drawn.emit(number, picture)

    def _forget(self) -> None:
        if self._previewer is not None:
            self._previewer.forget()

    def _receive_nothing(self, outcome: Outcome[object]) -> None:
        if isinstance(outcome, Failed):
            self.broke.emit(outcome.error)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, ForensicError):
            self._set(Freshness.FAILED, sentence(error))
        else:
            self._set(Freshness.FAILED, "A defect of this program keeps the preview from being made.")
            self.broke.emit(error)

    def _set(self, freshness: Freshness, trouble: str = "") -> None:
        if (freshness, trouble) != (self.freshness, self.trouble):
            self.progress = None
            self.freshness, self.trouble = freshness, trouble
            self.changed.emit()
