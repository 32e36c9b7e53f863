"""Events as lists show them: about which items, in short, and only those that are wanted."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.errors import Cancelled, CaseDamaged, RequestError
from forensic_gui.services.auditing.filtering import EventFilter, moment
from forensic_gui.services.auditing.reading import ShownEvent, read_trail
from forensic_gui.services.auditing.summary import MOST_CHARACTERS, summary_of
from forensic_gui.services.progress import CancelToken
from tests.forensic_gui.services.case.tampering import behind_the_back

from .conftest import EVENTS


@pytest.fixture
def events(folder: Path) -> list[ShownEvent]:
    return list(read_trail(folder))


def numbers(events: list[ShownEvent], wanted: EventFilter) -> list[int]:
    return [shown.event.seq for shown in events if wanted.fits(shown)]


def test_every_event_says_which_items_it_is_about(events: list[ShownEvent]) -> None:
    assert [(shown.event.action, shown.about) for shown in events] == [
        ("case created", ""),
        ("evidence added", "IMG_9.JPG"),
        ("evidence added", "IMG_10.jpg"),
        ("evidence decoded", "IMG_9.JPG"),
        ("finding stored", "IMG_9.JPG"),
        ("edit", "IMG_9.JPG"),
        ("undo", "IMG_9.JPG"),
        ("group set", "2 items"),
        ("tags changed", "IMG_10.jpg"),
        ("evidence not decoded", "IMG_10.jpg"),
        ("originals verified", ""),
        ("case closed", ""),
    ]
    assert len(events) == EVENTS


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EventFilter(), list(range(1, EVENTS + 1))),
        (EventFilter(action="EVIDENCE"), [2, 3, 4, 10]),
        (EventFilter(actor="ada"), list(range(1, EVENTS + 1))),
        (EventFilter(actor="bob"), []),
        (EventFilter(item="img_10"), [3, 8, 9, 10]),
        (EventFilter(item="IMG_10", action="tags"), [9]),
        (EventFilter(text="Quay"), [8]),
        (EventFilter(text="schema_version"), [1]),
        (EventFilter(text="img_9"), [2, 4, 5, 6, 7, 8]),
    ],
)
def test_only_wanted_events_are_listed(events: list[ShownEvent], wanted: EventFilter, found: list[int]) -> None:
    assert numbers(events, wanted) == found


def test_an_item_is_found_by_six_digits_of_its_hash(events: list[ShownEvent]) -> None:
    sha256 = events[1].event.subject
    assert numbers(events, EventFilter(item=sha256[:6].upper())) == [2, 4, 5, 6, 7, 8]
    assert numbers(events, EventFilter(item=sha256[:5])) == []


def test_events_are_found_by_their_time(events: list[ShownEvent]) -> None:
    times = [datetime.fromisoformat(shown.event.time) for shown in events]
    late = [shown.event.seq for shown, time in zip(events, times, strict=True) if time >= times[4]]
    assert numbers(events, EventFilter(since=times[4])) == late
    assert numbers(events, EventFilter(until=datetime(2020, 1, 1, tzinfo=UTC))) == []


def test_an_event_whose_time_is_none_is_not_hidden(folder: Path) -> None:
    behind_the_back(folder, "UPDATE audit SET time = 'never' WHERE seq = 2")
    events = list(read_trail(folder))
    assert numbers(events, EventFilter(until=datetime(2020, 1, 1, tzinfo=UTC))) == [2]


def test_times_are_in_utc_where_no_offset_is_said_and_a_day_ends_at_its_end() -> None:
    assert moment("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert moment("2026-03-01", ends_day=True) == datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)
    assert moment("2026-03-01T12:00:00+02:00", ends_day=True) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    with pytest.raises(RequestError, match="is no time"):
        moment("yesterday")


@pytest.mark.parametrize("details", ["no json", "[]", "7", "[" * 100_000, '{"item":[],"items":[{}],"altered":7}'])
def test_an_event_that_nobody_can_read_is_listed_all_the_same(folder: Path, details: str) -> None:
    behind_the_back(folder, "UPDATE audit SET details = ? WHERE seq = 5", details)
    events = list(read_trail(folder))
    assert len(events) == EVENTS
    assert events[4].details_json == details


def test_only_what_came_after_an_event_is_read_where_that_is_asked_for(folder: Path) -> None:
    assert [shown.event.seq for shown in read_trail(folder, after=10)] == [11, 12]


def test_reading_can_be_stopped(folder: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(read_trail(folder, cancel=token))


def test_a_case_without_a_trail_is_damaged(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        connection.execute("DROP TABLE audit")
    with pytest.raises(CaseDamaged, match="no audit trail"):
        list(read_trail(folder))


def test_details_are_told_in_short() -> None:
    details = {"weights_id": "student", "record_sha256": "ab" * 32, "item": 3, "of": None, "cancelled": False}
    assert summary_of(details, "") == f"weights id: student · cancelled: no · record SHA-256: {'ab' * 6}… · of: none"
    assert summary_of({"altered": []}, "") == "altered: none"
    assert summary_of({"n": [1, 2, 3, 4, 5]}, "") == "n: 1, 2, 3, 4, … (5)"
    assert summary_of({"stored": {"height": 6, "width": 8}}, "") == "stored: height 6, width 8"
    assert summary_of(None, "no json") == "no json"


LONG = st.sampled_from(["", "a", "x" * 400, "ab" * 32, "\u202e", "\n"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | LONG,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(LONG, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=50)
@given(details=st.dictionaries(LONG, JSON))
def test_any_details_are_told_in_short(details: dict[str, object]) -> None:
    assert len(summary_of(details, canonical_json(details))) <= MOST_CHARACTERS


def test_details_that_are_nested_deeply_are_told_in_short() -> None:
    assert summary_of(json.loads('{"a":' + "[" * 900 + "]" * 900 + "}"), "").startswith("a: ")
