"""The edit log and the annotation it amounts to, kept in step within one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.case import Action, EditEntry
from forensic_gui.domain.edits import (
    AddRegion,
    Edit,
    Several,
    annotation_from_record,
    annotation_to_record,
    edit_from_record,
    edit_to_record,
)
from forensic_gui.domain.errors import CaseDamaged, EditRefused
from forensic_gui.domain.history import Stacks, Step, stacks
from forensic_gui.storage.case import items
from forensic_gui.storage.case.text import parsed, storable

# What values that are no annotation or edit make the domain raise; a run of more pixels than fit overflows.
_UNREADABLE = (ValueError, KeyError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry that was appended.

    Attributes:
        seq: its number.
        edit_json: what changed, as it is kept.
        annotation_json: the annotation afterwards, as it is kept.
    """

    seq: int
    edit_json: str
    annotation_json: str


def current(connection: sqlite3.Connection, item_id: int) -> tuple[int, Annotation | None]:
    """(revision, annotation) of an item as it stands; (0, None) before its first edit.

    Raises:
        CaseDamaged: it cannot be read.
    """
    row = connection.execute(
        "SELECT revision, record, width, height FROM annotation JOIN item ON item.id = item_id WHERE item_id = ?",
        (item_id,),
    ).fetchone()
    if row is None:
        return 0, None
    revision, record, width, height = row
    try:
        annotation = annotation_from_record(parsed(record))
    except _UNREADABLE as error:
        raise CaseDamaged(f"The annotation of item {item_id} cannot be read; restore the case from a copy.") from error
    if (annotation.size.width, annotation.size.height) != (width, height):
        raise CaseDamaged(f"The annotation of item {item_id} is of another size; restore the case from a copy.")
    return revision, annotation


def revision_of(connection: sqlite3.Connection, item_id: int) -> int:
    """Number of an item's last entry; 0 before its first."""
    row = connection.execute("SELECT revision FROM annotation WHERE item_id = ?", (item_id,)).fetchone()
    return 0 if row is None else int(row[0])


def stacks_of(connection: sqlite3.Connection, item_id: int) -> Stacks:
    """What can be taken back and done again.

    Raises:
        CaseDamaged: the log contradicts itself.
    """
    rows = connection.execute("SELECT seq, action, of FROM edit WHERE item_id = ? ORDER BY seq", (item_id,))
    try:
        return stacks(Step(seq, Action(action), of) for seq, action, of in rows)
    except ValueError as error:
        raise CaseDamaged(f"The edit log of item {item_id} is damaged: {error}.") from error


def append(
    connection: sqlite3.Connection,
    item_id: int,
    edit: Edit,
    *,
    action: Action,
    of: int | None,
    label: str,
    author: str,
    time: str,
    becomes: Annotation,
) -> Appended:
    """Append an entry and keep the annotation that it makes."""
    edit_json = canonical_json(edit_to_record(edit))
    cursor = connection.execute(
        "INSERT INTO edit (item_id, action, of, label, author, time, edit) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (item_id, action.value, of, storable(label), storable(author), time, edit_json),
    )
    seq = cursor.lastrowid
    assert seq is not None
    annotation_json = canonical_json(annotation_to_record(becomes))
    connection.execute(
        "INSERT INTO annotation (item_id, revision, record) VALUES (?, ?, ?)"
        " ON CONFLICT (item_id) DO UPDATE SET revision = excluded.revision, record = excluded.record",
        (item_id, seq, annotation_json),
    )
    items.put_annotated(connection, item_id, becomes)
    items.refresh_search(connection, [item_id], notes=[region.details.note for region in becomes.regions])
    return Appended(seq, edit_json, annotation_json)


def claim_regions(connection: sqlite3.Connection, item_id: int, edit: Edit) -> None:
    """Note the ids of new regions as this item's.

    Raises:
        EditRefused: an id is that of a region of another item.
    """
    for region_id in _new_regions(edit):
        connection.execute("INSERT OR IGNORE INTO region (id, item_id) VALUES (?, ?)", (region_id, item_id))
        (owner,) = connection.execute("SELECT item_id FROM region WHERE id = ?", (region_id,)).fetchone()
        if owner != item_id:
            raise EditRefused(f"Region {region_id} belongs to another image of this case; nothing was changed.")


def edit_of(connection: sqlite3.Connection, seq: int) -> tuple[Edit, str]:
    """(edit, label) of an entry.

    Raises:
        CaseDamaged: it cannot be read.
    """
    text, label = connection.execute("SELECT edit, label FROM edit WHERE seq = ?", (seq,)).fetchone()
    return _edit(seq, text), label


def label_of(connection: sqlite3.Connection, seq: int) -> str:
    """Label of an entry."""
    (label,) = connection.execute("SELECT label FROM edit WHERE seq = ?", (seq,)).fetchone()
    return str(label)


def entries(connection: sqlite3.Connection, item_id: int) -> tuple[EditEntry, ...]:
    """Every entry of an item's log, the oldest first.

    Raises:
        CaseDamaged: one cannot be read.
    """
    rows = connection.execute(
        "SELECT seq, action, of, label, author, time, edit FROM edit WHERE item_id = ? ORDER BY seq", (item_id,)
    )
    return tuple(
        EditEntry(seq, item_id, Action(action), of, label, author, time, _edit(seq, text))
        for seq, action, of, label, author, time, text in rows
    )


def last_entry(connection: sqlite3.Connection, item_id: int) -> tuple[int, str, str]:
    """(number of entries, author and time of the last one) of an item's log; texts are empty where it has none."""
    (count,) = connection.execute("SELECT count(*) FROM edit WHERE item_id = ?", (item_id,)).fetchone()
    row = connection.execute(
        "SELECT author, time FROM edit WHERE item_id = ? ORDER BY seq DESC LIMIT 1", (item_id,)
    ).fetchone()
    return (count, *(row or ("", "")))


def _edit(seq: int, text: str) -> Edit:
    try:
        return edit_from_record(parsed(text))
    except _UNREADABLE as error:
        raise CaseDamaged(f"Entry {seq} of the edit log cannot be read; restore the case from a copy.") from error


def _new_regions(edit: Edit) -> Iterable[str]:
    singles = edit.edits if isinstance(edit, Several) else (edit,)
    return [single.region.id for single in singles if isinstance(single, AddRegion)]
