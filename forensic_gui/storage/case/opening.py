"""Opening a case: what is looked at before anything is written, who may write, and what to do where nobody can."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from uuid import uuid4

from forensic_gui.domain.errors import CaseDamaged, CaseError, CaseNotFound, CaseReadOnly, CaseTooNew, OutputError
from forensic_gui.storage.atomic import output_error, remove_leftovers, sync_names
from forensic_gui.storage.case import trail
from forensic_gui.storage.case.database import Database, connect
from forensic_gui.storage.case.faults import primary_code, worldly_errors_told
from forensic_gui.storage.case.folder import CaseFolder
from forensic_gui.storage.case.schema import (
    APPLICATION_ID,
    MIGRATIONS,
    SCHEMA_VERSION,
    Migration,
    expected_schema,
    migrate,
    schema_of,
    version_of,
)
from forensic_gui.storage.case.shelf import watch
from forensic_gui.storage.case.text import storable
from forensic_gui.storage.lock import lock_exclusively

_ASKED = "This case was opened for reading only."
_HELD = "Another window or process has this case open, so here it can only be looked at."
_UNWRITABLE = "This case lies where nothing can be written, so it can only be looked at."


@dataclass(frozen=True, slots=True, eq=False)
class OpenCase:
    """An open case on disk. Leaving it as a context manager closes it.

    Attributes:
        folder: where its parts lie.
        database: its tables.
        migrated: versions that opening brought the database through.
        held: what closing lets go of.
    """

    folder: CaseFolder
    database: Database
    migrated: tuple[int, ...]
    held: ExitStack

    def close(self) -> None:
        """Let go of database and lock. Idempotent."""
        self.held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def create_case(path: Path, *, author: str, account: str, time: str, tool_version: str) -> OpenCase:
    """Make a folder with an empty database, its first audit event written, and open it for changes.

    Args:
        path: of the folder; the suffix of cases is added where it is missing.
        author: in whose name, as typed.
        account: of the operating system that the program runs under; "" where it is not known.
        time: ISO 8601 in UTC.
        tool_version: of this program.

    Raises:
        CaseError: there is something at this place.
        OutputError: the folder cannot be made, or takes nothing.
    """
    folder = CaseFolder.named(path)
    try:
        folder.path.mkdir()
    except FileExistsError as error:
        raise CaseError(f"{folder.path} is there already: open it, or choose another name for the new case.") from error
    except FileNotFoundError as error:
        raise OutputError(
            f"The folder {folder.path.parent} does not exist: make it, or choose another place for the case."
        ) from error
    except OSError as error:
        raise output_error(folder.path, error) from error
    with ExitStack() as held:
        held.callback(shutil.rmtree, folder.path, ignore_errors=True)  # ours alone, as long as it is not finished
        _make(folder, author=author, account=account, time=time, tool_version=tool_version)
        held.pop_all()
    return open_case(folder.path, read_only=False)


def _make(folder: CaseFolder, *, author: str, account: str, time: str, tool_version: str) -> None:
    try:
        folder.originals.mkdir()
        folder.derived.mkdir()
    except OSError as error:
        raise output_error(folder.path, error) from error
    with worldly_errors_told(folder.database), closing(connect(folder.database, mode="rwc")) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        case_id = str(uuid4())
        connection.execute("INSERT INTO about VALUES (?, ?, ?, ?)", (case_id, time, storable(author), tool_version))
        made_by = {"tool_version": tool_version, "account": account}
        details = {"case_id": case_id, "schema_version": SCHEMA_VERSION, **made_by}
        trail.append(connection, time=time, actor=author, action="case created", details=details)
        connection.execute("COMMIT")
    sync_names(folder.path)
    sync_names(folder.path.absolute().parent)


def open_case(path: Path, *, read_only: bool, migrations: Sequence[Migration] = MIGRATIONS) -> OpenCase:
    """Open a case for changes where nobody else has it open and its place takes them, otherwise for reading.

    Args:
        path: of the folder.
        read_only: whether reading is all that is asked for.
        migrations: the steps this program knows.

    Raises:
        CaseNotFound: there is no case.
        CaseTooNew: made by a newer version.
        CaseDamaged: its database or audit trail is not whole; nothing is written.
    """
    folder = CaseFolder(path)
    _require_case(folder)
    with ExitStack() as held:
        reason = _ASKED if read_only else _take_lock(folder, held)
        _require_whole(folder, migrations)
        opened = None if reason else _open_for_changes(folder, held, migrations)
        if opened is None:
            reason = reason or _UNWRITABLE
            opened = Database(_connect_for_reading(folder, held, migrations), folder.database, read_only=reason), ()
        database, migrated = opened
        held.callback(database.close)
        return OpenCase(folder, database, migrated, held.pop_all())


@contextmanager
def looked_into(path: Path, *, migrations: Sequence[Migration] = ()) -> Iterator[sqlite3.Connection]:
    """One state of a case's tables, for reading; also of a case that `open_case` refuses because it is damaged.

    Takes no lock, and no turn of anybody who has the case open.

    Args:
        path: of the folder.
        migrations: steps that the tables must have gone through; none: as they are.

    Raises:
        CaseNotFound: there is no case.
        CaseTooNew: made by a newer version.
        CaseDamaged: it cannot be read.
    """
    folder = CaseFolder(path)
    _require_case(folder)
    with ExitStack() as held, worldly_errors_told(folder.database):
        connection = _connect_for_reading(folder, held, migrations)
        connection.execute("BEGIN")
        _require_known(connection, folder, MIGRATIONS)
        yield connection


def _require_case(folder: CaseFolder) -> None:
    if folder.database.is_file():
        return
    if folder.originals.is_dir():
        raise CaseDamaged(f"{folder.path} has lost {folder.database.name}; restore it from a copy.")
    raise CaseNotFound(f"There is no case at {folder.path}.")


def _take_lock(folder: CaseFolder, held: ExitStack) -> str:
    """Why the case cannot be changed; "" where the lock is ours until `held` is closed."""
    try:
        lock = _open_lock(folder.lock)
    except OSError:
        return _UNWRITABLE
    held.callback(lock.close)
    return "" if lock_exclusively(lock) else _HELD


def _open_lock(path: Path) -> IO[Any]:
    return path.open("ab")


def _require_whole(folder: CaseFolder, migrations: Sequence[Migration]) -> None:
    with ExitStack() as held, worldly_errors_told(folder.database):
        connection = _connect_for_reading(folder, held, ())
        connection.execute("BEGIN")
        version = _require_known(connection, folder, migrations)
        wrong = _damage(connection, version, migrations) or _loss(connection, folder)
        if wrong:
            raise CaseDamaged(f"{folder.database} is damaged: {wrong}. Nothing was changed; restore it from a copy.")


def _require_known(connection: sqlite3.Connection, folder: CaseFolder, migrations: Sequence[Migration]) -> int:
    """The version of a database that this program can read."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID:
        raise CaseDamaged(f"{folder.database} is no database of a case; nothing was changed.")
    version = version_of(connection)
    if version > migrations[-1].version:
        raise CaseTooNew(
            f"{folder.path} was made by a newer version of this program (its database is of version {version}, "
            f"this program knows {migrations[-1].version}): open it with that one."
        )
    return version


def _damage(connection: sqlite3.Connection, version: int, migrations: Sequence[Migration]) -> str:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        return str(verdict).replace("\n", " ")
    if version < 1 or schema_of(connection) != expected_schema(version, migrations):
        return "its tables are not those of a case"
    if connection.execute("SELECT count(*) FROM about").fetchone() != (1,):
        return "it does not say which case it is"
    wrong = trail.first_misfit(connection)
    return f"in its audit trail, {wrong}" if wrong else ""


def _loss(connection: sqlite3.Connection, folder: CaseFolder) -> str:
    """Which folder is gone as a whole; single originals are named when they are verified."""
    for table, part in (("item", folder.originals), ("finding", folder.derived)):
        (is_used,) = connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()
        if is_used and not part.is_dir():
            return f"the folder {part.name} is missing"
    return ""


def _open_for_changes(
    folder: CaseFolder, held: ExitStack, migrations: Sequence[Migration]
) -> tuple[Database, tuple[int, ...]] | None:
    """The database, migrated; None where its place takes no changes."""
    try:
        with worldly_errors_told(folder.database):
            connection = connect(folder.database, mode="rw")
            held.callback(connection.close)
            # A file without write permission opens quietly for reading: only an attempt shows it.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("ROLLBACK")
            # A copy made for an archive is one file, without a log; a file system without shared memory stays so.
            connection.execute("PRAGMA journal_mode = WAL")
            migrated = migrate(connection, migrations)
            watch(connection)
        for part in (folder.originals, folder.derived):
            part.mkdir(exist_ok=True)  # an empty folder does not survive every way of copying
        remove_leftovers(folder.originals)
    except (CaseReadOnly, OutputError, OSError):
        return None
    return Database(connection, folder.database), migrated


def _connect_for_reading(folder: CaseFolder, held: ExitStack, migrations: Sequence[Migration]) -> sqlite3.Connection:
    """A connection that reads the case as it is, or a snapshot where that takes writing; closed with `held`.

    SQLite cannot read a WAL database where it may not write beside it and no process has prepared it, and tables of an
    older version cannot be migrated in place without writing.

    Args:
        folder: of the case.
        held: takes what is to be let go of.
        migrations: steps that the tables must have gone through.
    """
    with worldly_errors_told(folder.database):
        connection = _try_reading(folder)
        if connection is not None:
            held.callback(connection.close)
            if not migrations or version_of(connection) == migrations[-1].version:
                return connection
        snapshot = _snapshot(folder, held)
        held.callback(snapshot.close)
        migrate(snapshot, migrations)
        snapshot.execute("PRAGMA query_only = ON")
        return snapshot


def _try_reading(folder: CaseFolder) -> sqlite3.Connection | None:
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(folder.database, mode="ro")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.DatabaseError as error:
        if connection is not None:
            connection.close()
        if primary_code(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            return None
        raise
    return connection


def _snapshot(folder: CaseFolder, held: ExitStack) -> sqlite3.Connection:
    """A copy of the database with what its log holds, in a folder that goes with `held`."""
    scratch = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="forensic-gui-", ignore_cleanup_errors=True)))
    copy = scratch / folder.database.name
    try:
        for suffix in ("", "-wal"):
            source = folder.database.with_name(folder.database.name + suffix)
            if source.is_file():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
    except OSError as error:
        raise CaseError(f"{folder.database} could not be read ({error.strerror or error}).") from error
    return connect(copy, mode="rw")
