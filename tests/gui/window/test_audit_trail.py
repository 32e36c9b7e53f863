"""The window of the audit trail: what was done is seen, searched, checked and exported, and nothing holds it up."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QTableView

from forensic_gui.domain.audit import canonical_json, seal
from forensic_gui.services.auditing.verifying import verify_trail
from forensic_gui.services.case import CaseSession
from forensic_gui.views.auditing.window import AuditWindow
from forensic_gui.views.message_bar import MessageBar
from tests.forensic_gui.services.case.made_reports import CONCLUDED, issued
from tests.forensic_gui.services.case.tampering import behind_the_back

HOSTILE = "<b>quay</b>\u202egnp.exe"


class AuditDesk:
    """A hand at the window of the audit trail."""

    def __init__(self, desk) -> None:
        self.desk = desk
        desk.run("audit_trail")
        self.window = desk.window.findChild(AuditWindow)
        assert self.window is not None
        self.table = self.part("audit_table", QTableView)
        self.until(lambda: bool(self.numbers()))

    def part(self, name, kind):
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    def until(self, condition, timeout_ms=10_000):
        self.desk.until(condition, timeout_ms)

    def cell(self, row, column):
        return self.table.model().index(row, column).data()

    def numbers(self):
        return [self.cell(row, 0) for row in range(self.table.model().rowCount())]

    def column(self, column):
        return [self.cell(row, column) for row in range(self.table.model().rowCount())]

    def click(self, name):
        self.desk.qtbot.mouseClick(self.part(name, QPushButton), Qt.MouseButton.LeftButton)

    def type_filter(self, text):
        field = self.part("audit_filter", QLineEdit)
        field.clear()
        self.desk.qtbot.keyClicks(field, text)

    @property
    def count(self):
        return self.part("audit_count", QLabel).text()

    @property
    def details(self):
        return self.part("audit_details", QPlainTextEdit).toPlainText()

    @property
    def result(self):
        bar = self.part("audit_result", MessageBar)
        return bar.text if bar.isVisible() else ""


@pytest.fixture
def at_the_trail(open_desk, make_case):
    """Opens a case of three photographs, and the window of its audit trail."""

    def open_it():
        desk = open_desk([make_case()])
        desk.until(lambda: desk.session.case.is_open)
        desk.until(lambda: desk.session.current.examination is not None)
        return AuditDesk(desk)

    return open_it


def change_tag(at, word):
    session = at.desk.session.case.session
    assert session is not None
    session.tag([1], add=[word])


def test_events_are_shown_the_newest_first_with_who_what_and_which_item(at_the_trail) -> None:
    at = at_the_trail()
    numbers = [int(number) for number in at.numbers()]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 1
    row = at.numbers().index("2")
    assert [at.cell(row, column) for column in (2, 3, 4)] == ["A. Nalyst", "evidence added", "img_1.jpg"]
    assert "T" not in at.cell(0, 1)
    assert at.window.windowTitle() == "Audit Trail of Harbour"
    assert at.count.endswith(" events")


def test_the_selected_event_is_told_whole_as_plain_text_that_can_be_copied(at_the_trail) -> None:
    at = at_the_trail()
    change_tag(at, HOSTILE)
    at.click("audit_refresh")
    at.until(lambda: "tags changed" in at.column(3))
    row = at.column(3).index("tags changed")
    event = next(each for each in at.desk.session.case.session.audit() if each.action == "tags changed")
    assert at.window.select(event.seq)
    for text in (event.sha256, event.previous, canonical_json(event.details), "Who: ", "Item 1: img_1.jpg"):
        assert text in at.details
    assert "\u202e" not in at.details
    assert "<b>quay</b>\\u202egnp.exe" in at.cell(row, 5)
    at.table.setFocus()
    at.desk.press("Ctrl+C", on=at.table)
    assert QGuiApplication.clipboard().text() == at.details


def test_tips_are_never_taken_for_markup(at_the_trail) -> None:
    at = at_the_trail()
    change_tag(at, HOSTILE)
    at.click("audit_refresh")
    at.until(lambda: "tags changed" in at.column(3))
    tip = at.table.model().index(at.column(3).index("tags changed"), 5).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;quay" in tip
    assert "<b>" not in tip


def test_what_is_done_meanwhile_appears_on_refresh_and_the_selection_stays(at_the_trail) -> None:
    at = at_the_trail()
    assert at.window.select(2)
    change_tag(at, "seen")
    assert "tags changed" not in at.column(3)
    at.click("audit_refresh")
    at.until(lambda: "tags changed" in at.column(3))
    assert at.window.selected == 2


def test_events_are_filtered_by_text_by_what_and_by_who(at_the_trail) -> None:
    at = at_the_trail()
    at.type_filter("IMG_2")
    at.until(lambda: set(at.column(4)) == {"img_2.jpg"})
    assert " of " in at.count
    at.part("audit_filter", QLineEdit).clear()
    at.until(lambda: "1" in at.numbers())
    action = at.part("audit_action", QComboBox)
    action.setCurrentText("evidence added")
    action.activated.emit(action.currentIndex())
    at.until(lambda: at.column(3) == ["evidence added"] * 3)
    actor = at.part("audit_actor", QComboBox)
    assert "A. Nalyst" in [actor.itemText(place) for place in range(actor.count())]


def test_the_order_is_turned_round_by_the_heading_of_numbers(at_the_trail) -> None:
    at = at_the_trail()
    header = at.table.horizontalHeader()
    heading = QPoint(header.sectionSize(0) // 2, header.height() // 2)
    at.desk.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=heading)
    at.until(lambda: at.numbers()[0] == "1")
    assert header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
    assert at.window.select(3)
    assert at.table.currentIndex().row() == 2


def test_a_whole_trail_is_said_to_be_whole_and_its_head_can_be_copied(at_the_trail) -> None:
    at = at_the_trail()
    at.click("audit_verify")
    at.until(lambda: at.result.startswith("Whole: "))
    head = at.result.split()[-1]
    assert head in {event.sha256 for event in at.desk.session.case.session.audit()}
    at.click("message_action")
    assert QGuiApplication.clipboard().text() == head
    assert head in at.result


def test_a_damaged_event_is_named_selected_and_marked(at_the_trail) -> None:
    at = at_the_trail()
    at.type_filter("nothing has this")
    at.until(lambda: at.numbers() == [])
    behind_the_back(at.desk.session.case.session.folder, "UPDATE audit SET actor = 'Eve' WHERE seq = 3")
    at.click("audit_verify")
    at.until(lambda: at.window.selected == 3 and at.result != "")
    assert at.result.startswith("Damaged: event 3 (evidence added) was altered. It says that it is of ")
    assert at.result.endswith("The first 2 events fit.")
    at.until(lambda: at.cell(at.table.currentIndex().row(), 0) == "⚠ 3")
    assert at.cell(at.table.currentIndex().row(), 2) == "Eve"
    assert "Who: Eve" in at.details
    _restore(at)


def _restore(at) -> None:
    """So that the case closes without a word."""
    behind_the_back(at.desk.session.case.session.folder, "UPDATE audit SET actor = 'A. Nalyst' WHERE seq = 3")


def test_a_head_printed_in_a_report_is_looked_for(at_the_trail) -> None:
    at = at_the_trail()
    head = verify_trail(at.desk.session.case.session.folder)
    field = at.part("audit_head", QLineEdit)
    field.setText(f"{head.events} events, {head.head}")
    at.desk.qtbot.keyClick(field, Qt.Key.Key_Return)
    at.until(lambda: "is in the trail" in at.result)
    field.setText(f"{head.events + 500} {'0' * 64}")
    at.click("audit_verify")
    at.until(lambda: "The trail ends before the event that the report names" in at.result)
    field.setText("what the report says")
    at.click("audit_verify")
    at.until(lambda: "64 hexadecimal digits" in at.result)


def test_the_hash_of_a_report_s_record_is_no_head_and_no_fault(at_the_trail) -> None:
    at = at_the_trail()
    session = at.desk.session.case.session
    session.reports.write(opinion=CONCLUDED)
    record = issued(session).record_sha256
    event = session.audit()[-1].seq
    field = at.part("audit_head", QLineEdit)
    field.setText(record)
    at.click("audit_verify")
    at.until(lambda: at.result.startswith("Whole: "))
    assert f"the hash of the record of revision 1 (event {event})" in at.result
    label = next(each for each in at.window.findChildren(QLabel) if each.buddy() is field)
    assert label.text().replace("&", "") == "Head of the audit trail printed in a report:"


def test_a_verdict_is_dated_once_events_came_after_it(at_the_trail) -> None:
    at = at_the_trail()
    at.click("audit_verify")
    at.until(lambda: at.result.startswith("Whole: "))
    session = at.desk.session.case.session
    checked = session.audit()[-1]
    session.set_group([1], "Quay")
    session.set_group([1], "Pier")
    at.click("audit_refresh")
    at.until(lambda: "2 events since were not checked" in at.result)
    assert at.result.startswith("Verified at ")
    assert f"up to event {checked.seq}, and whole then" in at.result
    assert at.result.endswith(f"The last one checked is {checked.sha256}")
    at.click("message_action")
    assert QGuiApplication.clipboard().text() == checked.sha256
    at.click("audit_verify")
    at.until(lambda: at.result.startswith("Whole: "))


def test_the_window_can_be_made_as_small_as_an_old_screen(at_the_trail) -> None:
    at = at_the_trail()
    at.click("audit_verify")
    at.until(lambda: at.result.startswith("Whole: "))
    least, screen = at.window.minimumSizeHint(), at.window.screen().availableSize()
    assert (least.width() <= 1000, least.height() <= 660) == (True, True), least
    assert at.window.frameGeometry().height() <= screen.height()


def test_an_export_is_written_recorded_and_shown(at_the_trail, tmp_path: Path) -> None:
    at = at_the_trail()
    at.desk.ask.chosen_place = tmp_path / "trail.jsonl"
    at.click("audit_export")
    at.until(lambda: "audit trail exported" in at.column(3))
    assert "were written to" in at.result
    assert at.desk.ask.proposals[-1].name == "Harbour-audit-trail.jsonl"
    assert verify_trail(tmp_path / "trail.jsonl").is_whole


def test_an_export_that_cannot_be_is_said(at_the_trail, tmp_path: Path) -> None:
    at = at_the_trail()
    at.desk.ask.chosen_place = tmp_path / "none" / "trail.jsonl"
    at.click("audit_export")
    at.until(lambda: "could not be written" in at.result)


def test_the_window_goes_with_its_case(at_the_trail) -> None:
    at = at_the_trail()
    at.desk.run("close_case")
    at.until(lambda: not at.desk.session.case.is_open)
    assert not at.window.isVisible()
    assert not at.numbers()
    assert not at.desk.is_enabled("audit_trail")


def test_every_part_is_reached_by_keys_and_has_a_name(at_the_trail) -> None:
    at = at_the_trail()
    at.part("audit_filter", QLineEdit).setFocus()
    seen = []
    for _ in range(12):
        focused = at.window.focusWidget()
        seen.append(focused.objectName())
        assert focused.accessibleName() or focused.text(), focused.objectName()
        at.desk.qtbot.keyClick(focused, Qt.Key.Key_Tab)
    parts = ("filter", "action", "actor", "refresh", "table", "details", "head", "verify", "export", "close")
    assert {f"audit_{part}" for part in parts} <= set(seen)


def fill(folder: Path, number: int) -> None:
    """Append many events that somebody else's programs may have written."""
    with closing(sqlite3.connect(folder / "case.sqlite3")) as connection:
        row = connection.execute("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        last = seal(None, time=row[1], actor=row[2], action=row[3], subject=row[4], details={})
        object.__setattr__(last, "seq", row[0])
        object.__setattr__(last, "sha256", row[7])
        rows = []
        for place in range(number):
            details = {"item": place % 3 + 1, "label": f"Brush {place}", "edit_sha256": "ab" * 32}
            last = seal(last, time=row[1], actor="Ada", action=f"a note {place % 7}", subject="", details=details)
            values = (last.seq, last.time, last.actor, last.action, last.subject, canonical_json(details))
            rows.append((*values, last.previous, last.sha256))
        connection.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.commit()


@pytest.fixture(scope="module")
def long_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of 100,000 events."""
    with CaseSession.create(tmp_path_factory.mktemp("long") / "Long", author="Ada") as case:
        folder = case.folder
    fill(folder, 100_000)
    return folder


def test_a_hundred_thousand_events_never_hold_the_window_up(open_desk, long_case: Path, tmp_path: Path, meter) -> None:
    shutil.copytree(long_case, tmp_path / "Long.case")
    desk = open_desk([tmp_path / "Long.case"])
    desk.until(lambda: desk.session.case.is_open, 30_000)
    desk.run("audit_trail")
    window = desk.window.findChild(AuditWindow)
    table = window.findChild(QTableView, "audit_table")
    block = meter()
    with block:
        desk.until(lambda: table.model().rowCount() > 100_000, 60_000)
        for value in range(0, table.verticalScrollBar().maximum(), table.verticalScrollBar().maximum() // 50):
            table.verticalScrollBar().setValue(value)
            desk.qtbot.wait(5)
        window.findChild(QLineEdit, "audit_filter").setText("Brush 99999")
        desk.until(lambda: table.model().rowCount() == 1, 30_000)
        window.findChild(QLineEdit, "audit_filter").clear()
        desk.until(lambda: table.model().rowCount() > 100_000, 30_000)
    assert block.longest_s < 0.12
