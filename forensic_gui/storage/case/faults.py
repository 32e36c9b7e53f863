"""SQLite's errors split in two: the world's are told in a sentence, ours are left to surface as defects."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forensic_gui.domain.errors import CaseDamaged, CaseError, CaseReadOnly, ForensicError, OutputError, OutputExhausted

_PRIMARY = 0xFF  # the rest of an error code says more closely what the lowest byte says
_NO_TEXT = "Could not decode to UTF-8"  # what the binding says of it, without a code
_SENTENCES: dict[int, tuple[type[ForensicError], str]] = {
    sqlite3.SQLITE_FULL: (OutputExhausted, "could not be written, the disk is full: free space and try again."),
    sqlite3.SQLITE_IOERR: (OutputError, "could not be read or written: see whether its disk is well and still there."),
    sqlite3.SQLITE_READONLY: (CaseReadOnly, "takes no changes: ask for permission to write in its folder."),
    sqlite3.SQLITE_PERM: (CaseReadOnly, "takes no changes: ask for permission to write in its folder."),
    sqlite3.SQLITE_CANTOPEN: (CaseError, "could not be opened: see whether its folder may be read."),
    sqlite3.SQLITE_BUSY: (CaseError, "is kept busy by another program: end that and try again."),
    sqlite3.SQLITE_CORRUPT: (CaseDamaged, "is damaged; nothing was changed. Restore the case from a copy."),
    sqlite3.SQLITE_NOTADB: (CaseDamaged, "is no database of a case; nothing was changed. Restore it from a copy."),
}


@contextmanager
def worldly_errors_told(database: Path) -> Iterator[None]:
    """Raise SQLite's errors that this program did not cause as a `ForensicError`; others pass as they are."""
    try:
        yield
    except sqlite3.Error as error:
        told = told_error(database, error)
        if told is None:
            raise
        raise told from error


def told_error(database: Path, error: sqlite3.Error) -> ForensicError | None:
    """The sentence for an error of SQLite; None for one that is this program's own fault."""
    if str(error).startswith(_NO_TEXT):
        return CaseDamaged(f"{database} holds a text that is none. Restore the case from a copy.")
    found = _SENTENCES.get(primary_code(error))
    return None if found is None else found[0](f"{database} {found[1]}")


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 for an error that the binding raised itself."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & _PRIMARY
