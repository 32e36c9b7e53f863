"""Events arranged and put into words, without a window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.audit import canonical_json, seal
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import Cancelled, RequestError
from forensic_gui.domain.trail_fault import FaultKind, TrailFault
from forensic_gui.services.auditing.reading import KnownItem, ShownEvent
from forensic_gui.services.auditing.verdict import HeadAnswer, PrintedHead, TrailVerdict
from forensic_gui.services.progress import CancelToken
from forensic_gui.views.auditing import words
from forensic_gui.views.auditing.rows import Trail, Wanted, arrange, collect, let_go
from forensic_gui.views.core.wording import shown_plainly

ITEM = KnownItem(1, "ab" * 32, "IMG_1.jpg")


def shown(number: int, *, action: str = "edit", actor: str = "Ada", **details: object) -> ShownEvent:
    time = "2026-03-01T10:00:00.250+00:00"
    event = seal(None, time=time, actor=actor, action=action, subject=ITEM.sha256, details=details)
    numbered = AuditEvent(number, time, actor, action, ITEM.sha256, {}, event.previous, event.sha256)
    return ShownEvent(numbered, canonical_json(details), (ITEM,))


EVENTS = [shown(1, label="Box"), shown(2, actor="Bob"), shown(3, action="undo"), shown(4, label="Brush")]


def numbers(wanted: Wanted) -> list[int]:
    arranged = arrange(EVENTS, wanted, cancel=CancelToken())
    assert (arranged.wanted, arranged.of) == (wanted, len(EVENTS))
    return [EVENTS[place].event.seq for place in arranged.places]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(is_newest_first=False), [1, 2, 3, 4]),
        (Wanted(" brush "), [4]),
        (Wanted("img_1"), [4, 3, 2, 1]),
        (Wanted(action="undo"), [3]),
        (Wanted(action="und"), []),
        (Wanted(actor="Ada", action="edit"), [4, 1]),
    ],
)
def test_events_are_chosen_and_ordered(wanted: Wanted, found: list[int]) -> None:
    assert numbers(wanted) == found


def test_choosing_can_be_stopped() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        arrange(EVENTS, Wanted("x"), cancel=token)


def test_events_that_come_later_are_put_after_those_there_are_and_leave_them_alone() -> None:
    before = collect(Trail([]), EVENTS[:2], report=lambda _: None)
    after = collect(before, EVENTS[2:], report=lambda _: None)
    assert (len(before.events), len(after.events)) == (2, 4)
    assert (after.actions, after.actors) == (("edit", "undo"), ("Ada", "Bob"))
    let_go(before)
    assert (before.events, len(after.events)) == ([], 4)


def test_a_row_says_number_time_who_what_and_which_item() -> None:
    assert words.cells(EVENTS[3]) == ("4", "2026-03-01 10:00:00.250", "Ada", "edit", "IMG_1.jpg", "label: Brush")


@pytest.mark.parametrize("time", ["never", "2026-03-01T10:00:00+02:00", "2026-03-01T10:00:00.250+00:00\u202e"])
def test_a_time_that_is_none_in_utc_is_shown_as_it_is(time: str) -> None:
    assert words.time_text(time) == shown_plainly(time)


@given(text=st.text())
def test_whatever_an_event_says_is_harmless(text: str) -> None:
    for line in words.details_text(shown(1, action=text, actor=text, note=text)).split("\n"):
        assert shown_plainly(line) == line
    assert all(shown_plainly(cell) == cell for cell in words.cells(shown(1, action=text, actor=text, note=text)))


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("", None),
        ("  ", None),
        ("ab" * 32, PrintedHead("ab" * 32)),
        (f"Event 57, {'AB' * 32}", PrintedHead("ab" * 32, 57)),
        (f"{'12' * 32}\n57", PrintedHead("12" * 32, 57)),
    ],
)
def test_a_printed_head_is_taken_with_its_number_or_without(text: str, head: PrintedHead | None) -> None:
    assert words.printed_head(text) == head


@pytest.mark.parametrize("text", ["57", "ab", f"{'ab' * 32} {'cd' * 32}", f"1 2 {'ab' * 32}", f"0 {'ab' * 32}"])
def test_what_is_no_printed_head_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        words.printed_head(text)


def test_what_checking_found_is_said() -> None:
    whole = TrailVerdict(1234, "ab" * 32, None, True, HeadAnswer(True, "It is there."))
    assert words.verdict_text(whole) == (
        f"Whole: 1\u202f234 events, and the case is as they say. The last one is {'ab' * 32}\nIt is there."
    )
    missing = TrailVerdict(0, "", TrailFault(FaultKind.MISSING, "event 1 is missing", 1), True)
    assert words.verdict_text(missing) == "Damaged: event 1 is missing. No event fits."
    altered = TrailFault(FaultKind.ALTERED, "event 2 (\u202e) was altered", 2, "2026-03-01T10:00:00+00:00", "\u202e", 2)
    assert words.verdict_text(TrailVerdict(1, "ab" * 32, altered, True)) == (
        "Damaged: event 2 (\\u202e) was altered. It says that it is of 2026-03-01 10:00:00. The first event fits."
    )
