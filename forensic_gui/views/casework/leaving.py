"""Leaving a case: its originals are verified once more, what was drawn is waited for and kept, and it is closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QProgressBar, QVBoxLayout, QWidget

from forensic_gui.domain.case import Altered
from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.case import CaseSession
from forensic_gui.views.casework import jobs
from forensic_gui.views.casework.words import altered_error, altered_summary
from forensic_gui.views.core.eta import BatchProgress, duration_left
from forensic_gui.views.core.wording import number, sentence, shown_plainly
from forensic_gui.widgets.question import Question, ask_first
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Ticket

OCCASION = "closing"
ANSWER_WITHIN_S = 30.0
"""How long closing waits for a segmenter; some take this long to look at a large image."""
# A case that is verified sooner closes without a word.
_WORTH_SHOWING_MS = 300
_LOOK_EVERY_MS = 50
_MOST_NAMED = 8


class LeavingDialog(QDialog):
    """Says that originals are verified, lets the analyst skip that, and does not close over bad news."""

    skipped = Signal()

    def __init__(self, case: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Closing Case")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(460)
        self._has_news = False
        self._text = QLabel(f"Verifying the originals of {shown_plainly(case)} once more…", self)
        self._text.setObjectName("leaving_text")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._left = QLabel("The record says so if you skip it.", self)
        self._left.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = QDialogButtonBox(self)
        self._button = self._buttons.addButton("Skip", QDialogButtonBox.ButtonRole.RejectRole)
        self._button.setObjectName("leaving_button")
        self._button.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.setContentsMargins(20, 20, 20, 16)
        column.addWidget(self._text)
        column.addWidget(self._bar)
        column.addWidget(self._left)
        column.addStretch(1)
        column.addWidget(self._buttons)

    def show_progress(self, progress: BatchProgress) -> None:
        """Tell how far it is."""
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        left = duration_left(progress.seconds_left)
        self._left.setText(
            f"{number(progress.done)} of {number(progress.total)}, {left}. The record says so if you skip it."
        )

    def show_waiting(self, text: str) -> None:
        """Tell what is waited for, and let the analyst close without it."""
        self._has_news = False
        self._text.setText(text)
        self._bar.setRange(0, 0)
        self._bar.show()
        self._left.hide()
        self._button.setText("Close Without")
        self._button.setEnabled(True)

    def show_news(self, text: str) -> None:
        """Tell what was found, and wait to be closed."""
        self._has_news = True
        self._text.setText(text)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar.hide()
        self._left.hide()
        self._button.setText("Close")
        self._button.setEnabled(True)
        self.show()

    def reject(self) -> None:
        """Skip, or read and close."""
        self._button.setEnabled(self._has_news)
        if self._has_news:
            super().reject()
        else:
            self.skipped.emit()


class CaseLeaver(QObject):
    """Leaves one case at a time."""

    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, window: QWidget, *, verifying: Lane, case_lane: Lane, users: Sequence[Lane]) -> None:
        """Leave cases of a window.

        Args:
            window: over which the dialog stands.
            verifying: lane on which originals are hashed.
            case_lane: lane on which the case is closed.
            users: lanes that work with the case: what is queued on them is done before it is closed.
        """
        super().__init__(window)
        self._window = window
        self._verifying = verifying
        self._case_lane = case_lane
        self._users = tuple(users)
        self._at_work = 0
        self._dialog: LeavingDialog | None = None
        self._ticket: Ticket | None = None
        self._let_go: Callable[[], None] = lambda: None
        self._awaited: Callable[[], Sequence[str]] = lambda: ()
        self._go_on: Callable[[], None] = lambda: None
        self._question: Callable[[], Question | None] = lambda: None
        self._stop: Callable[[], object] = lambda: None
        self._is_asking = False
        self._until = 0.0
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._thens: list[Callable[[ForensicError | None], object]] = []
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_WORTH_SHOWING_MS)
        self._look.timeout.connect(self._look_again)

    @property
    def is_leaving(self) -> bool:
        """Whether a case is being left."""
        return self._dialog is not None

    def wait_for(self, awaited: Callable[[], Sequence[str]]) -> None:
        """Wait for what is still to be drawn before a case is closed: `awaited` says what, each in words."""
        self._awaited = awaited

    def ask_where(self, question: Callable[[], Question | None], *, stop: Callable[[], object]) -> None:
        """Ask before anything is left where `question` has one; `stop` ends what goes on when it is left."""
        self._question, self._stop = question, stop

    def when_agreed(self, then: Callable[[], object]) -> None:
        """Call `then` at once where there is nothing to ask, and else when the user agreed to what would be lost."""
        if self._is_asking:
            return

        def agreed() -> None:
            self._stop()
            then()

        question = self._question()
        if question is None:
            agreed()
            return
        self._is_asking = True
        box = ask_first(self._window, question, then=agreed)
        box.finished.connect(lambda _: self._answered())

    def _answered(self) -> None:
        self._is_asking = False

    def leave(
        self,
        session: CaseSession,
        *,
        name: str,
        let_go: Callable[[], None],
        then: Callable[[ForensicError | None], object],
    ) -> None:
        """Verify and close a case.

        Args:
            session: the case.
            name: its name.
            let_go: called when it is verified: from then on nothing new may use it.
            then: called when it is closed, with what went wrong in closing it.
        """
        self._let_go, self._thens = let_go, [then]
        dialog = LeavingDialog(name, self._window)
        self._dialog = dialog
        dialog.skipped.connect(self._skip)
        dialog.finished.connect(lambda _: self._go_on())
        self._patience.timeout.connect(dialog.show)
        self._patience.start()
        self._ticket = self._verifying.submit(
            lambda work: jobs.verify(session, occasion=OCCASION, report=work.report, cancel=work.cancel),
            receive=partial(self._on_verified, session),
            on_step=dialog.show_progress,
        )

    def then_also(self, then: Callable[[ForensicError | None], object]) -> None:
        """Call `then` too, when the case that is being left is closed."""
        self._thens.append(then)

    def _skip(self) -> None:
        if self._ticket is not None:
            self._verifying.cancel(self._ticket)
        elif self._look.isActive():
            self._look.stop()
            self._go_on()

    def _on_verified(self, session: CaseSession, outcome: Outcome[tuple[Altered, ...]]) -> None:
        self._ticket = None
        match outcome:
            case Done(value=altered) if altered:
                self._tell(_news(altered), then=partial(self._await_drawn, session))
                return
            case Failed(error=ForensicError() as error):
                told = f"The originals could not be verified: {sentence(error)}"
                self._tell(told, then=partial(self._await_drawn, session))
                return
            case Failed(error=error):
                self.broke.emit(error)
            case Done() | Stopped():
                pass
        self._await_drawn(session)

    def _tell(self, news: str, *, then: Callable[[], None]) -> None:
        assert self._dialog is not None
        self._patience.stop()
        self._go_on = then
        self._dialog.show_news(news)

    def _await_drawn(self, session: CaseSession) -> None:
        """What was drawn becomes a region when the segmenter answers."""
        assert self._dialog is not None
        awaited = self._awaited()
        if not awaited:
            self._finish_work(session)
            return
        self._dialog.show_waiting(_waiting(awaited))
        self._patience.start()
        self._go_on = partial(self._finish_work, session)
        self._until = time.monotonic() + ANSWER_WITHIN_S
        self._look.start()

    def _look_again(self) -> None:
        awaited = self._awaited()
        if awaited and time.monotonic() < self._until:
            return
        self._look.stop()
        if awaited:
            self._tell(_not_drawn(awaited), then=self._go_on)
        else:
            self._go_on()

    def _finish_work(self, session: CaseSession) -> None:
        """What was drawn goes into the case first, and nobody is in the middle of reading it."""
        self._let_go()
        self._at_work = len(self._users)
        for lane in self._users:
            lane.submit(lambda _: None, receive=lambda _: self._on_done(session))

    def _on_done(self, session: CaseSession) -> None:
        self._at_work -= 1
        if not self._at_work:
            self._close(session)

    def _close(self, session: CaseSession) -> None:
        self._case_lane.submit(lambda _: session.close(), receive=self._on_closed)

    def _on_closed(self, outcome: Outcome[None]) -> None:
        assert self._dialog is not None
        self._patience.stop()
        self._patience.timeout.disconnect()
        self._dialog.hide()
        self._dialog.deleteLater()
        self._dialog = None
        error: ForensicError | None = None
        match outcome:
            case Failed(error=ForensicError() as told):
                error = told
            case Failed(error=defect):
                self.broke.emit(defect)
        thens, self._thens = self._thens, []
        for then in thens:
            then(error)


def _news(altered: tuple[Altered, ...]) -> str:
    lines = [f"{shown_plainly(each.name)}: {altered_error(each)}" for each in altered[:_MOST_NAMED]]
    if len(altered) > _MOST_NAMED:
        lines.append(f"… and {number(len(altered) - _MOST_NAMED)} more; the case's record names them all.")
    return "\n\n".join([altered_summary(len(altered)), *lines])


def _waiting(awaited: Sequence[str]) -> str:
    return (
        f"The segmenter has yet to answer what was drawn:\n\n{_named(awaited)}\n\n"
        f"The case is closed when it has, after {ANSWER_WITHIN_S:.0f} seconds at the latest."
    )


def _not_drawn(awaited: Sequence[str]) -> str:
    return (
        f"The segmenter did not answer within {ANSWER_WITHIN_S:.0f} seconds. This is not in the case:\n\n"
        f"{_named(awaited)}\n\nDraw it again when the case is next open."
    )


def _named(awaited: Sequence[str]) -> str:
    lines = [shown_plainly(each) for each in awaited[:_MOST_NAMED]]
    if len(awaited) > _MOST_NAMED:
        lines.append(f"… and {number(len(awaited) - _MOST_NAMED)} more")
    return "\n".join(lines)
