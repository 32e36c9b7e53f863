"""A case is opened as it was left; a damaged one is refused and left alone; an older one is brought up to date."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.case import ItemQuery
from forensic_gui.domain.errors import (
    CaseDamaged,
    CaseNotFound,
    CaseTooNew,
    OutputError,
    OutputExhausted,
)
from forensic_gui.services.case import CaseSession
from forensic_gui.storage.case import items, opening
from forensic_gui.storage.case.opening import OpenCase, create_case, open_case
from forensic_gui.storage.case.schema import MIGRATIONS, SCHEMA_VERSION, Migration, migrate, run_script, version_of

VERSION_1 = Path(__file__).with_name("version_1.sql")
NEXT = Migration(
    SCHEMA_VERSION + 1,
    lambda connection: run_script(
        connection, "CREATE TABLE later (item_id INTEGER) STRICT;\nINSERT INTO later SELECT id FROM item;\n"
    ),
)
NEWER = (*MIGRATIONS, NEXT)


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


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_the_database_carries_every_safety(folder: Path) -> None:
    with open_case(folder, read_only=False) as case, case.database.reading() as connection:
        told = {
            pragma: connection.execute(f"PRAGMA {pragma}").fetchone()[0]
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "application_id")
        }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "application_id": 0x46474331,
    }
    assert (folder / "case.sqlite3").read_bytes()[68:72] == b"FGC1"


def test_a_copy_in_one_file_works_with_a_log_again(folder: Path) -> None:
    change(folder, "PRAGMA journal_mode = DELETE")
    with open_case(folder, read_only=False) as case, case.database.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_empty_case_without_its_empty_folders_is_whole(folder: Path) -> None:
    shutil.rmtree(folder / "derived")
    with open_case(folder, read_only=False) as case:
        assert case.folder.derived.is_dir()


def test_two_cannot_change_a_case_at_once(folder: Path) -> None:
    with open_case(folder, read_only=False), open_case(folder, read_only=False) as second:
        assert "Another window or process" in second.database.read_only


def test_a_case_whose_vault_cannot_be_tidied_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise OutputError(f"{path} could not be read.")

    monkeypatch.setattr(opening, "remove_leftovers", refuse)
    with open_case(folder, read_only=False) as case:
        assert "nothing can be written" in case.database.read_only


def test_a_case_made_by_a_newer_version_is_refused_and_left_alone(folder: Path) -> None:
    with open_case(folder, read_only=False, migrations=NEWER):
        pass
    before = contents(folder)
    for read_only in (False, True):
        with pytest.raises(CaseTooNew, match=rf"version {SCHEMA_VERSION + 1}, this program knows {SCHEMA_VERSION}"):
            open_case(folder, read_only=read_only)
    assert contents(folder) == before


def test_an_older_case_is_brought_up_to_date_with_everything_in_it(folder: Path) -> None:
    with open_case(folder, read_only=False, migrations=NEWER) as case:
        assert (case.migrated, names(case)) == ((SCHEMA_VERSION + 1,), ["IMG_1.jpg"])
        with case.database.reading() as connection:
            assert version_of(connection) == SCHEMA_VERSION + 1
            assert connection.execute("SELECT item_id FROM later").fetchall() == [(1,)]
    with open_case(folder, read_only=False, migrations=NEWER) as case:
        assert case.migrated == ()


def test_an_older_case_that_is_only_looked_at_stays_as_old_as_it_is(folder: Path) -> None:
    before = contents(folder)
    with open_case(folder, read_only=True, migrations=NEWER) as case:
        assert names(case) == ["IMG_1.jpg"]
        with case.database.reading() as connection:
            assert connection.execute("SELECT item_id FROM later").fetchall() == [(1,)]
    assert contents(folder) == before


def test_a_migration_that_fails_leaves_the_version_before(folder: Path) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (id INTEGER)")
        raise RuntimeError("the step is wrong")

    with pytest.raises(RuntimeError):
        open_case(folder, read_only=False, migrations=(*MIGRATIONS, Migration(SCHEMA_VERSION + 1, fail)))
    with open_case(folder, read_only=False) as case, case.database.reading() as connection:
        assert version_of(connection) == SCHEMA_VERSION
        assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone() is None


def test_a_case_of_the_first_version_is_opened_with_all_that_was_in_it(tmp_path: Path) -> None:
    """The file is what the first released version wrote: it is never to be made anew."""
    folder = tmp_path / "Old.case"
    for part in ("originals", "derived"):
        (folder / part).mkdir(parents=True)
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(VERSION_1.read_text("utf-8"))
    with CaseSession.open(folder, author="Bob") as case:
        (item,) = case.items(ItemQuery(text="sky", group="Quay", tags=("seen",)))
        state = case.annotation(item.id)
        assert (item.name, item.regions, state.undo, state.redo) == ("IMG_1.jpg", 1, "Box", "Mark")
        assert case.redo(item.id).undo == "Mark"
        assert len(case.audit()) == 10


def not_a_database(folder: Path) -> None:
    (folder / "case.sqlite3").write_bytes(b"no database, though it is quite as long as a header of one would be" * 20)


def cut_short(folder: Path) -> None:
    data = (folder / "case.sqlite3").read_bytes()
    (folder / "case.sqlite3").write_bytes(data[: len(data) // 2])


def scribble_over(folder: Path) -> None:
    data = bytearray((folder / "case.sqlite3").read_bytes())
    data[4096 + 100 : -100] = b"\xa5" * (len(data) - 4096 - 200)
    (folder / "case.sqlite3").write_bytes(data)


def of_another_program(folder: Path) -> None:
    change(folder, "PRAGMA application_id = 7")


def without_a_table(folder: Path) -> None:
    change(folder, "DROP TABLE searched")


def with_a_trigger_more(folder: Path) -> None:
    change(folder, "CREATE TRIGGER evil AFTER INSERT ON item BEGIN DELETE FROM tag; END")


def with_a_trigger_under_a_name_of_sqlites_own(folder: Path) -> None:
    """Such a name cannot be given, but written into the schema; events would be lost without a word."""
    trigger = "CREATE TRIGGER sqlite_quiet BEFORE INSERT ON audit BEGIN SELECT RAISE(IGNORE); END"
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_quiet', 'audit', 0, ?)", (trigger,))


def with_a_key_that_leads_nowhere(folder: Path) -> None:
    """SQLite takes a no-break space for a letter, so that this is another table's name."""
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'REFERENCES item (', 'REFERENCES item\u00a0(')"
            " WHERE name = 'finding'"
        )


def without_a_guard(folder: Path) -> None:
    change(folder, "DROP TRIGGER audit_is_never_changed")


def without_a_name(folder: Path) -> None:
    change(folder, "DELETE FROM about")


def of_no_version(folder: Path) -> None:
    change(folder, "PRAGMA user_version = 0")


def without_the_database(folder: Path) -> None:
    (folder / "case.sqlite3").unlink()


def without_the_vault(folder: Path) -> None:
    shutil.rmtree(folder / "originals")


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    "damage",
    [
        not_a_database,
        cut_short,
        scribble_over,
        of_another_program,
        without_a_table,
        with_a_trigger_more,
        with_a_trigger_under_a_name_of_sqlites_own,
        with_a_key_that_leads_nowhere,
        without_a_guard,
        without_a_name,
        of_no_version,
        without_the_database,
        without_the_vault,
    ],
)
def test_a_damaged_case_is_reported_and_never_written_over(
    folder: Path, damage: Callable[[Path], None], read_only: bool
) -> None:
    damage(folder)
    before = contents(folder)
    with pytest.raises(CaseDamaged):
        open_case(folder, read_only=read_only)
    assert contents(folder) == before


def test_a_folder_without_a_case_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(CaseNotFound):
        open_case(tmp_path, read_only=False)


def test_a_case_that_cannot_be_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OutputExhausted("The disk is full.")

    monkeypatch.setattr(opening, "migrate", full)
    with pytest.raises(OutputExhausted):
        create_case(tmp_path / "New", author="Ada", account="ada", time="t", tool_version="0")
    assert list(tmp_path.iterdir()) == []


def test_a_case_is_not_made_in_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        create_case(tmp_path / "absent" / "New", author="Ada", account="ada", time="t", tool_version="0")


@pytest.mark.parametrize("part", ["originals", "derived"])
def test_a_case_whose_parts_cannot_be_made_leaves_nothing(
    tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Path.mkdir

    def mkdir(path: Path, *args: Any, **named: Any) -> None:
        if path.name == part:
            raise OSError(28, "No space left on device")
        made(path, *args, **named)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(OutputExhausted):
        create_case(tmp_path / "New", author="Ada", account="ada", time="t", tool_version="0")
    assert list(tmp_path.iterdir()) == []


def test_a_statement_that_is_not_whole_is_our_mistake() -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(AssertionError):
        run_script(connection, "CREATE TABLE a (id INTEGER);\nCREATE TABLE b (")


def test_migrating_twice_changes_nothing() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        assert migrate(connection) == tuple(step.version for step in MIGRATIONS)
        assert migrate(connection) == ()
