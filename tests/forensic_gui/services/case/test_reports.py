"""A report is drafted, issued in revisions that never change, and reviewed by somebody who did not write it."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.errors import CaseReadOnly, ReportError
from forensic_gui.domain.reports.opinion import Level
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import ReportRecord, TrailState
from forensic_gui.domain.reports.revision import Outcome, ReportDraft
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.reports import CaseReports
from forensic_gui.storage.case import reports, trail
from tests.forensic_gui.services.case.made_reports import (
    CONCLUDED,
    NOTED,
    in_the_name_of,
    issued,
    last_event,
    record_of,
)


def events_of(case: CaseSession, action: str) -> list[TrailState]:
    return [TrailState(each.seq, each.sha256, each.time) for each in case.audit() if each.action == action]


def test_the_state_of_the_trail_is_that_of_the_last_event_that_changed_something(
    case: CaseSession, drawable: int
) -> None:
    case.tag([drawable], add=["seen"])
    event = case.audit()[-1]
    case.verify(occasion="test")
    case.note("report written", subject="report.pdf")
    state = case.reports.trail_state()
    assert (state.events, state.head, state.time) == (event.seq, event.sha256, event.time)
    case.reports.write(opinion=CONCLUDED)
    assert case.reports.trail_state().head == case.audit()[-1].sha256


@pytest.mark.parametrize("plan", [ReportPlan(), ReportPlan(item_ids=(2, 1))])
def test_an_issued_revision_holds_the_whole_record_sealed_by_its_hash(
    case: CaseSession, photographs: Path, plan: ReportPlan
) -> None:
    case.add([photographs / "IMG_9.JPG", photographs / "IMG_10.jpg"])
    case.reports.write(opinion=replace(CONCLUDED, examiner="Dr A. Lovelace"), plan=plan)
    record = record_of(case)
    report = case.reports.issue(record)
    assert (report.issue.number, report.issue.supersedes, report.issue.reason) == (1, None, "")
    assert (report.issue.author, report.issue.authors) == ("Ada", ("Ada", "Dr A. Lovelace"))
    assert ReportRecord.from_record(json.loads(report.record_json)) == replace(record, issue=report.issue)
    assert hashlib.sha256(report.record_json.encode()).hexdigest() == report.record_sha256
    event = case.audit()[-1]
    assert (event.actor, event.action, event.subject, event.time) == (
        "Ada", "report issued", report.record_sha256, report.issue.time,
    )  # fmt: skip
    assert event.details == {
        "number": 1,
        "supersedes": None,
        "reason": "",
        "authors": ["Ada", "Dr A. Lovelace"],
        "record_sha256": report.record_sha256,
        "items": 2,
        "draft_revision": 1,
    }
    assert case.reports.issued_report(1) == report
    assert case.reports.issued() == (report,)


def test_what_is_not_concluded_stays_a_draft_and_what_is_missing_is_named(case: CaseSession) -> None:
    case.reports.write(opinion=replace(CONCLUDED, level=Level.OPEN, second_proposition=" "))
    with pytest.raises(ReportError, match="nothing of: second proposition, level"):
        issued(case)
    assert case.reports.issues() == ()


def changed_draft(case: CaseSession, record: ReportRecord) -> ReportRecord:
    case.reports.write(opinion=NOTED)
    return record


def changed_case(case: CaseSession, record: ReportRecord) -> ReportRecord:
    case.set_group([1], "Quay")
    return record


def other_words(case: CaseSession, record: ReportRecord) -> ReportRecord:
    return replace(record, opinion=NOTED)


def other_items(case: CaseSession, record: ReportRecord) -> ReportRecord:
    return replace(record, plan=replace(record.plan, item_ids=()), items=())


def other_facts(case: CaseSession, record: ReportRecord) -> ReportRecord:
    return replace(record, items=())


def other_case(case: CaseSession, record: ReportRecord) -> ReportRecord:
    return replace(record, case=replace(record.case, id="another"))


@pytest.mark.parametrize("change", [changed_draft, changed_case, other_words, other_items, other_facts, other_case])
def test_a_record_that_is_not_of_the_case_and_draft_as_they_are_is_not_issued(
    case: CaseSession, drawable: int, change: Callable[[CaseSession, ReportRecord], ReportRecord]
) -> None:
    case.reports.write(opinion=CONCLUDED)
    record = change(case, record_of(case))
    with pytest.raises(ReportError, match="nothing was issued"):
        case.reports.issue(record)
    assert case.reports.issues() == ()


def test_a_change_while_the_record_is_sealed_stops_the_issue(
    case: CaseSession, drawable: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.reports.write(opinion=CONCLUDED)
    seal = reports.SealedRecord.of

    def meanwhile(record_json: str) -> reports.SealedRecord:
        case.tag([drawable], add=["seen"])
        return seal(record_json)

    monkeypatch.setattr(reports.SealedRecord, "of", meanwhile)
    with pytest.raises(ReportError, match="nothing was issued"):
        issued(case)
    assert case.reports.issues() == ()


def test_a_record_larger_than_what_is_read_again_is_not_issued(
    case: CaseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.reports.write(opinion=CONCLUDED)
    monkeypatch.setattr(reports, "MOST_RECORD_BYTES", 100)
    with pytest.raises(ReportError, match="choose fewer items"):
        issued(case)
    assert case.reports.issues() == ()


def test_a_revision_supersedes_the_one_before_with_a_reason_and_its_authors(case: CaseSession) -> None:
    case.reports.write(opinion=CONCLUDED)
    first = issued(case)
    assert case.reports.draft() == ReportDraft(CONCLUDED, ReportPlan(), 1, ())
    with in_the_name_of("Bob", case) as bobs:
        bobs.reports.write(opinion=NOTED)
        assert bobs.reports.draft().authors == ("Bob",)
        with pytest.raises(ReportError, match="why revision 1 is superseded"):
            issued(bobs, reason=" ")
        second = issued(bobs, reason="The limits were missing.\n")
        assert (second.issue.number, second.issue.supersedes) == (2, 1)
        assert second.issue.reason == "The limits were missing."
        # Most of its words are Ada's still.
        assert (second.issue.author, second.issue.authors) == ("Bob", ("Ada", "Bob"))
        assert bobs.reports.issued_report(1) == first
        assert [each.issue for each in bobs.reports.issues()] == [first.issue, second.issue]
        signed_off = [bobs.reports.signed_off(number) for number in (1, 2)]
        assert [(each.reviews, each.superseded_by) for each in signed_off] == [((), 2), ((), None)]
        assert [each.issued_at for each in signed_off] == events_of(bobs, "report issued")
        bobs.audit()


def test_the_first_revision_has_no_reason_because_it_supersedes_nothing(case: CaseSession) -> None:
    case.reports.write(opinion=CONCLUDED)
    with pytest.raises(ReportError, match="supersedes nothing"):
        issued(case, reason="It is time.")


def test_the_same_words_can_be_issued_again_with_a_reason(case: CaseSession, drawable: int) -> None:
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    case.set_group([drawable], "Quay")
    assert issued(case, reason="An item was grouped.").issue.authors == ("Ada",)


def test_somebody_else_approves_and_the_newest_review_counts(case: CaseSession) -> None:
    case.reports.write(opinion=CONCLUDED)
    report = issued(case)
    with in_the_name_of("Eve", case) as eves:
        returned = eves.reports.review(1, Outcome.RETURNED, note=" Say what repeats.\n")
        assert (returned.reviewer, returned.note) == ("Eve", "Say what repeats.")
        assert not eves.reports.issues()[0].is_signed_off
        approved = eves.reports.review(1, Outcome.APPROVED)
        event = eves.audit()[-1]
        assert (event.actor, event.action, event.subject) == ("Eve", "report reviewed", report.record_sha256)
        assert event.details == {
            "revision": 1, "outcome": "approved", "note": "", "record_sha256": report.record_sha256,
        }  # fmt: skip
        (listed,) = eves.reports.issues()
        assert (listed.reviews, listed.is_signed_off) == ((returned, approved), True)
        signed_off = eves.reports.signed_off(1)
        assert signed_off.reviews == (returned, approved)
        assert signed_off.review_events == tuple(events_of(eves, "report reviewed"))
        assert signed_off.newest_event == signed_off.review_events[-1]
        assert eves.reports.issued_report(1) == replace(report, reviews=(returned, approved))


@pytest.mark.parametrize("name", ["\u0410da", "Dr. Ada", "Ada,", "\u00c0da"])
def test_an_author_under_a_name_that_only_looks_other_is_refused_and_told_for_whom_they_were_taken(
    case: CaseSession, name: str
) -> None:
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    with pytest.raises(ReportError, match=rf"«{name}» was taken for the same person as Ada.*writes the full name"):
        case.reports.in_name_of(name).review(1, Outcome.APPROVED)
    assert case.reports.issues()[0].reviews == ()


def test_somebody_else_at_the_same_computer_reviews_in_their_own_name(case: CaseSession) -> None:
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    with pytest.raises(ReportError, match="somebody else has to review"):
        case.reports.in_name_of("ada").review(1, Outcome.APPROVED)
    assert case.reports.in_name_of("Eve").review(1, Outcome.APPROVED).reviewer == "Eve"
    assert last_event(case)[:2] == ("Eve", "report reviewed")
    case.reports.write(opinion=NOTED)
    assert case.reports.draft().authors == ("Ada",)


@pytest.mark.parametrize("name", ["Ada", "ada", " ADA ", "\uff21da", "Dr  Ada Lovelace", "Bob"])
def test_nobody_reviews_what_they_wrote_issued_or_sign(case: CaseSession, name: str) -> None:
    case.reports.write(opinion=replace(CONCLUDED, examiner="Dr Ada Lovelace"))
    with in_the_name_of("Bob", case) as bobs:
        issued(bobs)
    with in_the_name_of(name, bobs) as session, pytest.raises(ReportError, match="somebody else has to review"):
        session.reports.review(1, Outcome.APPROVED)
    assert last_event_of(case.folder) != "report reviewed"


def last_event_of(folder: Path) -> str:
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        return [event.action for event in case.audit() if not event.action.startswith("case ")][-1]


def test_a_reviewer_who_issues_the_next_revision_is_an_author_of_it(case: CaseSession) -> None:
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    with in_the_name_of("Eve", case) as eves:
        eves.reports.write(opinion=NOTED)
        eves.reports.review(1, Outcome.APPROVED)
        issued(eves, reason="The limits were missing.")
        with pytest.raises(ReportError, match="revision 2"):
            eves.reports.review(2, Outcome.APPROVED)


@pytest.mark.parametrize(
    ("number", "outcome", "note", "said"),
    [
        (1, Outcome.APPROVED, "", "Revision 1 was superseded; review revision 2"),
        (2, Outcome.RETURNED, " ", "in a note why"),
        (3, Outcome.APPROVED, "", "no revision 3 of the report: the newest is 2"),
        (0, Outcome.APPROVED, "", "no revision 0"),
    ],
)
def test_a_review_that_says_nothing_or_of_nothing_is_refused(
    case: CaseSession, number: int, outcome: Outcome, note: str, said: str
) -> None:
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    issued(case, reason="For the test.")
    with in_the_name_of("Eve", case) as eves, pytest.raises(ReportError, match=said):
        eves.reports.review(number, outcome, note=note)


@pytest.mark.parametrize("name", ["", " ", "\u200b\t"])
def test_a_review_without_a_name_is_refused(case: CaseSession, name: str) -> None:
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    with pytest.raises(ReportError, match="needs the name"):
        case.reports.in_name_of(name).review(1, Outcome.APPROVED)


@pytest.mark.parametrize("ask", [CaseReports.issued_report, CaseReports.signed_off])
def test_a_revision_that_there_is_not_is_named(case: CaseSession, ask: Callable[[CaseReports, int], object]) -> None:
    with pytest.raises(ReportError, match="no revision of the report was issued yet"):
        ask(case.reports, 1)


Change = Callable[[CaseSession], object]
# Every method that changes something, with the event that it leaves.
CHANGES: dict[str, tuple[Change, str]] = {
    "write": (lambda case: case.reports.write(opinion=NOTED), "report drafted"),
    "issue": (lambda case: issued(case, reason="For the test."), "report issued"),
    "review": (lambda case: case.reports.review(1, Outcome.APPROVED), "report reviewed"),
}
ONLY_READS = {"draft", "require_sound", "trail_state", "issued", "issues", "issued_report", "signed_off", "in_name_of"}


def test_every_method_is_known_to_change_something_or_to_read() -> None:
    public = {name for name, _ in inspect.getmembers(CaseReports) if not name.startswith("_")}
    assert public == {*CHANGES, *ONLY_READS}


@pytest.fixture
def reviewable(case: CaseSession) -> Iterator[CaseSession]:
    """A case with a revision of Ada's, opened by Eve."""
    case.reports.write(opinion=CONCLUDED)
    issued(case)
    with in_the_name_of("Eve", case) as eves:
        yield eves


@pytest.mark.parametrize("method", CHANGES)
def test_every_change_leaves_its_event(reviewable: CaseSession, method: str) -> None:
    change, action = CHANGES[method]
    before = len(reviewable.audit())
    change(reviewable)
    assert [event.action for event in reviewable.audit()[before:]] == [action]


@pytest.mark.parametrize("method", CHANGES)
def test_a_change_whose_event_cannot_be_written_is_not_made(
    reviewable: CaseSession, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> tuple[object, ...]:
        return reviewable.reports.draft(), reviewable.reports.issues()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the event cannot be written")

    before = state()
    with monkeypatch.context() as broken:
        broken.setattr(trail, "append", fail)
        with pytest.raises(RuntimeError):
            CHANGES[method][0](reviewable)
    assert state() == before
    CHANGES[method][0](reviewable)
    reviewable.audit()


@pytest.mark.parametrize("method", CHANGES)
def test_every_change_is_refused_where_the_case_can_only_be_looked_at(reviewable: CaseSession, method: str) -> None:
    with CaseSession.open(reviewable.folder, author="Bob") as second, pytest.raises(CaseReadOnly):
        CHANGES[method][0](second)


@pytest.mark.parametrize("action", ["report drafted", "report issued", "report reviewed"])
def test_names_of_the_reports_events_are_the_cases_own(case: CaseSession, action: str) -> None:
    with pytest.raises(ValueError, match="itself records"):
        case.note(action)
