"""Checking a case's audit trail and what it vouches for, also where the case is too damaged to be opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.domain.trail_fault import FaultKind, Look, TrailFault, Walked
from forensic_gui.storage.case import trail
from forensic_gui.storage.case.faults import worldly_errors_told
from forensic_gui.storage.case.folder import CaseFolder
from forensic_gui.storage.case.opening import looked_into
from forensic_gui.storage.case.schema import MIGRATIONS, SCHEMA_VERSION, expected_schema, schema_of, version_of
from forensic_gui.storage.case.vouching import first_difference

_TRAIL = ("table", "audit")
_NOT_READ = "the table of the audit trail is not that of a case, so that it was not read"


def check_case(path: Path, *, begin: Callable[[int], None], look: Look) -> Walked:
    """Follow the chain of a case's events, then compare everything that they vouch for.

    Args:
        path: of the case's folder. Nothing is written into it, and whoever has it open is not held up.
        begin: told how often `look` will be called at most.
        look: told of every event on the way, twice where the chain holds; may raise to stop.

    Returns:
        How far the chain holds, and the first fault, of the chain or of what it vouches for.

    Raises:
        CaseNotFound: there is no case.
        CaseTooNew: made by a newer version.
        CaseDamaged: its database cannot be read at all.
    """
    database = CaseFolder(path).database
    with looked_into(path) as connection:
        walked = _chain(connection, database, begin, look)
        if walked.fault is not None:
            return walked
        fault = _told_as_fault(database, lambda: _odd_database(connection))
        is_newest = version_of(connection) == SCHEMA_VERSION
        if fault is None and is_newest:
            fault = _told_as_fault(database, lambda: first_difference(connection, look=look))
    if fault is None and not is_newest:
        with looked_into(path, migrations=MIGRATIONS) as migrated:
            fault = _told_as_fault(database, lambda: first_difference(migrated, look=look))
    return replace(walked, fault=fault)


def trail_is_readable(connection: sqlite3.Connection) -> bool:
    """Whether the audit trail's table is that of a case: in a file that somebody made up it may be anything."""
    wanted = {each for each in expected_schema(version_of(connection)) if each[:2] == _TRAIL}
    return bool(wanted) and wanted <= schema_of(connection)


@contextmanager
def texts_read_anyway(connection: sqlite3.Connection) -> Iterator[None]:
    """Bytes that are no text, which somebody else must have put there, are read as escapes: no row is passed over."""
    before = connection.text_factory
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        connection.text_factory = before


def _chain(connection: sqlite3.Connection, database: Path, begin: Callable[[int], None], look: Look) -> Walked:
    if not trail_is_readable(connection):
        return Walked(0, None, TrailFault(FaultKind.TABLES_DIFFER, _NOT_READ))
    (events,) = connection.execute("SELECT count(*) FROM audit").fetchone()
    begin(2 * events)
    with worldly_errors_told(database), texts_read_anyway(connection):
        return trail.walked(connection, look=look)


def _odd_database(connection: sqlite3.Connection) -> TrailFault | None:
    """What is wrong with the database itself."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        return TrailFault(FaultKind.TABLES_DIFFER, f"the database is damaged ({' '.join(str(verdict).split())})")
    found, wanted = schema_of(connection), expected_schema(version_of(connection))
    if found == wanted:
        return None
    kind, name, _ = min(found ^ wanted)
    there, known = ((kind, name) in {each[:2] for each in schema} for schema in (found, wanted))
    what = "was altered" if there and known else "was added" if there else "is missing"
    return TrailFault(FaultKind.TABLES_DIFFER, f"the {kind} «{name}» of the database {what}")


def _told_as_fault(database: Path, check: Callable[[], TrailFault | None]) -> TrailFault | None:
    """The fault that a check finds; what the check cannot even read is one."""
    try:
        with worldly_errors_told(database):
            return check()
    except CaseDamaged as error:
        return TrailFault(FaultKind.TABLES_DIFFER, str(error).rstrip("."))
