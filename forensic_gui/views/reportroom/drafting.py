"""The draft in the window: edits are kept in the case once the hand rests, and never over somebody else's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.revision import ReportDraft
from forensic_gui.services.case import CaseSession
from forensic_gui.views.core.wording import sentence
from forensic_gui.views.reportroom.door import ReportDoor
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome

PAUSE_MS = 600
"""How long the hand rests before what was written is kept: one event of the audit trail a pause, not one a key."""


class Keeping(StrEnum):
    """How the draft in the window stands to the one in the case."""

    ABSENT = "absent"  # no case, or its draft is still being read
    KEPT = "kept"
    EDITED = "edited"  # there is more in the window than in the case
    WRITING = "writing"
    REFUSED = "refused"  # it could not be kept; `trouble` says why
    CONTESTED = "contested"  # the one in the case was changed elsewhere meanwhile


@dataclass(frozen=True, slots=True)
class _Written:
    """What came of keeping: the draft as the case has it, and why it is not what was to be kept."""

    draft: ReportDraft
    error: ForensicError | None = None


class DraftKeeper(QObject):
    """Holds the draft that is edited. Fields set it and follow `opened`; `edited` tells that it is another one."""

    opened = Signal()
    """Another draft is here: fields are to be read anew."""
    edited = Signal()
    """The draft was edited here."""
    keeping_changed = Signal()
    """How it stands to the one in the case."""
    lost = Signal(object)
    """ForensicError: what was written last could not be kept, and the case has been left since."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, lane: Lane, door: ReportDoor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._door = door
        self._session: CaseSession | None = None
        self._is_writable = False
        self._kept = ReportDraft()
        self._now = ReportDraft()
        self._keeping = Keeping.ABSENT
        self._theirs: ReportDraft | None = None
        self.trouble = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.keep)

    @property
    def opinion(self) -> Opinion:
        """The examiner's words, as edited."""
        return self._now.opinion

    @property
    def plan(self) -> ReportPlan:
        """What is shown, as edited."""
        return self._now.plan

    @property
    def authors(self) -> tuple[str, ...]:
        """Who changed the draft since the last issue, as the case has it."""
        return self._kept.authors

    @property
    def revision(self) -> int:
        """Number of changes that the case keeps."""
        return self._kept.revision

    @property
    def keeping(self) -> Keeping:
        """How it stands to the one in the case."""
        return self._keeping

    @property
    def is_editable(self) -> bool:
        """Whether there is a draft that can be changed."""
        return self._is_writable and self._keeping is not Keeping.ABSENT

    @property
    def is_untouched(self) -> bool:
        """Whether nobody changed the draft since the last issue, neither in the case nor here."""
        return not self._kept.authors and (self._now.opinion, self._now.plan) == (self._kept.opinion, self._kept.plan)

    @property
    def is_unkept(self) -> bool:
        """Whether something is on its way into the case."""
        return self._keeping in (Keeping.EDITED, Keeping.WRITING)

    def take(self, session: CaseSession, draft: ReportDraft, *, is_writable: bool) -> None:
        """Hold the draft of a case as it was just read; one that is being edited stays, unless the case's is newer."""
        if session is self._session and (self.is_unkept or draft == self._kept):
            return
        self._session, self._is_writable = session, is_writable
        self._hold(draft)

    def leave(self) -> None:
        """Hold none: the case is left. What was edited last is kept first; nothing is closed before that is done."""
        if self._keeping is Keeping.EDITED:
            self.keep()
        self._pause.stop()
        self._session, self._is_writable, self._theirs = None, False, None
        self._kept = self._now = ReportDraft()
        self._set(Keeping.ABSENT)
        self.opened.emit()

    def set_opinion(self, opinion: Opinion) -> None:
        """The examiner wrote something."""
        self._edit(replace(self._now, opinion=opinion))

    def set_plan(self, plan: ReportPlan) -> None:
        """Something else is to be shown."""
        self._edit(replace(self._now, plan=plan))

    def keep(self) -> None:
        """Keep what was edited now, without waiting for the hand to rest."""
        self._pause.stop()
        if self._keeping not in (Keeping.EDITED, Keeping.REFUSED) or self._session is None:
            return
        self._write(self._kept.revision)

    def insist(self) -> None:
        """Keep what is in the window over what was changed elsewhere; the audit trail has both."""
        if self._keeping is Keeping.CONTESTED and self._theirs is not None:
            self._write(self._theirs.revision)

    def give_in(self) -> None:
        """Take what was changed elsewhere; what was edited here since is lost."""
        if self._keeping is Keeping.CONTESTED and self._theirs is not None:
            self._hold(self._theirs)

    def _edit(self, now: ReportDraft) -> None:
        if not self.is_editable or now == self._now:
            return
        self._now = now
        if self._keeping in (Keeping.KEPT, Keeping.EDITED, Keeping.REFUSED):
            self._pause.start()
            self._set(Keeping.EDITED)
        self.edited.emit()

    def _hold(self, draft: ReportDraft) -> None:
        self._pause.stop()
        self._kept = self._now = draft
        self._theirs = None
        self._set(Keeping.KEPT)
        self.opened.emit()

    def _write(self, revision: int) -> None:
        session, now, door = self._session, self._now, self._door
        assert session is not None

        def job() -> _Written:
            try:
                return _Written(door.write(session, opinion=now.opinion, plan=now.plan, revision=revision))
            except ForensicError as error:
                return _Written(door.read(session).draft, error)

        def receive(outcome: Outcome[_Written]) -> None:
            if session is not self._session:
                self._on_late(outcome)
                return
            match outcome:
                case Done(value=written):
                    self._on_written(written, now, revision)
                case Failed(error=ForensicError() as error):
                    self._set(Keeping.REFUSED, sentence(error))
                case Failed(error=error):
                    self._set(Keeping.REFUSED, "A defect of this program keeps it from being kept.")
                    self.broke.emit(error)

        self._set(Keeping.WRITING)
        self._lane.submit(lambda _: job(), receive=receive)

    def _on_late(self, outcome: Outcome[_Written]) -> None:
        match outcome:
            case Done(value=_Written(error=ForensicError() as error)) | Failed(error=ForensicError() as error):
                self.lost.emit(error)
            case Failed(error=error):
                self.broke.emit(error)

    def _on_written(self, written: _Written, wanted: ReportDraft, revision: int) -> None:
        if written.error is None:
            self._kept = written.draft
            self._now = replace(self._now, revision=written.draft.revision, authors=written.draft.authors)
            is_all = (self._now.opinion, self._now.plan) == (wanted.opinion, wanted.plan)
            self._set(Keeping.KEPT if is_all else Keeping.EDITED)
            if not is_all:
                self._pause.start()
        elif written.draft.revision != revision:
            self._theirs = written.draft
            self._set(Keeping.CONTESTED, sentence(written.error))
        else:
            self._set(Keeping.REFUSED, sentence(written.error))

    def _set(self, keeping: Keeping, trouble: str = "") -> None:
        if (keeping, trouble) != (self._keeping, self.trouble):
            self._keeping, self.trouble = keeping, trouble
            self.keeping_changed.emit()
