"""A report's file: the same bytes for the same state, on record, and nothing left where it was not finished."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from forensic_gui.domain.errors import ReportError, RequestError, SigningError
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import Part, ReportPlan
from forensic_gui.domain.reports.record import record_hash
from forensic_gui.domain.reports.revision import Outcome
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import ProgressEvent
from forensic_gui.services.reporting.issuing import issue_report
from tests.forensic_gui.services.reporting.made_reports import PlainRenderer, names_in
from tests.forensic_gui.services.reporting.making import issue, made, meddling


@pytest.mark.parametrize("suffix", [".pdf", ".html"])
def test_the_same_state_gives_the_same_bytes(case, ports, place, suffix):
    first = made(case, ports, place / f"one{suffix}")
    second = made(case, ports, place / f"two{suffix}")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.manifest.sha256 == second.manifest.sha256


def test_the_manifest_says_what_lies_beside_it(case, ports, place):
    written = made(case, ports, place / "report.pdf")
    data = written.path.read_bytes()
    manifest = ReportManifest.from_record(json.loads(written.manifest_path.read_text("ascii")))
    assert manifest == written.manifest
    assert (manifest.file, manifest.size_bytes, manifest.sha256) == (
        "report.pdf",
        len(data),
        hashlib.sha256(data).hexdigest(),
    )
    assert manifest.record_sha256 == record_hash(data.splitlines()[0].decode())
    assert (manifest.case_id, manifest.revision, manifest.author) == (case.info.id, None, "Ada")
    assert names_in(place) == ["report.pdf", "report.pdf.manifest.json"]


def test_writing_is_on_record_and_the_manifest_has_the_trails_head_after_it(case, ports, place):
    written = made(case, ports, place / "report.pdf")
    last = case.audit()[-1]
    assert last.action == "report written"
    assert last.details["sha256"] == written.manifest.sha256
    assert last.details["items"] == 3
    assert (written.manifest.trail_events, written.manifest.trail_head) == (last.seq, last.sha256)
    assert written.manifest.time == last.time


def test_a_case_that_can_only_be_read_gives_the_same_report_without_an_event(case, ports, place):
    there = made(case, ports, place / "report.pdf")
    folder = case.folder
    case.close()
    with CaseSession.open(folder, author="Bob", read_only=True) as looking:
        events = len(looking.audit())
        again = made(looking, ports, place / "again.pdf")
        assert len(looking.audit()) == events
    assert again.manifest.sha256 == there.manifest.sha256
    assert (again.manifest.trail_head, again.manifest.trail_events) == ("", events)


def test_the_draft_is_made_where_nothing_was_issued(case, ports, place):
    written = made(case, ports, place / "report.pdf")
    assert (written.manifest.revision, written.is_draft) == (None, True)


def test_the_newest_revision_is_made_where_none_is_named(case, ports, place):
    issue(case, ports)
    issue_report(case, ports=ports, reason="A word was wrong")
    written = made(case, ports, place / "report.pdf")
    assert (written.manifest.revision, written.is_draft) == (2, False)
    assert made(case, ports, place / "draft.pdf", revision=0).is_draft
    assert made(case, ports, place / "first.pdf", revision=1).manifest.revision == 1


def test_an_issued_revision_stays_what_it_was_whatever_becomes_of_the_case(case, ports, place):
    issued = issue(case, ports)
    first = made(case, ports, place / "report.pdf")
    case.tag([1], add=["later"])
    case.undo(1)
    again = made(case, ports, place / "again.pdf")
    assert again.manifest.sha256 == first.manifest.sha256
    assert again.manifest.record_sha256 == issued.record_sha256
    assert again.path.read_bytes().splitlines()[0].decode() == issued.record_json


def test_reviews_and_what_supersedes_a_revision_are_told_beside_its_record(case, ports, place):
    issue(case, ports)
    folder = case.folder
    case.close()
    with CaseSession.open(folder, author="Bob") as reviewing:
        reviewing.reports.review(1, Outcome.RETURNED, note="Which crane?")
        render = PlainRenderer()
        made(reviewing, ports, place / "report.pdf", render=render)
        issue_report(reviewing, ports=ports, reason="The crane is named")
        made(reviewing, ports, place / "old.pdf", revision=1, render=render)
    assert [each.reviews[0].note for each in render.signed_off] == ["Which crane?"] * 2
    assert [each.superseded_by for each in render.signed_off] == [None, 2]


def test_an_issued_revision_shows_what_it_shows(case, ports, place):
    issue(case, ports)
    with pytest.raises(RequestError, match="shows what it shows"):
        made(case, ports, place / "report.pdf", plan=ReportPlan(item_ids=(1,)))
    assert names_in(place) == []


def test_a_plan_takes_the_place_of_the_drafts(case, ports, place):
    plan = ReportPlan(item_ids=(2,), parts=(Part.APPENDIX,))
    written = made(case, ports, place / "report.html", plan=plan)
    assert written.items == 1
    assert json.loads(written.path.read_bytes().splitlines()[0])["plan"]["parts"] == ["appendix"]
    assert case.audit()[-1].details["parts"] == ["appendix"]


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (ReportPlan(item_ids=(1, 1)), "show item 1 twice"),
        (ReportPlan(item_ids=(9,)), "no item 9"),
        (ReportPlan(parts=()), "at least one of its parts"),
        (ReportPlan(parts=(Part.APPENDIX, Part.EXAMINER)), "in this order"),
    ],
)
def test_a_plan_that_does_not_fit_the_case_is_refused_before_anything_is_hashed(case, ports, place, plan, sentence):
    events = len(case.audit())
    with pytest.raises(ReportError, match=sentence):
        made(case, ports, place / "report.html", plan=plan)
    assert names_in(place) == []
    assert len(case.audit()) == events


def test_a_draft_is_printed_with_the_words_of_the_moment_that_it_is_said_to_be_of(case, ports, place):
    case.reports.write(opinion=Opinion(observations="old"))
    change = meddling(lambda: case.reports.write(opinion=Opinion(observations="new")))
    written = made(case, ports, place / "report.html", progress=change)
    record = json.loads(written.path.read_bytes().splitlines()[0])
    (drafted,) = (event for event in case.audit() if event.details.get("revision") == 2)
    assert record["opinion"]["observations"] == "new"
    assert record["trail"]["events"] > drafted.seq


def test_progress_names_every_item(case, ports, place):
    told: list[ProgressEvent] = []
    made(case, ports, place / "report.pdf", progress=told.append)
    for message in ("", "Put into the record"):
        items = [event.item for event in told if event.message == message and event.kind != "started"]
        assert items == ["a-wide.jpg", "b-turned.jpg", "c-plain.png"]
    assert [(event.done, event.total) for event in told if event.message == "Written"] == [(1, 3), (2, 3), (3, 3)]


def test_a_signature_is_part_of_the_file_that_is_hashed(case, ports, place):
    reasons = []

    def sign(pdf: Path, *, reason: str) -> None:
        reasons.append(reason)
        signed = pdf.with_name("signed")
        signed.write_bytes(pdf.read_bytes() + b"\nsigned")
        signed.replace(pdf)

    written = made(case, ports, place / "report.pdf", sign=sign)
    assert written.path.read_bytes().endswith(b"\nsigned")
    assert written.manifest.is_signed
    assert written.manifest.sha256 == hashlib.sha256(written.path.read_bytes()).hexdigest()
    assert written.manifest.size_bytes == written.path.stat().st_size
    assert reasons == ["Report of the case Harbour, draft"]


def test_a_signature_that_cannot_be_made_leaves_nothing_and_no_event(case, ports, place):
    def refuse(pdf: Path, *, reason: str) -> None:
        raise SigningError("The password is wrong.")

    with pytest.raises(SigningError):
        made(case, ports, place / "report.pdf", sign=refuse)
    assert names_in(place) == []
    assert case.audit()[-1].action != "report written"


def test_only_a_pdf_can_be_signed(case, ports, place):
    with pytest.raises(RequestError, match="Only a PDF"):
        made(case, ports, place / "report.html", sign=lambda pdf, *, reason: None)


def test_nothing_is_issued_without_a_conclusion_and_nothing_is_hashed_for_it(case, ports):
    events = len(case.audit())
    with pytest.raises(ReportError, match="first proposition"):
        issue_report(case, ports=ports)
    assert len(case.audit()) == events


def test_an_issued_record_is_the_drafts_with_its_issue(case, ports):
    issued = issue(case, ports)
    record = json.loads(issued.record_json)
    assert record["issue"]["number"] == 1
    assert [item["id"] for item in record["items"]] == [1, 2, 3]
    assert record["trail"]["events"] < case.audit()[-1].seq


def test_reports_leave_no_processes_or_threads_of_their_own(case, ports, place):
    import threading

    made(case, ports, place / "report.pdf")
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("report-")]
