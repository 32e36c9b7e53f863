"""Where nothing can be written a case is looked at, through a copy where SQLite would have to write to read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.case import ItemQuery
from forensic_gui.domain.errors import CaseError, CaseReadOnly, OutputError
from forensic_gui.storage.case import items, opening
from forensic_gui.storage.case.opening import OpenCase, open_case


def names(case: OpenCase) -> list[str]:
    with case.database.reading() as connection:
        found = items.fetch(connection, items.find_ids(connection, ItemQuery()))
    return [item.name for item in found.values()]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock and SQLite's shared memory, which say nothing."""
    ignored = {"case.lock", "case.sqlite3-shm"}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ignored and path.stat().st_size
    }


# Root may write everywhere, so permission is refused in its place where the tests run as root.


def refuse_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a folder without write permission, or a medium without writing, does."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    connected = opening.connect

    def connect(path: Path, *, mode: str) -> sqlite3.Connection:
        if path.parent.suffix == ".case":
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error
        return connected(path, mode=mode)

    monkeypatch.setattr(opening, "_open_lock", refuse)
    monkeypatch.setattr(opening, "connect", connect)


def test_a_case_where_nothing_can_be_written_is_looked_at_through_a_snapshot(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(folder)
    refuse_writing(monkeypatch)
    with open_case(folder, read_only=False) as case:
        assert "nothing can be written" in case.database.read_only
        assert names(case) == ["IMG_1.jpg"]
        with pytest.raises(CaseReadOnly), case.database.changing():
            pass
    assert contents(folder) == before


def test_a_snapshot_holds_what_a_crash_left_in_the_log(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "Copy.case"
    with open_case(folder, read_only=False) as case:
        with case.database.changing() as connection:
            connection.execute("UPDATE item SET name = 'renamed.jpg'")
        shutil.copytree(folder, copy)  # the log as it is while a process works
    (copy / "case.sqlite3-shm").unlink()
    assert (copy / "case.sqlite3-wal").stat().st_size
    refuse_writing(monkeypatch)
    with open_case(copy, read_only=False) as case:
        assert names(case) == ["renamed.jpg"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such permissions here")
def test_a_person_without_permission_looks_at_a_case_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    tmp_path.chmod(0o755)
    before = contents(folder)
    program = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from forensic_gui.storage.case.opening import open_case
        from forensic_gui.storage.case import items
        from forensic_gui.domain.case import ItemQuery
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        with open_case(Path(sys.argv[1]), read_only=False) as case:
            with case.database.reading() as connection:
                print(len(items.find_ids(connection, ItemQuery())), case.database.read_only)
        """
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 This case lies where nothing can be written")
    assert contents(folder) == before


def test_a_database_file_without_write_permission_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = opening.connect

    def connect(path: Path, *, mode: str) -> sqlite3.Connection:
        # What SQLite does quietly with a file that it may only read.
        return connected(path, mode="ro")

    monkeypatch.setattr(opening, "connect", connect)
    with open_case(folder, read_only=False) as case:
        assert "nothing can be written" in case.database.read_only


def test_a_snapshot_that_cannot_be_made_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_writing(monkeypatch)

    def unreadable(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening.shutil, "copyfile", unreadable)
    with pytest.raises(CaseError, match="could not be read"):
        open_case(folder, read_only=True)


def test_an_error_of_another_kind_while_reading_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path, *, mode: str) -> sqlite3.Connection:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    monkeypatch.setattr(opening, "connect", broken)
    with pytest.raises(OutputError, match="disk is well"):
        open_case(folder, read_only=True)


class Unwilling:
    """A connection that SQLite gave and that reads nothing."""

    def __init__(self, code: int) -> None:
        self.closed = False
        self._error = sqlite3.OperationalError("as SQLite says")
        self._error.sqlite_errorcode = code

    def execute(self, statement: str) -> None:
        raise self._error

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("code", "told"), [(sqlite3.SQLITE_IOERR, True), (sqlite3.SQLITE_READONLY, False)])
def test_a_connection_that_reads_nothing_is_let_go_of(
    folder: Path, code: int, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected, unwilling = opening.connect, Unwilling(code)
    monkeypatch.setattr(
        opening, "connect", lambda path, mode: unwilling if path.parent == folder else connected(path, mode=mode)
    )
    if told:
        with pytest.raises(OutputError):
            open_case(folder, read_only=True)
    else:  # then a snapshot is read
        with open_case(folder, read_only=True) as case:
            assert names(case) == ["IMG_1.jpg"]
    assert unwilling.closed
