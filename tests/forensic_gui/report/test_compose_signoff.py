"""What a report prints of issue, reviews and the audit trail, and the commands that check it."""

from __future__ import annotations

import pytest

from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import SignedOff, TrailState
from forensic_gui.report.document import (
    SignatureLines,
    Table,
    Text,
    Tone,
)
from tests.forensic_gui.report.composed_documents import chapter, composed, facts_of, text_of, warnings_of
from tests.forensic_gui.report.made_parts import made_finding, sha_of
from tests.forensic_gui.report.made_records import (
    ISSUE,
    REVIEWS,
    made_item,
    made_record,
)


@pytest.mark.parametrize(
    ("record", "signed_off", "mark"),
    [
        (made_record(), SignedOff(), ""),
        (made_record(issue=None), SignedOff(), "DRAFT"),
        (made_record(opinion=Opinion()), SignedOff(), "DRAFT"),
        (made_record(issue=None, plan=ReportPlan(language="de")), SignedOff(), "ENTWURF · DRAFT"),
        (made_record(), SignedOff(superseded_by=3), "SUPERSEDED by revision 3"),
        (made_record(), SignedOff(REVIEWS[:1]), "RETURNED to the author"),
        (made_record(), SignedOff(REVIEWS), ""),
        (made_record(), SignedOff(REVIEWS[:1], superseded_by=3), "RETURNED to the author · SUPERSEDED by revision 3"),
    ],
    ids=[
        *("issued", "draft", "not concluded", "German draft", "superseded"),
        *("returned", "approved", "returned and superseded"),
    ],
)
def test_every_page_is_marked_with_what_the_report_is_not(record, signed_off, mark):
    assert composed(record, signed_off).mark == mark


@pytest.mark.parametrize(
    ("record", "signed_off", "remark"),
    [
        (made_record(), SignedOff(), "NOT REVIEWED"),
        (made_record(issue=None), SignedOff(), ""),
        (made_record(), SignedOff(REVIEWS), ""),
        (made_record(), SignedOff(superseded_by=3), ""),
    ],
    ids=["issued", "draft", "approved", "superseded"],
)
def test_an_issued_report_that_nobody_reviewed_says_so_at_the_head_of_every_page(record, signed_off, remark):
    assert composed(record, signed_off).remark == remark


@pytest.mark.parametrize(
    ("reviews", "shown"),
    [
        ((), "not reviewed"),
        (REVIEWS[:1], "returned to the author by Charles Babbage, 2026-03-06 08:00:00 UTC"),
        (REVIEWS, "approved by Charles Babbage, 2026-03-07 09:30:00 UTC"),
    ],
    ids=["none", "returned", "approved"],
)
def test_the_first_page_says_what_the_newest_review_does(reviews, shown):
    identity = {fact.label: fact.value for fact in composed(made_record(), SignedOff(reviews)).identity}
    assert identity["Review"] == shown
    assert "Review" not in {fact.label for fact in composed(made_record(issue=None)).identity}


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_trail_is_named_up_to_the_newest_event_that_is_printed(language):
    states = [TrailState(number, sha_of(f"event {number}"), ISSUE.time) for number in (215, 219, 223)]
    record = made_record(plan=ReportPlan(language=language))
    document = composed(record, SignedOff(REVIEWS, None, states[0], tuple(states[1:])))
    assert states[2].head in [fact.value for fact in document.identity]
    assert "223" in [fact.value for fact in document.identity]
    for anchor in ("trail", "signoff"):
        assert not [state.head for state in states if state.head not in text_of(chapter(document, anchor))]
    for anchor in ("trail", "repeat"):
        assert f"--head {states[2].head} \\\n--events 223" in text_of(chapter(document, anchor))


def test_names_are_said_to_be_what_people_typed():
    assert "the program does not check them" in text_of(chapter(composed(made_record()), "signoff"))


def test_a_command_has_a_line_for_each_option_so_that_no_hash_is_parted():
    shown = text_of(chapter(composed(made_record()), "repeat"))
    assert f"forensic-gui audit verify CASE \\\n--head {made_record().trail.head} \\\n--events 214" in shown


def test_reviews_and_successors_are_printed_beside_the_issue():
    signoff = chapter(composed(made_record(), SignedOff(REVIEWS, superseded_by=3)), "signoff")
    (table,) = (block for block in signoff.blocks if isinstance(block, Table))
    assert [row[:2] for row in table.rows] == [
        ("returned to the author", "Charles Babbage"),
        ("approved", "Charles Babbage"),
    ]
    assert facts_of(signoff)["Takes the place of revision"].value == "1"
    assert "superseded by revision 3" in warnings_of(signoff)[0]
    lines = dict(next(block for block in signoff.blocks if isinstance(block, SignatureLines)).lines)
    assert (lines["Examiner"], lines["Signature of the examiner"]) == ("Ada Lovelace", "")
    assert lines["Reviewer"] == "Charles Babbage"


def test_nobody_is_named_as_reviewer_who_did_not_approve():
    signoff = chapter(composed(made_record(), SignedOff(REVIEWS[:1])), "signoff")
    assert "Reviewer" not in dict(next(block for block in signoff.blocks if isinstance(block, SignatureLines)).lines)
    unreviewed = chapter(composed(made_record()), "signoff")
    assert Text("not reviewed", Tone.EMPTY) in unreviewed.blocks


def test_the_commands_repeat_what_was_done_and_hold_nothing_from_outside():
    record = made_record()
    shown = text_of(chapter(composed(record), "repeat")).replace(" \\\n", " ").splitlines()
    assert "forensic-gui reproduce FILE" in shown
    assert f"forensic-gui audit verify CASE --head {record.trail.head} --events 214" in shown
    analyze = "forensic-gui analyze ORIGINAL -o FOLDER --weights boxprompt-joint --views thorough --threshold 0.5"
    assert f"{analyze} --device cpu" in shown
    hostile = made_item(1, finding={**made_finding(), "weights_id": "x; rm -rf ~", "device": "$(id)"})
    text = text_of(chapter(composed(made_record([hostile])), "repeat"))
    assert "--weights WEIGHTS" in text
    assert "--device auto" in text
    assert "rm -rf" not in text
