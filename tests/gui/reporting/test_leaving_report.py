"""Reviews that are written and not recorded, and files that are still being written, when something else comes."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPushButton

from tests.gui.reporting.acts import concluded, dialog
from tests.gui.reporting.conftest import LEFT


@pytest.fixture
def reviewing(sit_down, make_case, office):
    """A reviewer with a note half written, a check ticked and a verdict chosen, on revision 1."""
    hand = sit_down(case=concluded(make_case(2), issue=True))
    hand.desk.run("review_report")
    hand.until(lambda: office.previews[-1].revision == 1)
    hand.part("review_reviewer").clear()
    hand.qtbot.keyClicks(hand.part("review_reviewer"), "G. Hopper")
    hand.click("review_approve")
    hand.write("review_note", "Sound.")
    assert hand.part("review_record").isEnabled()
    return hand


def question_of(hand) -> QMessageBox:
    hand.until(lambda: hand.desk.window.findChild(QMessageBox, "ask_leave_report") is not None)
    return hand.desk.window.findChild(QMessageBox, "ask_leave_report")


def answer(hand, words: str) -> None:
    box = question_of(hand)
    hand.qtbot.mouseClick(next(each for each in box.buttons() if each.text().replace("&", "") == words), LEFT)
    hand.until(lambda: hand.desk.window.findChild(QMessageBox, "ask_leave_report") is None)


def test_what_was_begun_for_one_revision_is_recorded_on_no_other_by_itself(reviewing):
    hand = reviewing
    session = hand.desk.session.case.session
    hand.room.jobs.issue(session, reason="Typing errors.")
    hand.until(lambda: hand.window.review.revision == 2)
    assert not hand.part("review_record").isEnabled()
    assert not hand.part("review_approve").isChecked()
    assert hand.text_of("review_said").startswith("Revision 2 was issued meanwhile.")
    assert hand.text_of("review_note") == "Written for revision 1:\nSound."
    hand.click("review_approve")
    hand.click("review_record")
    hand.until(lambda: "approved by G. Hopper" in hand.part("report_standing").whole)
    first, second = session.reports.issues()
    assert first.reviews == () and second.reviews[0].note == "Written for revision 1:\nSound."


def test_a_review_that_is_not_recorded_is_asked_about_before_the_case_is_closed(reviewing):
    hand = reviewing
    hand.desk.run("close_case")
    assert "not recorded" in question_of(hand).informativeText()
    answer(hand, "Cancel")
    assert hand.desk.session.case.is_open and hand.text_of("review_note") == "Sound."
    hand.desk.window.close()
    answer(hand, "Cancel")
    assert hand.desk.window.isVisible() and hand.desk.session.case.is_open
    hand.desk.run("close_case")
    answer(hand, "Close the Case")
    hand.until(lambda: not hand.desk.session.case.holds_files)
    assert hand.text_of("review_note") == ""


def test_a_case_whose_report_is_being_written_is_closed_only_after_a_question(sit_down, office, tmp_path):
    hand = sit_down()
    office.gate.clear()
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    asked.findChild(QLineEdit, "report_place").setText(str(tmp_path / "out.pdf"))
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_export_now"), LEFT)
    hand.until(lambda: "1 of 4" in hand.text_of("report_job_text"))
    hand.desk.window.close()
    assert "Writing out.pdf" in question_of(hand).informativeText()
    answer(hand, "Cancel")
    assert hand.room.jobs.is_running
    hand.desk.window.close()
    answer(hand, "Close the Case")
    hand.until(lambda: not hand.desk.session.case.holds_files)
    assert not (tmp_path / "out.pdf").exists()


def test_a_case_with_nothing_unfinished_is_closed_without_a_question(sit_down):
    hand = sit_down()
    hand.desk.run("close_case")
    hand.until(lambda: not hand.desk.session.case.holds_files)
    assert hand.desk.window.findChild(QMessageBox, "ask_leave_report") is None
