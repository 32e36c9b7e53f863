"""Whether items, groups and tags, findings, annotations and reports are what the audit trail says was put there.

The chain vouches for its events alone. Each event of a change carries the hash of what was written, so that a change
made behind the program's back shows as well.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.case import Action, AuditEvent
from forensic_gui.domain.trail_fault import FaultKind, Look, TrailFault
from forensic_gui.storage.case import derived, editlog, findings, trail
from forensic_gui.storage.case.decoded import EVIDENCE_DECODED, EVIDENCE_NOT_DECODED, Readings
from forensic_gui.storage.case.placing import GROUP_SET, TAGS_CHANGED, Placements
from forensic_gui.storage.case.reported import FOLLOWED, ReportHistory
from forensic_gui.storage.case.text import storable

CASE_CREATED = "case created"
EVIDENCE_ADDED = "evidence added"
FINDING_STORED = "finding stored"
# What details of another shape than the case writes make the checks raise.
_SAYS_NOTHING = (
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
ACTIONS = {Action.DO: "edit", Action.UNDO: "undo", Action.REDO: "redo"}


def text_hash(text: str) -> str:
    """SHA-256 of a text that the database keeps."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def first_unvouched(connection: sqlite3.Connection) -> str:
    """What in the tables is not as a trail that holds says, a clause; "" where all of it is."""
    fault = first_difference(connection)
    return "" if fault is None else fault.clause


def first_difference(connection: sqlite3.Connection, *, look: Look = lambda _: None) -> TrailFault | None:
    """What in the tables is not as a trail that holds says; None where all of it is.

    Args:
        connection: to the database.
        look: told of every event.

    Raises:
        CaseDamaged: what the tables hold cannot be read.
    """
    vouched = dict.fromkeys(("about", "item", "edit", "finding"), 0)
    newest: dict[int, tuple[int, str]] = {}
    placements, readings, history = Placements(), Readings(), ReportHistory()
    for event in trail.events(connection):
        look(event)
        if wrong := _follow(connection, event, placements, readings, history):
            return TrailFault(FaultKind.TABLES_DIFFER, wrong, event.seq, event.time, event.action, event.seq)
        table, _ = _CHECKS.get(event.action, ("", None))
        if table:
            vouched[table] += 1
        if table == "edit":
            newest[event.details["item"]] = (event.details["entry"], event.details["annotation_sha256"])
    for table, number in vouched.items():
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        if rows != number:
            return TrailFault(FaultKind.TABLES_DIFFER, f"{rows - number} rows of table «{table}» are on no event")
    wrong = _first_wrong_annotation(connection, newest) or placements.first_misfit(connection)
    wrong = wrong or readings.first_misfit(connection) or history.first_misfit(connection)
    wrong = wrong or derived.first_misfit(connection)
    return TrailFault(FaultKind.TABLES_DIFFER, wrong) if wrong else None


def _follow(
    connection: sqlite3.Connection,
    event: AuditEvent,
    placements: Placements,
    readings: Readings,
    history: ReportHistory,
) -> str:
    """What is not as an event says, a clause; "" where all is, or it vouches for nothing."""
    _, check = _CHECKS.get(event.action, ("", None))
    place = _PLACING.get(event.action)
    read = _READING.get(event.action)
    report = FOLLOWED.get(event.action)
    try:
        if check is not None and (wrong := check(connection, event)):
            return wrong
        if place is not None:
            place(placements, event)
        if read is not None:
            read(readings, event)
        if report is not None:
            report(history, event)
    except _SAYS_NOTHING:
        return f"event {event.seq} ({event.action}) does not say what it vouches for"
    return ""


def _about(connection: sqlite3.Connection, event: AuditEvent) -> str:
    row = connection.execute("SELECT id, created, created_by, tool_version FROM about").fetchone()
    expected = (event.details["case_id"], event.time, event.actor, event.details["tool_version"])
    return "" if row == expected else f"the case is not what event {event.seq} says was created"


def _item(connection: sqlite3.Connection, event: AuditEvent) -> str:
    row = connection.execute(
        "SELECT sha256, name, source, size_bytes, modified_utc, added, added_by FROM item WHERE id = ?",
        (event.details["item"],),
    ).fetchone()
    names = (storable(event.details["name"]), storable(event.details["source"]))
    facts = (event.details["size_bytes"], event.details["modified_utc"])
    expected = (event.subject, *names, *facts, event.time, event.actor)
    return "" if row == expected else f"item {event.details['item']} is not what event {event.seq} says was added"


def _edit(connection: sqlite3.Connection, event: AuditEvent) -> str:
    details = event.details
    row = connection.execute(
        "SELECT item.sha256, item_id, action, of, label, author, time, edit FROM edit"
        " JOIN item ON item.id = item_id WHERE seq = ?",
        (details["entry"],),
    ).fetchone()
    expected = (event.subject, details["item"], _BY_NAME[event.action], details["of"], details["label"], event.actor)
    fits = row is not None and (*row[:6], row[6]) == (*expected, event.time)
    if fits and text_hash(row[7]) == details["edit_sha256"]:
        return ""
    return f"entry {details['entry']} of the edit log is not what event {event.seq} says was done"


def _finding(connection: sqlite3.Connection, event: AuditEvent) -> str:
    row = connection.execute(
        "SELECT item.sha256, maps_sha256, record FROM finding JOIN item ON item.id = item_id WHERE finding.id = ?",
        (event.details["finding"],),
    ).fetchone()
    expected = (event.subject, event.details["maps_sha256"], event.details["record_sha256"])
    if row is not None and (row[0], row[1], text_hash(row[2])) == expected:
        return ""
    return f"finding {event.details['finding']} is not what event {event.seq} says was stored"


def _first_wrong_annotation(connection: sqlite3.Connection, newest: dict[int, tuple[int, str]]) -> str:
    rows = connection.execute("SELECT item_id, revision, record FROM annotation ORDER BY item_id")
    for item_id, revision, record in rows:
        if newest.pop(item_id, None) != (revision, text_hash(record)):
            return f"the annotation of item {item_id} is not what its last edit made"
    return f"the annotation of item {min(newest)} is missing" if newest else _first_wrong_row(connection)


def _first_wrong_row(connection: sqlite3.Connection) -> str:
    """Lists, and exports that go by them, show a copy of what annotations and findings say."""
    rows = connection.execute("SELECT id, regions, conclusion FROM item ORDER BY id").fetchall()
    for item_id, *shown in rows:
        _, annotation = editlog.current(connection, item_id)
        said = (
            [0, Conclusion.OPEN.value] if annotation is None else [len(annotation.regions), annotation.conclusion.value]
        )
        if shown != said:
            return f"the list shows something else of item {item_id} than its annotation"
        scores = connection.execute("SELECT share, highest_score, threshold FROM item WHERE id = ?", (item_id,))
        if scores.fetchone() != findings.newest_scores(connection, item_id):
            return f"the list shows other scores of item {item_id} than its newest finding"
    return ""


_BY_NAME = {name: action.value for action, name in ACTIONS.items()}
_CHECKS: dict[str, tuple[str, Callable[[sqlite3.Connection, AuditEvent], str]]] = {
    CASE_CREATED: ("about", _about),
    EVIDENCE_ADDED: ("item", _item),
    FINDING_STORED: ("finding", _finding),
    **dict.fromkeys(_BY_NAME, ("edit", _edit)),
}

_PLACING: dict[str, Callable[[Placements, AuditEvent], None]] = {
    EVIDENCE_ADDED: Placements.added,
    GROUP_SET: Placements.grouped,
    TAGS_CHANGED: Placements.tagged,
}

_READING: dict[str, Callable[[Readings, AuditEvent], None]] = {
    EVIDENCE_DECODED: Readings.decoded,
    EVIDENCE_NOT_DECODED: Readings.not_decoded,
}

VOUCHING = frozenset(_CHECKS) | frozenset(_PLACING) | frozenset(_READING) | frozenset(FOLLOWED)
"""Actions whose events say what a table holds; nobody else may use their names."""
