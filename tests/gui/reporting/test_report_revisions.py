"""Revisions issued and reviewed; cases that come and go."""

from __future__ import annotations

from contextlib import closing

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
)

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.revision import Outcome
from forensic_gui.services.case import CaseSession
from forensic_gui.views.reportroom.export_dialog import ExportReportDialog
from tests.forensic_gui.services.case.made_reports import CONCLUDED
from tests.gui.reporting.acts import concluded, dialog
from tests.gui.reporting.conftest import LEFT


def test_issuing_with_something_missing_goes_there_instead(sit_down):
    hand = sit_down()
    hand.show_tab("Items")
    hand.click("report_issue")
    asked = dialog(hand, "IssueDialog")
    assert "Missing before it can be issued" in asked.findChild(QLabel, "report_issue_said").text()
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_issue_now"), LEFT)
    assert hand.window.tabs.currentWidget() is hand.window.text
    assert hand.window.focusWidget() is hand.part("report_first_proposition")


def test_a_revision_is_issued_with_what_was_typed_a_moment_before(sit_down, make_case, office):
    hand = sit_down(case=concluded(make_case(2)))
    hand.until(lambda: hand.text_of("report_missing").startswith("Everything"))
    hand.write("report_place", "Hamburg")
    hand.click("report_issue")
    asked = dialog(hand, "IssueDialog")
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_issue_now"), LEFT)
    hand.until(lambda: "Revision 1 is issued" in hand.part("report_standing").whole)
    hand.until(lambda: office.previews[-1].revision == 1)
    assert "Draft" not in hand.part("report_standing").whole
    (issue,) = hand.desk.session.case.session.reports.issued()
    assert '"place":"Hamburg"' in issue.record_json


@pytest.fixture
def issued_here(sit_down, make_case, office):
    """The window of a report that was issued in it just now."""
    hand = sit_down(case=concluded(make_case(1)))
    hand.until(lambda: hand.desk.session.current.examination is not None)
    hand.until(lambda: hand.desk.session.case.session.findings(1) != ())
    hand.click("report_issue")
    hand.qtbot.mouseClick(dialog(hand, "IssueDialog").findChild(QPushButton, "report_issue_now"), LEFT)
    hand.until(lambda: office.previews[-1].revision == 1)
    return hand


def test_the_next_word_makes_a_draft_of_what_was_issued(issued_here, office):
    hand = issued_here
    assert hand.part("report_standing").whole.endswith("Nothing was changed since")
    hand.write("report_place", "H")
    assert hand.part("report_standing").whole.startswith("Draft after revision 1")
    hand.until(lambda: office.previews[-1].revision is None and office.previews[-1].opinion.place == "H")


def test_what_is_seen_is_what_is_offered_to_be_exported(issued_here):
    hand = issued_here
    for word, offered in (("", "Revision 1"), ("H", "The draft")):
        hand.write("report_place", word)
        hand.until(lambda: hand.is_enabled("report_export"))
        hand.click("report_export")
        asked = dialog(hand, "ExportReportDialog")
        assert asked.findChild(QComboBox, "report_which").currentText().startswith(offered)
        asked.reject()
        hand.until(lambda: not hand.window.findChildren(ExportReportDialog))


def test_a_change_of_an_item_makes_a_draft_of_what_was_issued(issued_here, office):
    hand = issued_here
    hand.desk.session.case.tag(hand.desk.window.catalog.catalog.items, add=["crane"])
    hand.until(lambda: hand.part("report_standing").whole.startswith("Draft after revision 1"))
    hand.until(lambda: office.previews[-1].revision is None)


def test_a_revision_is_superseded_only_with_a_reason(sit_down, make_case):
    hand = sit_down(case=concluded(make_case(2), issue=True))
    hand.until(lambda: "Revision 1 is issued" in hand.part("report_standing").whole)
    hand.click("report_issue")
    asked = dialog(hand, "IssueDialog")
    button = asked.findChild(QPushButton, "report_issue_now")
    assert not button.isEnabled()
    hand.qtbot.keyClicks(asked.findChild(QPlainTextEdit, "report_issue_reason"), "Typing errors.")
    hand.qtbot.mouseClick(button, LEFT)
    hand.until(lambda: "Revision 2 is issued" in hand.part("report_standing").whole)
    assert hand.desk.session.case.session.reports.issues()[-1].issue.reason == "Typing errors."


def review_of(sit_down, make_case, office):
    hand = sit_down(case=concluded(make_case(2), issue=True))
    hand.desk.run("review_report")
    hand.until(lambda: office.previews[-1].revision == 1)
    return hand


def test_an_author_cannot_review_and_another_person_can(sit_down, make_case, office):
    hand = review_of(sit_down, make_case, office)
    assert not hand.part("review_record").isEnabled()
    name = hand.part("review_reviewer")
    name.clear()
    hand.qtbot.keyClicks(name, "a.  NALYST")
    hand.click("review_approve")
    assert "is one of its authors" in hand.text_of("review_said") and not hand.part("review_record").isEnabled()
    name.clear()
    hand.qtbot.keyClicks(name, "Dr. Nalyst, A.")
    assert "was taken for A. Nalyst, one of its authors" in hand.text_of("review_said")
    assert not hand.part("review_record").isEnabled()
    name.clear()
    hand.qtbot.keyClicks(name, "G. Hopper")
    count = len(office.previews)
    hand.click("review_record")
    hand.until(lambda: "approved by G. Hopper" in hand.part("report_standing").whole)
    session = hand.desk.session.case.session
    (review,) = session.reports.issues()[0].reviews
    assert (review.reviewer, review.outcome) == ("G. Hopper", Outcome.APPROVED)
    assert session.audit()[-1].actor == "G. Hopper"
    assert "G. Hopper: approved" in hand.text_of("review_history")
    hand.until(lambda: len(office.previews) > count)  # the page of signatures has another line now


def test_a_reviewer_is_shown_every_item_without_asking(sit_down, make_case):
    hand = sit_down(case=concluded(make_case(12), issue=True))
    hand.desk.run("review_report")
    hand.until(lambda: hand.window.preview.view.page_count == 13)
    assert hand.text_of("report_preview_note") == ""


def test_a_return_needs_a_note_and_carries_the_reviewers_own_checks(sit_down, make_case, office, qtbot):
    hand = review_of(sit_down, make_case, office)
    hand.part("review_reviewer").clear()
    qtbot.keyClicks(hand.part("review_reviewer"), "G. Hopper")
    qtbot.keyClicks(hand.part("review_check"), "Hashes compared")
    qtbot.keyClick(hand.part("review_check"), Qt.Key.Key_Return)
    checks = hand.part("review_checks")
    checks.setCurrentRow(0)
    qtbot.keyClick(checks, Qt.Key.Key_Space)
    hand.click("review_return")
    assert hand.text_of("review_said") == "Say in a note why it is returned."
    hand.write("review_note", "The reasons name no item.")
    hand.click("review_record")
    hand.until(lambda: "returned by G. Hopper" in hand.part("report_standing").whole)
    (review,) = hand.desk.session.case.session.reports.issues()[0].reviews
    assert review.note == "The reasons name no item.\n[x] Hashes compared"
    assert checks.count() == 0


def test_a_review_that_the_case_refuses_says_why(sit_down, make_case, office, monkeypatch):
    hand = review_of(sit_down, make_case, office)

    def refuse(*_args, **_kwargs):
        raise ReportError("Revision 1 was superseded; review revision 2.")

    monkeypatch.setattr(type(hand.desk.session.case.session.reports), "review", refuse)
    hand.part("review_reviewer").clear()
    hand.qtbot.keyClicks(hand.part("review_reviewer"), "G. Hopper")
    hand.click("review_approve")
    hand.click("review_record")
    hand.until(lambda: hand.text_of("report_job_text") == "Revision 1 was superseded; review revision 2.")
    assert hand.text_of("review_reviewer") == "G. Hopper"


def test_before_anything_was_issued_there_is_nothing_to_review(sit_down):
    hand = sit_down()
    hand.click("report_mode_review")
    assert hand.part("review_empty").isVisible()
    hand.click("report_mode_write")
    assert hand.part("report_title").isVisible()


def test_a_case_that_can_only_be_read_shows_everything_and_takes_nothing(sit_down, make_case, office):
    folder = concluded(make_case(2), issue=True)
    with closing(CaseSession.open(folder, author="Somebody")):
        hand = sit_down(case=folder)
        hand.until(lambda: hand.text_of("report_reasons") == CONCLUDED.reasons)
        assert "Another window or process has this case open" in hand.window.notice.text
        assert hand.part("report_reasons").isReadOnly() and not hand.part("report_level").isEnabled()
        for name in ("report_issue", "report_part_examiner", "report_items_all"):
            assert not hand.part(name).isEnabled(), name
        assert "only be looked at" in hand.part("report_issue").toolTip()
        assert hand.is_enabled("report_export")
        assert not hand.desk.is_enabled("pin_view")
        assert "only be looked at" in hand.desk.window.actions_["pin_view"].statusTip()
        hand.click("report_mode_review")
        assert not hand.part("review_record").isEnabled()
        hand.desk.close()


def test_without_a_case_the_commands_say_why_they_are_greyed(open_desk, office):
    desk = open_desk()
    for command_id in ("report", "pin_view", "review_report"):
        action = desk.window.actions_[command_id]
        assert not action.isEnabled() and "open one first" in action.statusTip()


def test_another_case_brings_its_own_report(sit_down, make_case):
    hand = sit_down()
    hand.write("report_title", "First")
    other = concluded(make_case(1, name="Quay"))
    hand.desk.session.open([other])
    hand.until(lambda: hand.desk.session.case.name == "Quay")
    hand.desk.run("report")
    hand.until(lambda: hand.text_of("report_reasons") == CONCLUDED.reasons)
    assert hand.text_of("report_title") == CONCLUDED.title
    assert hand.part("report_case").whole == "Quay" and "Quay" in hand.window.windowTitle()


@pytest.mark.parametrize("dark", [False, True])
def test_words_are_readable_on_both_grounds(sit_down, dark):
    hand = sit_down()
    hand.desk.run("theme_dark" if dark else "theme_light")
    note = hand.part("report_missing")
    palette = note.palette()
    text, ground = palette.windowText().color().lightnessF(), palette.window().color().lightnessF()
    assert abs(text - ground) > 0.5
