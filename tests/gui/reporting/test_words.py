"""What the window says of reports."""

from __future__ import annotations

import re
from pathlib import Path

from forensic_gui.domain.geometry import Box
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.domain.reports.opinion import Level, Opinion
from forensic_gui.domain.reports.plan import PictureKind, PinnedView
from forensic_gui.domain.reports.revision import Issue, IssuedRevision, Outcome, Review
from forensic_gui.services.reporting.contract import WrittenReport
from forensic_gui.views.reportroom import words

TIME = "2026-11-21T07:12:33.000+00:00"


def revision(number: int = 1, *reviews: Review, reason: str = "") -> IssuedRevision:
    issue = Issue(number, number - 1 or None, reason, "Ann", ("Ann", "Ben"), TIME)
    return IssuedRevision(issue, "5" * 64, reviews)


def written(**changes) -> WrittenReport:
    manifest = ReportManifest(
        "a.pdf", "0" * 64, 1, "1" * 64, "id", changes.pop("revision", None), 1, "", TIME, "Ann", "1"
    )
    values = {"items": 2, "troubles": (), "is_draft": True, **changes}
    return WrittenReport(Path("a.pdf"), manifest, Path("a.pdf.manifest.json"), **values)


def test_what_is_missing_is_named_in_a_sentence():
    assert words.missing_words(Opinion().missing) == (
        "Missing before it can be issued: first proposition, second proposition, conclusion and reasons."
    )
    assert words.missing_words(("reasons",)) == "Missing before it can be issued: reasons."
    assert words.missing_words(()) == ""


def test_every_conclusion_is_offered_once():
    offered = [level for _, levels in words.LEVELS for level in levels]
    assert sorted(offered) == sorted(Level) and len(set(offered)) == len(offered)


def test_a_preview_that_leaves_items_out_says_so():
    assert words.shown_words(10, 200) == "The preview shows the first 10 of 200 items; the file has all of them."
    assert words.shown_words(10, 10) == ""


def test_names_that_turn_the_writing_round_are_shown_as_escapes():
    view = PinnedView(1, PictureKind.OVERLAY, Box(1, 2, 11, 22))
    assert (
        words.pinned_words(view, "a\u202egpj.exe")
        == "a\\u202egpj.exe · Heatmap over image · 10 × 20 px at\u00a0(1,\u00a02)"
    )


def test_the_standing_follows_the_newest_review_of_the_newest_revision():
    returned = Review(1, "Cid", Outcome.RETURNED, "Say more.", TIME)
    approved = Review(1, "Dee", Outcome.APPROVED, "", TIME)
    assert words.standing_words(()) == ""
    assert words.standing_words((revision(),)) == "Revision 1 is issued and not reviewed yet."
    assert words.standing_words((revision(1, returned),)) == "Revision 1 was returned by Cid, 2026-11-21 07:12 UTC."
    assert "approved by Dee" in words.standing_words((revision(1, returned, approved),))
    assert "Revision 2 is issued" in words.standing_words((revision(1, approved), revision(2)))


def test_the_history_has_the_newest_first_with_reasons_and_notes():
    returned = Review(1, "Cid", Outcome.RETURNED, "Say more.", TIME)
    lines = words.history_lines((revision(1, returned), revision(2, reason="It says more.")))
    assert [head.split(",")[0] for head, _ in lines] == ["Revision 2", "Revision 1", "Revision 1"]
    assert lines[0][1] == "Supersedes revision 1: It says more.\nWritten with Ben"
    assert lines[1][1] == "Say more."


def test_what_was_written_is_said_with_what_is_amiss():
    assert words.written_words(written()) == "Wrote the draft with 2 items."
    troubled = written(revision=3, is_draft=False, troubles=(("b.jpg", "It is damaged."),))
    assert words.written_words(troubled).startswith("Wrote revision 3 with 2 items. 1 item could not be shown in full")


def test_no_word_of_the_window_promises_what_a_model_cannot(checkout):
    forbidden = re.compile(r"\b(fake|authentic|genuine|probability|likelihood|proves?|tampered)\b", re.IGNORECASE)
    for path in sorted((checkout / "forensic_gui" / "views" / "reportroom").glob("*.py")):
        assert not forbidden.search(path.read_text(encoding="utf-8")), path.name
