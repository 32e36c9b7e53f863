"""The report seen and written: previews and exports."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
)

from forensic_gui.domain.reports.plan import Part, ReportPlan
from forensic_gui.views.handlers import AskWithDialogs
from tests.gui.reporting.acts import dialog
from tests.gui.reporting.conftest import LEFT


def test_a_preview_of_many_items_says_what_it_leaves_out(sit_down, make_case):
    hand = sit_down(12)
    assert (
        hand.text_of("report_preview_note") == "The preview shows the first 10 of 12 items; the file has all of them."
    )
    assert hand.window.preview.view.page_count == 11


def test_all_items_are_shown_when_they_are_asked_for_and_until_the_next_edit(sit_down):
    hand = sit_down(12)
    hand.click("report_show_all")
    hand.until(lambda: hand.window.preview.view.page_count == 13)
    assert hand.text_of("report_preview_note") == "" and not hand.part("report_show_all").isVisible()
    hand.write("report_place", "H")
    hand.until(lambda: hand.window.preview.view.page_count == 11)


def test_looking_at_a_preview_leaves_no_event(sit_down):
    hand = sit_down()
    folder = hand.desk.session.case.session.folder
    before = len(hand.desk.session.case.session.audit())
    hand.click("report_refresh")
    hand.until_fresh()
    assert len(hand.desk.session.case.session.audit()) == before
    assert not list(folder.glob("*.pdf"))


def test_a_word_that_is_taken_back_leaves_the_preview_as_fresh_as_it_was(sit_down, office, qtbot):
    hand = sit_down()
    hand.until_kept()
    field = hand.part("report_title")
    for wait_ms in (0, 300, 420):  # before it is kept, while the preview is made, and after
        hand.write("report_title", "H")
        qtbot.wait(wait_ms)
        qtbot.keyClick(field, Qt.Key.Key_Backspace)
        hand.until_kept()
        hand.until_fresh()
        hand.until(lambda: office.previews[-1].opinion.title == "")


def test_a_preview_that_fails_says_why_in_its_place_and_keeps_the_pages(sit_down, office):
    hand = sit_down()
    pages = hand.window.preview.view.page_count
    office.refuses = "The template has no words in «xx»."
    hand.click("report_refresh")
    hand.until(lambda: "could not be made anew" in hand.text_of("report_preview_note"))
    assert "no words in «xx»" in hand.text_of("report_preview_note")
    assert hand.window.preview.view.page_count == pages
    office.refuses = ""
    hand.click("report_refresh")
    hand.until_fresh()
    assert hand.text_of("report_preview_note") == ""


def test_nothing_is_previewed_while_nobody_looks(sit_down, office, qtbot):
    hand = sit_down()
    hand.window.close()
    count = len(office.previews)
    hand.room.keeper.set_plan(ReportPlan(parts=(Part.APPENDIX,)))
    qtbot.wait(500)  # longer than both pauses of these tests
    assert len(office.previews) == count
    hand.desk.run("report")
    hand.until(lambda: office.previews[-1].plan.parts == (Part.APPENDIX,))


def test_closing_the_case_closes_the_report_and_forgets_it(sit_down, office):
    hand = sit_down()
    hand.desk.run("close_case")
    hand.desk.until(lambda: not hand.desk.session.case.holds_files)
    assert not hand.window.isVisible()
    hand.desk.until(lambda: office.forgotten >= 1)
    assert not hand.desk.is_enabled("report")


def test_a_report_is_exported_and_its_hash_copied(sit_down, office, tmp_path):
    hand = sit_down()
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    place = asked.findChild(QLineEdit, "report_place")
    assert place.text().endswith("Harbour-report-draft.pdf")
    place.setText(str(tmp_path / "out.pdf"))
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_export_now"), LEFT)
    hand.until(lambda: "Wrote the draft with 3 items." in hand.text_of("report_job_text"))
    assert "1 item could not be shown in full" in hand.text_of("report_job_text")
    assert str(tmp_path / "out.pdf") in hand.text_of("report_job_file") and "a" * 64 in hand.text_of("report_job_file")
    hand.click("report_copy_hash")
    assert QGuiApplication.clipboard().text() == "a" * 64
    assert office.exports[0].signing is None and office.exports[0].request.revision == 0
    problems = [each.sentence for each in hand.desk.window.problems.problems]
    assert "It is damaged." in problems


def test_a_password_is_handed_on_once_and_shown_nowhere(sit_down, office, tmp_path):
    hand = sit_down()
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    asked.findChild(QLineEdit, "report_place").setText(str(tmp_path / "out.pdf"))
    sign = asked.findChild(QCheckBox, "report_sign")
    assert not asked.findChild(QLineEdit, "report_password").isVisible()
    sign.click()
    password = asked.findChild(QLineEdit, "report_password")
    assert password.isVisible() and password.echoMode() is QLineEdit.EchoMode.Password
    assert not asked.findChild(QCheckBox, "report_stamp").isChecked()
    button = asked.findChild(QPushButton, "report_export_now")
    assert not button.isEnabled()
    asked.findChild(QLineEdit, "report_key").setText(str(tmp_path / "me.p12"))
    hand.qtbot.keyClicks(password, "wrong")
    hand.qtbot.mouseClick(button, LEFT)
    said = asked.findChild(QLabel, "report_export_said")
    hand.until(lambda: said.text() == "The password is not the one that opens it.")
    assert asked.isVisible() and asked.focusWidget() is password and password.selectedText() == "wrong"
    assert office.exports == [] and hand.text_of("report_job_text") == ""
    hand.qtbot.keyClicks(password, "secret")
    assert said.text() == ""
    hand.qtbot.mouseClick(button, LEFT)
    hand.until(lambda: len(office.exports) == 1)
    signing = office.exports[0].signing
    assert signing is not None and (signing.password, signing.timestamp_url) == ("secret", "")
    assert "secret" not in repr(office.exports[0])


def test_html_cannot_be_signed_and_its_name_follows_the_form(sit_down):
    hand = sit_down()
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    asked.findChild(QComboBox, "report_form").setCurrentIndex(1)
    assert asked.findChild(QLineEdit, "report_place").text().endswith(".html")
    assert not asked.findChild(QCheckBox, "report_sign").isEnabled()
    asked.findChild(QLineEdit, "report_place").setText("/tmp/a.pdf")
    assert "ends with .html" in asked.findChild(QLabel, "report_export_said").text()
    asked.reject()


def test_a_file_that_is_there_is_replaced_only_after_a_question(sit_down, office, tmp_path):
    hand = sit_down()
    there = tmp_path / "out.pdf"
    there.write_bytes(b"kept")
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    asked.findChild(QLineEdit, "report_place").setText(str(there))
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_export_now"), LEFT)
    question = asked.findChild(QMessageBox, "ask_replace_report")
    assert office.exports == [] and there.read_bytes() == b"kept"
    hand.qtbot.mouseClick(next(each for each in question.buttons() if each.text() == "Replace"), LEFT)
    hand.until(lambda: len(office.exports) == 1)
    assert office.exports[0].request.replaces


def test_an_export_shows_how_far_it_is_and_is_cancelled(sit_down, office, tmp_path):
    hand = sit_down()
    office.gate.clear()
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    asked.findChild(QLineEdit, "report_place").setText(str(tmp_path / "out.pdf"))
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_export_now"), LEFT)
    hand.until(lambda: "1 of 4" in hand.text_of("report_job_text"))
    assert not hand.is_enabled("report_export") and hand.desk.is_enabled("stop")
    hand.click("report_stop")
    hand.until(lambda: hand.text_of("report_job_text") == "Stopped: out.pdf was not written.")
    assert not (tmp_path / "out.pdf").exists() and hand.is_enabled("report_export")


def test_an_export_that_fails_says_why(sit_down, office, tmp_path):
    hand = sit_down()
    office.refuses = "The key's password is wrong."
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    asked.findChild(QLineEdit, "report_place").setText(str(tmp_path / "out.pdf"))
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_export_now"), LEFT)
    hand.until(lambda: hand.text_of("report_job_text") == "The key's password is wrong.")


def test_a_dialog_of_the_system_opens_over_the_report_and_not_over_the_window_behind_it(sit_down, monkeypatch, qtbot):
    over = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda parent, *_: over.append(parent) or "")
    hand = sit_down()
    ask = AskWithDialogs(hand.desk.window)
    for window in (hand.window, hand.desk.window):
        window.activateWindow()
        hand.until(lambda window=window: QApplication.activeWindow() is window)
        ask.folder("Template Folder", "")
    assert over == [hand.window, hand.desk.window]
