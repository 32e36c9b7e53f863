"""Editing annotations: each edit, undo and redo is one transaction of log entry, annotation and audit event."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.case import Action, AnnotationState
from forensic_gui.domain.edits import Edit, apply
from forensic_gui.domain.errors import CaseDamaged, CaseError, EditRefused
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.history import Stacks, Step
from forensic_gui.services.case.record import CaseRecord, now
from forensic_gui.storage.case import editlog, items
from forensic_gui.storage.case.text import storable
from forensic_gui.storage.case.vouching import ACTIONS, text_hash


@dataclass(frozen=True, slots=True)
class _Standing:
    """An item's annotation, and what can be taken back."""

    item_id: int
    revision: int
    annotation: Annotation
    stacks: Stacks


class Annotator:
    """Annotations of one open case. Safe to call from several threads."""

    def __init__(self, record: CaseRecord) -> None:
        """Prepare; nothing is read yet."""
        self._record = record
        # Strokes come one after another on the same image: its annotation need not be read anew for each.
        self._latest: _Standing | None = None

    def state(self, item_id: int) -> AnnotationState:
        """What the analyst says of an item, as it stands.

        Raises:
            CaseError: its size is not known yet.
        """
        with self._record.database.reading() as connection:
            return _state(connection, self._standing(connection, item_id))

    def commit(self, item_id: int, edit: Edit, *, label: str, revision: int | None) -> AnnotationState:
        """Apply an edit and append it to the log.

        Raises:
            EditRefused: it was made on another state, or does not fit; nothing was changed.
        """
        with self._record.database.changing() as connection:
            standing = self._standing(connection, item_id)
            if revision is not None and revision != standing.revision:
                raise EditRefused(
                    "This image was edited meanwhile, so the last change was not made; look at it again and repeat it."
                )
            editlog.claim_regions(connection, item_id, edit)
            standing = self._append(connection, standing, edit, action=Action.DO, of=None, label=label)
            state = _state(connection, standing)
        self._latest = standing
        return state

    def undo(self, item_id: int) -> AnnotationState:
        """Append the inverse of the last edit that stands; nothing happens where there is none."""
        return self._again(item_id, Action.UNDO)

    def redo(self, item_id: int) -> AnnotationState:
        """Append again the edit that was taken back last; nothing happens where there is none."""
        return self._again(item_id, Action.REDO)

    def _again(self, item_id: int, action: Action) -> AnnotationState:
        with self._record.database.changing() as connection:
            standing = self._standing(connection, item_id)
            waiting = standing.stacks.undo if action is Action.UNDO else standing.stacks.redo
            if waiting:
                edit, label = editlog.edit_of(connection, waiting[-1])
                edit = edit.inverse if action is Action.UNDO else edit
                standing = self._append(connection, standing, edit, action=action, of=waiting[-1], label=label)
            state = _state(connection, standing)
        self._latest = standing
        return state

    def _standing(self, connection: sqlite3.Connection, item_id: int) -> _Standing:
        latest = self._latest
        revision = editlog.revision_of(connection, item_id)
        if latest is not None and (latest.item_id, latest.revision) == (item_id, revision):
            return latest
        revision, annotation = editlog.current(connection, item_id)
        if annotation is None:
            annotation = Annotation(_size(connection, item_id))
        return _Standing(item_id, revision, annotation, editlog.stacks_of(connection, item_id))

    def _append(
        self,
        connection: sqlite3.Connection,
        standing: _Standing,
        edit: Edit,
        *,
        action: Action,
        of: int | None,
        label: str,
    ) -> _Standing:
        becomes = _applied(edit, standing, action)
        time = now()
        appended = editlog.append(
            connection,
            standing.item_id,
            edit,
            action=action,
            of=of,
            label=label,
            author=self._record.author,
            time=time,
            becomes=becomes,
        )
        details = {
            "item": standing.item_id,
            "entry": appended.seq,
            "label": storable(label),
            "of": of,
            "edit_sha256": text_hash(appended.edit_json),
            "annotation_sha256": text_hash(appended.annotation_json),
        }
        subject = items.kept_under(connection, standing.item_id)[0]
        self._record.event(connection, ACTIONS[action], subject=subject, details=details, time=time)
        stacks = standing.stacks.after(Step(appended.seq, action, of))
        return _Standing(standing.item_id, appended.seq, becomes, stacks)


def _applied(edit: Edit, standing: _Standing, action: Action) -> Annotation:
    try:
        return apply(edit, standing.annotation)
    except ValueError as error:
        if action is Action.DO:
            raise EditRefused(f"{error} Nothing was changed.") from error
        # What stands last can always be taken back, unless the database is not what was written.
        raise CaseDamaged(f"The edit log of item {standing.item_id} does not fit its annotation: {error}") from error


def _size(connection: sqlite3.Connection, item_id: int) -> Size:
    item = items.get(connection, item_id)
    if item.size is None:
        raise CaseError(f"{item.name} was not read yet, so nothing can be drawn on it; show or analyze it first.")
    return item.size


def _state(connection: sqlite3.Connection, standing: _Standing) -> AnnotationState:
    undo, redo = standing.stacks.undo, standing.stacks.redo
    return AnnotationState(
        item_id=standing.item_id,
        annotation=standing.annotation,
        revision=standing.revision,
        undo=editlog.label_of(connection, undo[-1]) if undo else None,
        redo=editlog.label_of(connection, redo[-1]) if redo else None,
    )
