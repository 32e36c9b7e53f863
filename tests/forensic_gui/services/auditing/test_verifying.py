"""Whatever is done to a case's file behind the program's back, verifying names it, without the case being opened."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensic_gui.domain.audit import event_hash
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import Cancelled, CaseNotFound, CaseTooNew, RequestError
from forensic_gui.domain.trail_fault import FaultKind, TrailFault
from forensic_gui.services.auditing.exporting import export_trail
from forensic_gui.services.auditing.verdict import PrintedHead
from forensic_gui.services.auditing.verifying import verify_trail
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.storage.case.schema import SCHEMA_VERSION, expected_schema
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued
from tests.forensic_gui.services.case.tampering import forged

from .conftest import EVENTS

SETTINGS = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tampered(folder: Path, *statements: tuple[str, tuple[object, ...]]) -> Path:
    """A copy of the case, changed by somebody who takes the guards off and puts them back."""
    copy = folder.with_name("Copy.case")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    with closing(sqlite3.connect(copy / "case.sqlite3", isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement, values in statements:
            connection.execute(statement, values)
        for _, sql in guards:
            connection.execute(sql)
    return copy


def fault_of(folder: Path) -> TrailFault:
    verdict = verify_trail(folder)
    assert not verdict.is_whole
    assert verdict.fault is not None
    return verdict.fault


def head_of(folder: Path) -> PrintedHead:
    """What a report printed now would name."""
    verdict = verify_trail(folder)
    assert verdict.is_whole
    return PrintedHead(verdict.head, verdict.events)


def test_a_trail_that_nobody_touched_is_whole_and_verifying_writes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    verdict = verify_trail(folder)
    assert (verdict.is_whole, verdict.events, verdict.has_tables) == (True, EVENTS, True)
    assert {path: path.read_bytes() for path in before} == before
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        assert verdict.head == case.audit()[-1].sha256


def test_a_case_that_is_being_worked_on_is_verified_as_it_is_at_this_moment(folder: Path) -> None:
    with CaseSession.open(folder, author="Bob") as case:
        case.tag([1], add=["more"])
        assert verify_trail(folder).events == EVENTS + 2


@SETTINGS
@given(
    number=st.integers(1, EVENTS),
    column=st.sampled_from(["time", "actor", "action", "subject", "details", "previous", "sha256"]),
    text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
)
def test_an_edited_event_is_named(folder: Path, number: int, column: str, text: str) -> None:
    copy = tampered(folder, (f"UPDATE audit SET {column} = ? WHERE seq = ?", (text, number)))
    if _rows(copy) == _rows(folder):
        return
    fault = fault_of(copy)
    assert (fault.kind, fault.number, fault.stands_at) == (FaultKind.ALTERED, number, number)


def _rows(folder: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        return connection.execute("SELECT * FROM audit ORDER BY seq").fetchall()


@SETTINGS
@given(number=st.integers(1, EVENTS - 1), fills_the_gap=st.booleans())
def test_a_deleted_event_is_missing_whether_or_not_the_others_move_up(
    folder: Path, number: int, fills_the_gap: bool
) -> None:
    statements: list[tuple[str, tuple[object, ...]]] = [("DELETE FROM audit WHERE seq = ?", (number,))]
    if fills_the_gap:
        statements += [(f"UPDATE audit SET seq = {n} WHERE seq = {n + 1}", ()) for n in range(number, EVENTS)]
    fault = fault_of(tampered(folder, *statements))
    assert (fault.kind, fault.number) == (FaultKind.MISSING, number)


@SETTINGS
@given(pair=st.lists(st.integers(1, EVENTS), min_size=2, max_size=2, unique=True))
def test_exchanged_events_are_out_of_order(folder: Path, pair: list[int]) -> None:
    first, second = pair
    swap = [
        ("UPDATE audit SET seq = -1 WHERE seq = ?", (first,)),
        ("UPDATE audit SET seq = ? WHERE seq = ?", (first, second)),
        ("UPDATE audit SET seq = ? WHERE seq = -1", (second,)),
    ]
    fault = fault_of(tampered(folder, *swap))
    assert (fault.kind, fault.number, fault.stands_at) == (FaultKind.OUT_OF_ORDER, min(pair), max(pair))


@SETTINGS
@given(left=st.integers(1, EVENTS - 1))
def test_a_tail_that_was_cut_off_shows_with_the_printed_head_alone(folder: Path, left: int) -> None:
    head = head_of(folder)
    lines = folder.with_name("trail.jsonl")
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        export_trail(case, lines)
    kept = lines.read_bytes().splitlines(keepends=True)[:left]
    lines.write_bytes(b"".join(kept))
    assert verify_trail(lines).is_whole, "the chain alone does not show what is gone behind its end"
    verdict = verify_trail(lines, printed=head)
    assert not verdict.is_whole
    assert verdict.printed is not None
    assert verdict.printed.sentence.startswith("The trail ends before the event that the report names: it has")
    hash_alone = verify_trail(lines, printed=PrintedHead(head.sha256)).printed
    assert hash_alone is not None
    assert "its end was cut off, it was written anew, or" in hash_alone.sentence


def test_events_cut_off_with_all_that_they_vouch_for_show_with_the_printed_head_alone(folder: Path) -> None:
    head = head_of(folder)
    # The last three noted something that no table says, or that is taken back with them.
    undone = ("UPDATE item SET unreadable = '' WHERE id = 2", ())
    copy = tampered(folder, ("DELETE FROM audit WHERE seq > ?", (EVENTS - 3,)), undone)
    assert verify_trail(copy).is_whole
    assert not verify_trail(copy, printed=head).is_whole


def test_events_cut_off_alone_leave_tables_that_no_event_vouches_for(folder: Path) -> None:
    copy = tampered(folder, ("DELETE FROM audit WHERE seq > 4", ()))
    fault = fault_of(copy)
    assert fault.kind is FaultKind.TABLES_DIFFER


def test_the_printed_head_is_found_in_a_trail_that_went_on(folder: Path) -> None:
    head = head_of(folder)
    with CaseSession.open(folder, author="Ada"):
        pass
    answer = verify_trail(folder, printed=head).printed
    assert answer is not None
    assert answer.is_in_trail
    assert answer.sentence == f"The event that the report names is in the trail: number {EVENTS}, and 2 events follow."


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (lambda head: PrintedHead(head.sha256, 3), f"The event of this hash is number {EVENTS} of the trail, and not"),
        (lambda head: PrintedHead("0" * 64, 3), "Event 3 of the trail is another one than the report names"),
        (lambda head: PrintedHead("0" * 64, 99), f"it has {EVENTS} events, and the report names number 99."),
    ],
)
def test_a_head_of_another_trail_is_told_apart(
    folder: Path, printed: Callable[[PrintedHead], PrintedHead], said: str
) -> None:
    verdict = verify_trail(folder, printed=printed(head_of(folder)))
    assert not verdict.is_whole
    assert verdict.fault is None
    assert verdict.printed is not None
    assert said in verdict.printed.sentence


@pytest.mark.parametrize("of_file", [False, True])
def test_the_hash_of_a_report_s_record_is_told_from_the_head_of_the_trail(
    folder: Path, tmp_path: Path, of_file: bool
) -> None:
    with CaseSession.open(folder, author="Ada") as case:
        case.reports.write(opinion=CONCLUDED)
        report = issued(case)
        event = case.audit()[-1].seq
        export_trail(case, tmp_path / "trail.jsonl")
    source = tmp_path / "trail.jsonl" if of_file else folder
    verdict = verify_trail(source, printed=PrintedHead(report.record_sha256))
    assert verdict.fault is None
    assert not verdict.is_whole  # nobody knows yet of the head that was to be looked for
    assert verdict.printed is not None
    assert verdict.printed.is_of_record
    assert f"the record of revision 1 (event {event})" in verdict.printed.sentence


def test_a_hash_that_details_of_another_event_have_is_no_report_s_record(folder: Path) -> None:
    answer = verify_trail(folder, printed=PrintedHead(hashlib.sha256(b"nine").hexdigest())).printed
    assert answer is not None
    assert not answer.is_of_record


def test_beyond_the_damage_nothing_is_said_of_the_printed_head(folder: Path) -> None:
    head = head_of(folder)
    verdict = verify_trail(tampered(folder, ("UPDATE audit SET actor = 'Eve' WHERE seq = 5", ())), printed=head)
    assert verdict.events == 4
    assert verdict.printed is not None
    assert verdict.printed.sentence == "The event that the report names is not among those before the damage."


def test_what_a_report_prints_of_the_trail_is_what_is_looked_for(folder: Path) -> None:
    with CaseSession.open(folder, author="Ada") as case:
        printed = case.reports.trail_state()
    head = PrintedHead.of(printed.head, printed.events)
    assert verify_trail(folder, printed=head).is_whole
    cut = tampered(folder, ("DELETE FROM audit WHERE seq >= ?", (printed.events,)))
    answer = verify_trail(cut, printed=head).printed
    assert answer is not None
    assert not answer.is_in_trail


def test_what_the_trail_vouches_for_is_compared_too(folder: Path) -> None:
    fault = fault_of(tampered(folder, ("UPDATE item SET source = '/elsewhere' WHERE id = 2", ())))
    assert (fault.kind, fault.number, fault.action) == (FaultKind.TABLES_DIFFER, 3, "evidence added")


@pytest.mark.parametrize(
    ("statement", "clause"),
    [
        ("DROP TRIGGER audit_is_never_changed", "the trigger «audit_is_never_changed» of the database is missing"),
        ("CREATE TABLE more (a TEXT)", "the table «more» of the database was added"),
        ("DROP INDEX item_by_name", "the index «item_by_name» of the database is missing"),
    ],
)
def test_a_database_of_another_shape_is_a_fault_that_is_named(folder: Path, statement: str, clause: str) -> None:
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        connection.execute(statement)
    assert fault_of(folder).clause == clause


def test_a_view_in_the_place_of_the_trail_is_not_read(folder: Path) -> None:
    endless = (
        "CREATE VIEW audit AS WITH RECURSIVE n(seq) AS (VALUES (1) UNION ALL SELECT seq + 1 FROM n)"
        " SELECT seq, '' time, '' actor, '' action, '' subject, '{}' details, '' previous, '' sha256 FROM n"
    )
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        connection.execute("DROP TABLE audit")
        connection.execute(endless)
    assert fault_of(folder).clause == "the table of the audit trail is not that of a case, so that it was not read"


def test_a_torn_file_is_a_fault_and_no_defect(folder: Path) -> None:
    database = folder / "case.sqlite3"
    data = bytearray(database.read_bytes())
    for start in range(4096, len(data), 4096):
        data[start : start + 64] = b"\xff" * 64
    database.write_bytes(data)
    assert fault_of(folder).kind is FaultKind.TABLES_DIFFER


def test_bytes_that_are_no_text_are_an_alteration_of_the_event_that_has_them(folder: Path) -> None:
    fault = fault_of(tampered(folder, ("UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE seq = 3", ())))
    assert (fault.kind, fault.number, fault.action) == (FaultKind.ALTERED, 3, "evidence added")


def test_bytes_that_are_no_text_elsewhere_are_a_fault(folder: Path) -> None:
    fault = fault_of(tampered(folder, ("UPDATE item SET name = CAST(x'ff' AS TEXT) WHERE id = 1", ())))
    assert fault.kind is FaultKind.TABLES_DIFFER
    assert "holds a text that is none" in fault.clause


def test_an_event_sealed_over_bytes_that_are_no_text_is_a_fault_all_the_same(folder: Path) -> None:
    forged(folder, "a note", "{}")
    seq, time, actor, action, _, details_json, previous, _ = _rows(folder)[-1]
    read_as = AuditEvent(seq, time, actor, action, "\\xff", {}, previous, "")
    sealed = event_hash(read_as, details_json=details_json)
    statement = "UPDATE audit SET subject = CAST(x'ff' AS TEXT), sha256 = ? WHERE seq = ?"
    verdict = verify_trail(tampered(folder, (statement, (sealed, seq))))
    assert verdict.events == EVENTS + 1
    assert verdict.fault is not None
    assert "holds a text that is none" in verdict.fault.clause


def test_a_torn_table_beside_a_chain_that_holds_is_a_fault(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'decoding'").fetchone()
    data = bytearray((folder / "case.sqlite3").read_bytes())
    data[(page - 1) * size + 3 : (page - 1) * size + 8] = b"\x7f\xff\x00\x01\xff"
    (folder / "case.sqlite3").write_bytes(data)
    verdict = verify_trail(folder)
    assert verdict.events == EVENTS
    assert verdict.fault is not None
    assert "the database is damaged" in verdict.fault.clause


def test_a_case_of_an_older_version_is_verified_as_it_is(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        newer = {each[:2] for each in expected_schema(SCHEMA_VERSION) - expected_schema(1)}
        for kind, name in sorted(newer, key=lambda each: each[0] != "trigger"):
            if not name.startswith("sqlite_"):
                connection.execute(f"DROP {kind} IF EXISTS {name}")
        connection.execute("PRAGMA user_version = 1")
    before = (folder / "case.sqlite3").read_bytes()
    assert verify_trail(folder).is_whole
    assert (folder / "case.sqlite3").read_bytes() == before


def test_a_case_of_a_newer_version_is_not_judged(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(CaseTooNew):
        verify_trail(folder)


def test_what_is_not_there_is_no_trail(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no case and no file"):
        verify_trail(tmp_path / "none.jsonl")
    with pytest.raises(CaseNotFound):
        verify_trail(tmp_path)


def test_verifying_tells_how_far_it_is_and_can_be_stopped(folder: Path) -> None:
    told: list[ProgressEvent] = []
    assert verify_trail(folder, progress=told.append).is_whole
    assert (told[-1].done, told[-1].total) == (2 * EVENTS, 2 * EVENTS)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        verify_trail(folder, cancel=token)


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63, "0" * 65])
def test_a_head_that_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="64 hexadecimal digits"):
        PrintedHead.of(text)


def test_a_head_may_be_copied_with_its_breaks_and_in_capitals() -> None:
    assert PrintedHead.of(f" {'AB' * 16}\n{'cd' * 16} ", 3) == PrintedHead("ab" * 16 + "cd" * 16, 3)
    with pytest.raises(RequestError, match="numbered from 1"):
        PrintedHead.of("0" * 64, 0)


def test_nothing_is_whole_that_has_no_events(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(RequestError, match="is no audit trail"):
        verify_trail(tmp_path / "empty.jsonl")
