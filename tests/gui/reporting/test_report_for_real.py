"""The report's window on the real services: decoders, renderer, audit trail."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton

from forensic_gui.services.case import CaseSession
from forensic_gui.workers.lane import Done
from tests.forensic_gui.services.case.made_reports import CONCLUDED
from tests.forensic_gui.services.reporting.made_cases import put_photographs
from tests.gui.reporting.acts import dialog
from tests.gui.reporting.conftest import LEFT, Hand
from tests.gui.window.case_reading import actions_of


@pytest.fixture
def hand(open_desk, tmp_path) -> Hand:
    """A case of three photographs with two findings and a region, and its report."""
    with closing(CaseSession.create(tmp_path / "Quay", author="A. Nalyst")) as case:
        put_photographs(case, tmp_path / "photographs")
        case.reports.write(opinion=CONCLUDED)
        folder = case.folder
    desk = open_desk([folder], real=True)
    desk.until(lambda: desk.session.case.is_open)
    return Hand(desk)


def words_of(hand: Hand, pdf: bytes | Path) -> str:
    """What a PDF says, read on the lane that draws pages: PDFium is not made for two threads."""
    told: list[object] = []
    hand.room._lanes.paging.submit(lambda _: text_of(pdf), receive=told.append)
    hand.until(lambda: bool(told))
    (outcome,) = told
    assert isinstance(outcome, Done), outcome
    return outcome.value


def text_of(pdf: bytes | Path) -> str:
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        texts = []
        for page in document:
            with closing(page), closing(page.get_textpage()) as text:
                texts.append(text.get_text_bounded())
        return "\n".join(texts)


# Takes some five seconds: child processes that decode, fonts, and three whole reports.
def test_what_is_written_is_seen_issued_and_exported(hand, tmp_path):
    desk = hand.desk
    assert CONCLUDED.reasons in words_of(hand, hand.room.maker.preview.pdf)
    assert "c-plain.png" in words_of(hand, hand.room.maker.preview.pdf)
    hand.write("report_examiner", "Ada Nalyst")
    hand.until_kept()
    hand.until_fresh()
    assert "Ada Nalyst" in words_of(hand, hand.room.maker.preview.pdf)
    hand.until(lambda: hand.window.preview.view.are_seen_drawn)
    picture = hand.window.preview.view.viewport().grab().toImage()
    assert picture.pixelColor(24, 60).name() == "#ffffff"  # paper, and neither veil nor placeholder
    letters = [picture.pixelColor(x, y).lightness() for x in range(40, 300) for y in range(60, 200)]
    assert min(letters) < 120
    hand.click("report_issue")
    hand.qtbot.mouseClick(dialog(hand, "IssueDialog").findChild(QPushButton, "report_issue_now"), LEFT)
    hand.until(lambda: "Revision 1 is issued" in hand.part("report_standing").whole)
    hand.until_fresh()
    shown = words_of(hand, hand.room.maker.preview.pdf)
    assert "revision 1" in shown and "DRAFT" not in shown
    hand.click("report_export")
    asked = dialog(hand, "ExportReportDialog")
    asked.findChild(QLineEdit, "report_place").setText(str(tmp_path / "out.pdf"))
    hand.qtbot.mouseClick(asked.findChild(QPushButton, "report_export_now"), LEFT)
    hand.until(lambda: "Wrote revision 1 with 3 items." in hand.text_of("report_job_text"))
    assert "Ada Nalyst" in words_of(hand, tmp_path / "out.pdf")
    folder = desk.session.case.session.folder
    desk.close()
    told = [action for action, _ in actions_of(folder)]
    assert told.count("report written") == 1 and told.count("report issued") == 1
    assert told.count("report drafted") == 2  # one before the window was opened


def test_looking_at_the_preview_leaves_the_case_as_it_was(hand):
    session = hand.desk.session.case.session
    hand.desk.until(lambda: not hand.desk.session.is_busy)
    before = [event.action for event in session.audit()]
    hand.click("report_refresh")
    hand.until_fresh()
    after = [event.action for event in session.audit()]
    assert after[len(before) :] in ([], ["originals verified"])  # the window verifies by itself when a case is opened
    assert not list(session.folder.rglob("*.pdf"))
