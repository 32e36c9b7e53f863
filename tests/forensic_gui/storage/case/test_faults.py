"""What the world does to a database is told in a sentence; what this program does wrong stays an error of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forensic_gui.domain.errors import CaseDamaged, CaseError, CaseReadOnly, ForensicError, OutputError, OutputExhausted
from forensic_gui.storage.case import database, faults
from forensic_gui.storage.case.database import Database, connect
from forensic_gui.storage.case.faults import worldly_errors_told
from forensic_gui.storage.case.opening import open_case


def failing(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, OutputExhausted),
        (sqlite3.SQLITE_IOERR, OutputError),
        (sqlite3.SQLITE_IOERR_FSYNC, OutputError),
        (sqlite3.SQLITE_READONLY, CaseReadOnly),
        (sqlite3.SQLITE_READONLY_DIRECTORY, CaseReadOnly),
        (sqlite3.SQLITE_PERM, CaseReadOnly),
        (sqlite3.SQLITE_CANTOPEN, CaseError),
        (sqlite3.SQLITE_BUSY, CaseError),
        (sqlite3.SQLITE_CORRUPT, CaseDamaged),
        (sqlite3.SQLITE_CORRUPT_INDEX, CaseDamaged),
        (sqlite3.SQLITE_NOTADB, CaseDamaged),
    ],
)
def test_the_worlds_errors_are_told_in_a_sentence_that_names_the_file(code: int, kind: type[ForensicError]) -> None:
    with pytest.raises(kind, match=r"^/case\.sqlite3 .*\.$"), worldly_errors_told(Path("/case.sqlite3")):
        raise failing(code)


@pytest.mark.parametrize(
    "error", [sqlite3.ProgrammingError("closed"), failing(sqlite3.SQLITE_CONSTRAINT), failing(sqlite3.SQLITE_MISUSE)]
)
def test_our_errors_pass_as_they_are(error: sqlite3.Error) -> None:
    with pytest.raises(type(error)) as caught, worldly_errors_told(Path("/case.sqlite3")):
        raise error
    assert caught.value is error
    assert faults.told_error(Path("/case.sqlite3"), error) is None


def test_a_full_disk_loses_the_transaction_and_nothing_else(folder: Path) -> None:
    with open_case(folder, read_only=False) as case:
        with case.database.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
        with pytest.raises(OutputExhausted, match="disk is full"), case.database.changing() as connection:
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
            connection.execute("UPDATE item SET name = ?", ("x" * 100_000,))
        with case.database.reading() as connection:
            assert connection.execute("SELECT name FROM item").fetchall() == [("IMG_1.jpg",)]
        with case.database.changing() as connection:
            connection.execute("UPDATE item SET name = 'short'")


def test_a_database_kept_busy_by_a_foreign_program_is_waited_for_but_not_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_case(folder, read_only=False) as case, closing(sqlite3.connect(case.folder.database)) as foreign:
        with case.database.reading() as connection:
            connection.execute("PRAGMA busy_timeout = 50")
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(CaseError, match="kept busy"), case.database.changing():
            pytest.fail("the lock is another's")


def test_a_connection_that_cannot_be_made_safe_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_SAFETIES", ("PRAGMA no such thing (",))
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path / "a.sqlite3", mode="rwc")


def test_what_is_read_within_a_change_is_what_was_changed(folder: Path) -> None:
    with open_case(folder, read_only=False) as case:
        with case.database.changing() as connection:
            connection.execute("UPDATE item SET name = 'new'")
            with case.database.reading() as same:
                assert same.execute("SELECT name FROM item").fetchall() == [("new",)]
        assert isinstance(case.database, Database)


def test_a_transaction_that_sqlite_ended_by_itself_is_not_ended_again(folder: Path) -> None:
    with open_case(folder, read_only=False) as case:
        with case.database.reading() as connection:
            connection.execute("ROLLBACK")
        with pytest.raises(KeyError), case.database.changing() as connection:
            connection.execute("ROLLBACK")
            raise KeyError
        with case.database.changing() as connection:
            connection.execute("UPDATE item SET name = 'new'")
