"""The connection to a case's database: one, for all threads, with every safety that SQLite has switched on."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from forensic_gui.domain.errors import CaseError, CaseReadOnly
from forensic_gui.storage.case.faults import worldly_errors_told

BUSY_TIMEOUT_MS = 5000

# https://sqlite.org/security.html, «untrusted SQLite database files»: a case may come from somebody else.
_SAFETIES = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
)


def connect(path: Path, *, mode: str) -> sqlite3.Connection:
    """Open a database file in autocommit mode.

    Args:
        path: of the file.
        mode: SQLite's "ro", "rw" or "rwc".

    Raises:
        sqlite3.Error: as SQLite says.
    """
    absolute = path.absolute().as_posix()
    # Three slashes before a drive, four before a network share, as SQLite reads them (https://sqlite.org/uri.html).
    root = "file://" if absolute.startswith("/") else "file:///"
    connection = sqlite3.connect(
        f"{root}{quote(absolute, errors='surrogateescape')}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        for pragma in _SAFETIES:
            connection.execute(pragma)
        if mode == "ro":
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


class Database:
    """An open database. Calls from several threads wait for each other.

    Attributes:
        path: of the case's database, for sentences.
        read_only: why nothing can be changed, a sentence; "" where it can.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, read_only: str = "") -> None:
        """Take over a connection in autocommit mode."""
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._turn = threading.RLock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the database for all that is read within; may stand within `changing`.

        Raises:
            CaseError: it was closed.
        """
        with self._turn, worldly_errors_told(self.path):
            self._require_open()
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                if self._connection.in_transaction:  # SQLite ends it by itself after some errors
                    self._connection.execute("COMMIT")

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all that is changed within is on the disk when it ends, or none of it.

        Raises:
            CaseReadOnly: nothing can be changed.
            CaseError: it was closed.
            OutputError: the disk takes nothing more.
        """
        if self.read_only:
            raise CaseReadOnly(self.read_only)
        with self._turn, worldly_errors_told(self.path):
            self._require_open()
            assert not self._connection.in_transaction, "transactions do not stand within each other"
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def copy_to(self, path: Path) -> None:
        """Write one state of the database into a new file that needs no other file beside it.

        Raises:
            OutputError: the file cannot be written.
        """
        with self.reading() as connection, worldly_errors_told(path), closing(sqlite3.connect(path)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        with self._turn, worldly_errors_told(self.path):
            self._closed = True
            self._connection.close()

    def _require_open(self) -> None:
        # A thread that still had work to do may come here after the window has closed the case.
        if self._closed:
            raise CaseError(f"{self.path.parent} was closed meanwhile; open the case again.")
