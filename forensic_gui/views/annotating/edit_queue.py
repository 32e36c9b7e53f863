"""Edits on their way into the case: one after the other, in the order of the hand, none dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.case import AnnotationState
from forensic_gui.domain.errors import EditRefused, ForensicError
from forensic_gui.services.annotating.composing import Signature
from forensic_gui.views.annotating.sheet import Compose, DrawnCase, Page, Sheet
from forensic_gui.views.canvas.annotated import annotation_layer
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Work


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """Something that could not be done.

    Attributes:
        sheet: where.
        error: why, in a sentence.
    """

    sheet: Sheet
    error: ForensicError


@dataclass(frozen=True, slots=True)
class _Known:
    sheet: Sheet
    state: AnnotationState


class EditQueue(QObject):
    """Composes, commits and prepares for painting on one lane."""

    begun = Signal()
    """An edit, or taking one back, was queued."""
    arrived = Signal(object)
    """Page: the newest state of a sheet."""
    refused = Signal(object)
    """Refusal."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""
    busy_changed = Signal()
    """Whether edits are on their way."""

    def __init__(self, lane: Lane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._known: _Known | None = None  # used on the lane's thread alone
        self._on_their_way = 0

    @property
    def is_busy(self) -> bool:
        """Whether edits are on their way."""
        return self._on_their_way > 0

    def load(self, sheet: Sheet, *, selected: str | None = None) -> None:
        """Read what stands on a sheet."""
        self._submit(sheet, selected, lambda: self._read(sheet))

    def look_up(self, case: DrawnCase, item_id: int, *, receive: Callable[[Annotation], None]) -> None:
        """Read what stands on an item whose pixels are not to be had; one that was never decoded has nothing."""

        def take(outcome: Outcome[Annotation | None]) -> None:
            match outcome:
                case Done(value=Annotation() as annotation):
                    receive(annotation)
                case Failed(error=error) if not isinstance(error, ForensicError):
                    self.broke.emit(error)

        def job(_: Work) -> Annotation | None:
            return None if case.item(item_id).size is None else case.annotation(item_id).annotation

        self._lane.submit(job, receive=take)

    def repaint(self, sheet: Sheet, *, selected: str | None) -> None:
        """Prepare the newest state again, for another selection."""
        self._submit(sheet, selected, lambda: self._newest(sheet))

    def submit(
        self,
        sheet: Sheet,
        compose: Compose,
        *,
        label: str,
        selected: str | None,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Queue an edit.

        Args:
            sheet: what is edited.
            compose: makes the edit when its turn comes; runs on the lane.
            label: what is done, in words for people, as "Brush".
            selected: id of the region that is selected afterwards.
            then: called on the thread of the window once it is done, and the newest state told.
        """
        self.begun.emit()
        by = Signature(sheet.case.author, datetime.now(UTC).isoformat(timespec="milliseconds"))
        self._submit(sheet, selected, lambda: self._commit(sheet, compose, label, by), then)

    def undo(self, sheet: Sheet, *, selected: str | None) -> None:
        """Take the last edit back, once those before in the queue are done."""
        self.begun.emit()
        self._submit(sheet, selected, lambda: sheet.case.undo(sheet.item_id))

    def redo(self, sheet: Sheet, *, selected: str | None) -> None:
        """Do again what was taken back last."""
        self.begun.emit()
        self._submit(sheet, selected, lambda: sheet.case.redo(sheet.item_id))

    def drain(self) -> None:
        """Wait until everything queued is in the case; answers that are still to come are told as usual."""
        self._lane.drain()

    def _submit(
        self,
        sheet: Sheet,
        selected: str | None,
        step: Callable[[], AnnotationState],
        then: Callable[[], None] | None = None,
    ) -> None:
        def job(_: Work) -> Page:
            state = step()
            self._known = _Known(sheet, state)
            kept = selected if any(region.id == selected for region in state.annotation.regions) else None
            layer = annotation_layer(state.annotation, orientation=sheet.orientation, selected=kept)
            return Page(sheet, state, layer, kept)

        self._on_their_way += 1
        self._lane.submit(job, receive=lambda outcome: self._receive(sheet, outcome, then))
        self.busy_changed.emit()

    def _receive(self, sheet: Sheet, outcome: Outcome[Page], then: Callable[[], None] | None) -> None:
        self._on_their_way -= 1
        match outcome:
            case Done(value=page):
                self.arrived.emit(page)
                if then is not None:
                    then()
            case Failed(error=ForensicError() as error):
                self.refused.emit(Refusal(sheet, error))
            case Failed(error=error):
                self.broke.emit(error)
        self.busy_changed.emit()

    def _read(self, sheet: Sheet) -> AnnotationState:
        if sheet.read_only and sheet.case.item(sheet.item_id).size is None:
            # Never decoded where it could be recorded, so nothing was ever drawn on it.
            return AnnotationState(sheet.item_id, Annotation(sheet.size))
        return sheet.case.annotation(sheet.item_id)

    def _newest(self, sheet: Sheet) -> AnnotationState:
        known = self._known
        if known is not None and known.sheet.case is sheet.case and known.sheet.item_id == sheet.item_id:
            return known.state
        return self._read(sheet)

    def _commit(self, sheet: Sheet, compose: Compose, label: str, by: Signature) -> AnnotationState:
        state = self._newest(sheet)
        try:
            return self._commit_on(state, sheet, compose, label, by)
        except EditRefused:
            # What is known here is not the newest state: someone else has edited. Composed again, it fits.
            state = self._read(sheet)
            return self._commit_on(state, sheet, compose, label, by)

    def _commit_on(
        self, state: AnnotationState, sheet: Sheet, compose: Compose, label: str, by: Signature
    ) -> AnnotationState:
        edit = compose(state.annotation, by)
        if edit is None:
            return state
        return sheet.case.commit(sheet.item_id, edit, label=label, revision=state.revision)
