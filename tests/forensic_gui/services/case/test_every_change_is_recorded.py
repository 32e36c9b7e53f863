"""Every service that is handed a case is known by the events that its changes leave, or as one that only reads.

The lists are in `known_services`, which says what to do with a new one.
"""

from __future__ import annotations

import ast
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.audit import CHANGES_NOTHING
from forensic_gui.domain.case import AuditEvent
from forensic_gui.services.auditing.reading import read_trail
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.archive import export_case, import_case
from forensic_gui.storage.case import trail
from forensic_gui.storage.case.database import Database
from tests.forensic_gui.services.case.known_services import CHANGES, FACTS, ONLY_READS, SAYS, SHOWN_ELSEWHERE, Bench
from tests.forensic_gui.services.case.made_findings import MAPS, finding
from tests.forensic_gui.services.case.made_reports import CONCLUDED
from tests.forensic_gui.services.labels.helpers import draw, photograph, region, with_hole

SERVICES = "forensic_gui/services"
CASES = frozenset({"CaseSession", "OpenCase"})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    photographs = [photograph(tmp_path / f"IMG_{number}.png", seed=number) for number in range(3)]
    (tmp_path / "place").mkdir()
    with CaseSession.create(tmp_path / "Harbour", author="Ada") as case:
        drawn, plain = case.add(photographs[:2]).added
        case.note_decoded(plain, FACTS)
        draw(case, drawn, region(with_hole()))
        case.put_finding(drawn, finding(case, drawn, FACTS), MAPS)
        case.reports.write(opinion=CONCLUDED)
        yield Bench(case, drawn, plain, photographs[2], tmp_path / "place")


def services_of_cases(checkout: Path) -> set[str]:
    """Public functions that take or open a case, and public methods of classes that hold one, as module.name."""
    found: set[str] = set()
    folder = checkout / SERVICES
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(folder).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _has_a_case(node):
                found.add(f"{module}.{node.name}")
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_") and _holds_a_case(node):
                found |= {f"{module}.{node.name}.{method}" for method in _public_methods(node)}
    return found


def _has_a_case(function: ast.FunctionDef) -> bool:
    arguments = function.args
    annotations = [each.annotation for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    takes = any(_names_a_case(each) for each in annotations if each is not None)
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return takes or any(isinstance(call, ast.Attribute) and _names_a_case(call.value) for call in calls)


def _holds_a_case(class_: ast.ClassDef) -> bool:
    makers = [node for node in class_.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    fields = [node.annotation for node in class_.body if isinstance(node, ast.AnnAssign)]
    # `CaseReports` comes of `CaseSession.reports`, so it is as much in everybody's hands.
    return class_.name == "CaseReports" or any(map(_has_a_case, makers)) or any(map(_names_a_case, fields))


def _names_a_case(node: ast.expr) -> bool:
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
    return bool((names | texts) & CASES)


def _public_methods(class_: ast.ClassDef) -> list[str]:
    methods = [node.name for node in class_.body if isinstance(node, ast.FunctionDef)]
    return [name for name in methods if not name.startswith("_")]


def test_every_service_that_is_handed_a_case_is_in_one_of_the_lists(checkout: Path) -> None:
    listed = [*CHANGES, *ONLY_READS, *SHOWN_ELSEWHERE]
    assert len(listed) == len(set(listed))
    assert sorted(services_of_cases(checkout) - set(listed)) == [], "see `known_services` for what to do"


def test_what_is_shown_elsewhere_is_shown_there(checkout: Path) -> None:
    for path, begins in SHOWN_ELSEWHERE.values():
        assert f"def {begins}" in (checkout / path).read_text(encoding="utf-8")


def state_of(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What is on the disk of every table of a case, by its name; of one that somebody has open too."""
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}


@contextmanager
def watched_transactions(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[list[tuple[bool, int]]]:
    """Of every transaction in turn: whether it changed anything beside the trail, and how many events it left."""
    seen: list[tuple[bool, int]] = []
    real = Database.changing

    @contextmanager
    def changing(database: Database) -> Iterator[sqlite3.Connection]:
        before = state_of(folder)
        with real(database) as connection:
            yield connection
        after = state_of(folder)
        events = len(after.pop("audit")) - len(before.pop("audit"))
        seen.append((before != after, events))

    with monkeypatch.context() as patched:
        patched.setattr(Database, "changing", changing)
        yield seen


@pytest.mark.parametrize("service", CHANGES)
def test_events_say_when_on_what_with_what_and_with_what_result(bench: Bench, service: str) -> None:
    before = len(bench.case.audit())
    hashes = {item.sha256 for item in bench.case.items()}
    CHANGES[service].call(bench)
    for event in tuple(read_trail(bench.case.folder, after=before)):
        on_what, says = SAYS[event.event.action]
        assert datetime.fromisoformat(event.event.time).utcoffset() == timedelta(0)
        assert says <= set(json.loads(event.details_json))
        if on_what == "item":
            assert event.event.subject in hashes or event.event.action == "evidence added"
        elif on_what == "file":
            assert Path(event.event.subject).is_absolute()


@pytest.mark.parametrize("service", CHANGES)
def test_every_change_leaves_its_events_in_its_own_transactions(
    bench: Bench, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, change = bench.case.folder, CHANGES[service]
    before = state_of(folder)
    with watched_transactions(monkeypatch, folder) as transactions:
        change.call(bench)
    after = state_of(folder)
    events = after.pop("audit")[len(before.pop("audit")) :]
    assert tuple(action for _, _, _, action, *_ in events) == change.leaves
    assert all(events for changed, events in transactions if changed)
    if set(change.leaves) <= CHANGES_NOTHING:
        assert after == before


class TheEventFailsError(Exception):
    """Raised where an event had been written, within its transaction."""


FAILURES = [(service, number) for service, change in CHANGES.items() for number in range(len(change.leaves))]


@pytest.mark.parametrize(("service", "number"), FAILURES)
def test_nothing_of_a_change_is_kept_whose_event_fails(
    bench: Bench, service: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bench.case.folder
    real, calls = trail.append, iter(range(10))
    on_disk_before: list[dict[str, list[tuple[Any, ...]]]] = []

    def append(connection: sqlite3.Connection, **values: Any) -> AuditEvent:
        is_of_this_case = any(Path(row[2]).is_relative_to(folder) for row in connection.execute("PRAGMA database_list"))
        if not is_of_this_case or next(calls) != number:
            return real(connection, **values)
        on_disk_before.append(state_of(folder))
        real(connection, **values)
        raise TheEventFailsError

    with monkeypatch.context() as broken:
        broken.setattr(trail, "append", append)
        with pytest.raises(TheEventFailsError):
            CHANGES[service].call(bench)
        bench.case.close()
    after = state_of(folder)
    if len(after["audit"]) > len(on_disk_before[0]["audit"]):
        assert after["audit"].pop()[3] == "case closed"
    assert [after] == on_disk_before
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        case.audit()


@pytest.mark.parametrize("service", ONLY_READS)
def test_what_only_reads_changes_nothing(bench: Bench, service: str) -> None:
    before = state_of(bench.case.folder)
    ONLY_READS[service](bench)
    assert state_of(bench.case.folder) == before


def test_a_case_that_is_made_says_so_or_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CaseSession.create(tmp_path / "First", author="Ada").close()
    assert [row[3] for row in state_of(tmp_path / "First.case")["audit"]] == ["case created", "case closed"]
    monkeypatch.setattr(trail, "append", _fail)
    with pytest.raises(TheEventFailsError):
        CaseSession.create(tmp_path / "Second", author="Ada")
    assert not (tmp_path / "Second.case").exists()


def test_a_case_that_is_imported_says_so_or_is_not_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = bench.place / "case.zip"
    export_case(bench.case, archive)
    import_case(archive, bench.place / "First", author="Bob")
    events = [row[3] for row in state_of(bench.place / "First.case")["audit"]]
    assert events[-6:] == [
        "case opened",
        "originals verified",
        "case imported",
        "case closed",
        "case opened",
        "case closed",
    ]
    monkeypatch.setattr(trail, "append", _fail)
    with pytest.raises(TheEventFailsError):
        import_case(archive, bench.place / "Second", author="Bob")
    assert not (bench.place / "Second.case").exists()


def _fail(*_: object, **__: object) -> AuditEvent:
    raise TheEventFailsError
