"""A report's draft is changed by whoever opens the case, each change with its author, none over another's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.geometry import Box
from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.domain.reports.plan import Part, PictureKind, PinnedView, ReportPlan
from forensic_gui.domain.reports.revision import ReportDraft
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_reports import CONCLUDED, in_the_name_of, last_event


def test_a_new_case_has_an_empty_draft_and_nothing_issued(case: CaseSession) -> None:
    assert case.reports.draft() == ReportDraft()
    assert (case.reports.issues(), case.reports.issued()) == ((), ())


def test_a_change_of_the_draft_is_kept_with_who_made_it_and_the_hash_of_the_whole(case: CaseSession) -> None:
    draft = case.reports.write(opinion=Opinion(title="Quay", level=Level.NEITHER))
    assert (draft.opinion.title, draft.revision, draft.authors) == ("Quay", 1, ("Ada",))
    assert case.reports.draft() == draft
    actor, action, details = last_event(case)
    assert (actor, action, details["revision"], details["changed"]) == ("Ada", "report drafted", 1, ["title", "level"])
    text = json.dumps(
        {"opinion": draft.opinion.to_record(), "plan": draft.plan.to_record()}, sort_keys=True, separators=(",", ":")
    )
    assert details["draft_sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_words_and_plan_are_changed_one_without_the_other(case: CaseSession, drawable: int) -> None:
    case.reports.write(opinion=CONCLUDED)
    draft = case.reports.write(plan=ReportPlan(item_ids=(drawable,), language="de"))
    assert (draft.opinion, draft.plan.item_ids, draft.revision) == (CONCLUDED, (drawable,), 2)
    assert last_event(case)[2]["changed"] == ["items", "language"]


@pytest.mark.parametrize("name", ["title", "reference", "examiner", "qualification", "place"])
def test_what_is_printed_in_a_line_has_no_more_than_fits(case: CaseSession, name: str) -> None:
    case.reports.write(opinion=Opinion(**{name: "x" * 300}))
    with pytest.raises(ReportError, match=f"The {name} of the report has 301 characters, and there is room for 300"):
        case.reports.write(opinion=Opinion(**{name: "x" * 301}))
    assert getattr(case.reports.draft().opinion, name) == "x" * 300
    case.reports.write(opinion=Opinion(reasons="x" * 3000))


def test_writing_what_is_there_already_leaves_no_event_and_makes_nobody_an_author(case: CaseSession) -> None:
    draft = case.reports.write(opinion=CONCLUDED)
    with in_the_name_of("Bob", case) as again:
        before = again.audit()
        assert again.reports.write(opinion=CONCLUDED, plan=ReportPlan()) == draft
        assert again.reports.write() == draft
        assert again.audit() == before


def test_a_change_made_on_an_older_revision_of_the_draft_is_refused(case: CaseSession) -> None:
    seen = case.reports.draft().revision
    case.reports.write(opinion=CONCLUDED, revision=seen)
    with pytest.raises(ReportError, match="changed meanwhile"):
        case.reports.write(opinion=Opinion(title="lost"), revision=seen)
    assert case.reports.draft().opinion == CONCLUDED


def test_everybody_who_changed_the_draft_is_its_author_once(case: CaseSession) -> None:
    case.reports.write(opinion=Opinion(title="a"))
    with in_the_name_of("Bob", case) as bobs:
        bobs.reports.write(opinion=Opinion(title="b"))
    with in_the_name_of(" ADA", bobs) as adas:
        assert adas.reports.write(opinion=Opinion(title="c")).authors == ("Ada", "Bob")
        adas.audit()


def test_words_that_no_file_can_hold_are_kept_as_escapes(case: CaseSession) -> None:
    case.reports.write(opinion=Opinion(title="named \udcff"))
    assert case.reports.draft().opinion.title == r"named \udcff"
    assert case.audit()[-1].action == "report drafted"


def pinned(item_id: int, box: Box, picture: PictureKind = PictureKind.HEATMAP) -> ReportPlan:
    return ReportPlan(pinned=(PinnedView(item_id, picture, box, "The repeat \udcff"),))


def test_a_view_within_an_item_can_be_pinned(case: CaseSession, drawable: int) -> None:
    draft = case.reports.write(plan=pinned(drawable, Box(0, 0, 8, 6)))
    assert case.reports.draft() == draft
    assert draft.plan.pinned[0].caption == r"The repeat \udcff"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (ReportPlan(item_ids=(1, 7)), "no item 7"),
        (ReportPlan(item_ids=(1, 2, 1)), "item 1 twice"),
        (ReportPlan(parts=()), "at least one of its parts"),
        (ReportPlan(parts=(Part.APPENDIX, Part.EXAMINER)), "in this order: examiner, appendix"),
        (ReportPlan(language="../../etc"), "names no language"),
        (pinned(7, Box(0, 0, 1, 1)), "no item 7"),
        (pinned(1, Box(0, 0, 8, 6.5)), "reaches beyond IMG_9.JPG, which has 8x6 pixels"),
        (pinned(1, Box(-1, 0, 8, 6)), "reaches beyond"),
        (pinned(1, Box(0, 0, 1, 1), PictureKind.EMBEDDED), "thumbnail"),
        (pinned(2, Box(0, 0, 1, 1)), "IMG_10.jpg was not read yet"),
    ],
)
def test_a_plan_that_shows_what_there_is_not_is_refused(
    case: CaseSession, drawable: int, photographs: Path, plan: ReportPlan, said: str
) -> None:
    case.add([photographs / "IMG_10.jpg"])
    with pytest.raises(ReportError, match=said):
        case.reports.write(plan=plan)
    assert case.reports.draft() == ReportDraft()
