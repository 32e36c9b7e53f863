"""Whatever is done to the rows of a trail, the first event that does not fit is named, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain import audit
from forensic_gui.domain.audit import canonical_json, event_hash, event_line, event_of, own_number, seal
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.trail_fault import FaultKind, TrailRow, Walked, walk

EVENTS = 8


def made(number: int = EVENTS) -> list[TrailRow]:
    rows: list[TrailRow] = []
    last: AuditEvent | None = None
    for place in range(1, number + 1):
        details = {"place": place, "text": 'a "quoted" ü', "share": 1e-07, "none": None}
        time = f"2026-01-01T00:00:{place:02d}+00:00"
        last = seal(last, time=time, actor="Ada", action=f"step {place}", subject="5" * 64, details=details)
        rows.append(TrailRow(replace(last, details={}), canonical_json(details)))
    return rows


def walked(rows: Sequence[TrailRow]) -> Walked:
    return walk(rows, again=lambda: rows)


def changed(row: TrailRow, **values: object) -> TrailRow:
    return replace(row, event=replace(row.event, **values))  # type: ignore[arg-type]


def resealed(row: TrailRow) -> TrailRow:
    return changed(row, sha256=event_hash(row.event, details_json=row.details_json))


places = st.integers(1, EVENTS)
texts = st.text(max_size=20)


def test_a_trail_that_holds_is_walked_to_its_end() -> None:
    rows = made()
    assert walked(rows) == Walked(EVENTS, rows[-1].event, None)


@given(place=places, field=st.sampled_from(["time", "actor", "action", "subject", "details", "sha256"]), text=texts)
def test_an_edited_event_is_named(place: int, field: str, text: str) -> None:
    rows = made()
    before = rows[place - 1]
    now = replace(before, details_json=text) if field == "details" else changed(before, **{field: text})
    if now == before:
        return
    rows[place - 1] = now
    fault = walked(rows).fault
    assert fault is not None
    assert (fault.kind, fault.number, fault.stands_at) == (FaultKind.ALTERED, place, place)
    assert (fault.time, fault.action) == (now.event.time, now.event.action)


@given(first=places, number=st.integers(1, EVENTS))
def test_removed_events_are_named_unless_they_are_the_last(first: int, number: int) -> None:
    rows = made()
    removed = rows[first - 1 : first - 1 + number]
    left = [row for row in rows if row not in removed]
    fault = walked(left).fault
    if left and first > len(left):
        assert fault is None, "a tail that was cut off is not seen by the chain"
        return
    assert fault is not None
    assert (fault.kind, fault.number) == (FaultKind.MISSING, first)


@given(place=st.integers(1, EVENTS - 1))
def test_a_removed_event_whose_place_was_filled_by_renumbering_is_missing_all_the_same(place: int) -> None:
    rows = made()
    left = [changed(row, seq=number) for number, row in enumerate(rows[: place - 1] + rows[place:], start=1)]
    fault = walked(left).fault
    assert fault is not None
    assert (fault.kind, fault.number, fault.stands_at) == (FaultKind.MISSING, place, place)


@given(order=st.permutations(range(EVENTS)), renumbered=st.booleans())
def test_events_in_another_order_are_out_of_order(order: list[int], renumbered: bool) -> None:
    rows = made()
    moved = [rows[place] for place in order]
    if renumbered:
        moved = [changed(row, seq=number) for number, row in enumerate(moved, start=1)]
    fault = walked(moved).fault
    first = next((place for place, row in enumerate(order) if place != row), None)
    if first is None:
        assert fault is None
        return
    assert fault is not None
    assert (fault.kind, fault.number) == (FaultKind.OUT_OF_ORDER, first + 1)
    assert fault.action == f"step {first + 1}"


def test_a_moved_event_is_said_to_stand_where_it_stands() -> None:
    rows = made()
    rows.append(changed(rows.pop(2), seq=99))
    fault = walked(rows).fault
    assert fault is not None
    assert fault.clause == "event 3 is missing from its place: it (step 3) stands as event 99"
    assert fault.stands_at == 99


def test_an_event_that_stands_twice_is_out_of_order() -> None:
    rows = made()
    fault = walked([*rows[:3], rows[2], *rows[3:]]).fault
    assert fault is not None
    assert (fault.kind, fault.number) == (FaultKind.OUT_OF_ORDER, 3)


@given(place=st.integers(1, EVENTS - 1), actor=st.text(min_size=1, max_size=5))
def test_an_event_that_was_sealed_anew_breaks_the_chain_at_the_one_after_it(place: int, actor: str) -> None:
    rows = made()
    rows[place - 1] = resealed(changed(rows[place - 1], actor=f"{actor}, not Ada"))
    fault = walked(rows).fault
    assert fault is not None
    assert (fault.kind, fault.number) == (FaultKind.CHAIN_BROKEN, place + 1)


def test_an_event_that_was_put_in_before_others_shows_by_the_numbers_they_were_sealed_under() -> None:
    rows = made()
    put_in = seal(replace(rows[1].event, details={}), time="", actor="Eve", action="more", subject="", details={})
    later = [changed(row, seq=row.event.seq + 1) for row in rows[2:]]
    fault = walked([*rows[:2], TrailRow(put_in, "{}"), *later]).fault
    assert fault is not None
    assert (fault.kind, fault.number, fault.stands_at) == (FaultKind.OUT_OF_ORDER, 3, 4)


def test_the_whole_trail_sealed_anew_is_seen_by_nobody_without_a_printed_head() -> None:
    last: AuditEvent | None = None
    forged = []
    for row in made():
        last = seal(last, time="", actor="Eve", action=row.event.action, subject="", details={})
        forged.append(TrailRow(last, "{}"))
    assert walked(forged).fault is None
    assert forged[-1].event.sha256 != made()[-1].event.sha256


@pytest.mark.parametrize(("left", "clause"), [(0, "event 1 is missing"), (1, "events 1 to 7 are missing")])
def test_what_is_missing_is_said(left: int, clause: str) -> None:
    fault = walked(made()[EVENTS - left :]).fault
    assert fault is not None
    assert fault.clause == clause


@given(
    texts=st.tuples(st.text(), st.text(), st.text()),
    details=st.dictionaries(st.text(), st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)),
)
def test_a_line_less_its_hash_is_what_was_hashed(texts: tuple[str, str, str], details: dict[str, object]) -> None:
    actor, action, subject = texts
    event = seal(None, time="now", actor=actor, action=action, subject=subject, details=details)
    line = event_line(event)
    assert line.isascii()
    assert "\n" not in line
    hashed = line.replace(f'"sha256":"{event.sha256}",', "")
    assert hashlib.sha256(hashed.encode("ascii")).hexdigest() == event.sha256
    assert event_of(line) == event


@pytest.mark.parametrize("line", ["", "{", "7", "[]", "{}", '{"seq":1}', "[" * 100_000, b"\xff\xfe"])
def test_a_line_that_is_no_event_is_refused(line: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"is no JSON|members of an event"):
        event_of(line)


def test_a_number_that_is_none_is_refused() -> None:
    line = event_line(made()[0].event)
    with pytest.raises(ValueError, match="members of an event"):
        event_of(line.replace('"seq":1', '"seq":true'))


def test_no_more_is_hashed_for_an_events_number_than_takes_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    row = made()[4]
    assert own_number(row.event, row.details_json, most=10**9) == 5
    monkeypatch.setattr(audit, "_MOST_HASHED_BYTES", 4 * len(row.event.subject))
    assert own_number(row.event, row.details_json, most=10**9) is None
