"""All items of a case in one window: sorted, searched, seen as thumbnails, gone to, and saved."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHeaderView, QLabel, QLineEdit, QListView, QTableView, QTabWidget

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.summary import rows_of
from forensic_gui.services.case import CaseSession
from forensic_gui.views.summary import door
from forensic_gui.views.summary.columns import PLACES
from tests.gui.block_meter import BlockMeter
from tests.gui.standins import Pace, StandInDecoder


@pytest.fixture
def case(tmp_path, photographs) -> Path:
    """Twelve photographs, the first two in a group, the third with a name that would turn the writing round."""
    paths = photographs(12, folder_name="source")
    hostile = paths[2].with_name("<b>img_3<b> \u202egpj.jpg")
    paths[2].rename(hostile)
    with closing(CaseSession.create(tmp_path / "Harbour", author="Ann")) as session:
        session.add([*paths[:2], hostile, *paths[3:]])
        session.set_group([1, 2], "Pier 4")
        session.note_decoded(5, StandInDecoder(Pace()).decode(session.original(5)).facts)
        session.commit(5, SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND), label="Mark")
        session.note_unreadable(6, "The decoder could not make pixels of it.")
        return session.folder


class Summary:
    """The summary's window, by what is on it."""

    def __init__(self, desk) -> None:
        self.desk = desk
        desk.run("summary")
        self.table: QTableView = desk.part("summary_table")
        self.sheet: QListView = desk.part("summary_sheet")
        self.window = self.table.window()

    def find(self, kind, name):
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def count(self) -> str:
        return self.find(QLabel, "summary_count").text()

    def column(self, column_id: str) -> list[str]:
        model = self.table.model()
        return [model.index(row, PLACES[column_id]).data() for row in range(model.rowCount())]

    def until_shown(self, count: str) -> None:
        self.desk.until(lambda: self.count == count)

    def click_title(self, column_id: str) -> None:
        titles: QHeaderView = self.table.horizontalHeader()
        x = titles.sectionViewportPosition(PLACES[column_id]) + 15
        self.desk.qtbot.mouseClick(titles.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, titles.height() // 2))

    def search(self, text: str) -> None:
        field = self.find(QLineEdit, "summary_search")
        field.clear()
        self.desk.qtbot.keyClicks(field, text)

    def save(self, suffix: str) -> None:
        self.window.findChild(QAction, f"summary_save_{suffix}").trigger()


@pytest.fixture
def summary(open_desk, case) -> Summary:
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    shown = Summary(desk)
    shown.until_shown("12 items")
    return shown


def test_without_a_case_there_is_no_summary(open_desk):
    assert not open_desk().is_enabled("summary")


def test_every_item_has_a_row_and_nothing_turns_the_writing_round(summary):
    names = summary.column("name")
    assert len(names) == 12
    assert names[2] == "<b>img_3<b> \\u202egpj.jpg"
    index = summary.table.model().index(2, PLACES["name"])
    assert "&lt;b&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert summary.column("group")[:3] == ["Pier 4", "Pier 4", ""]
    assert summary.column("mark")[4] == "no manipulation found"
    assert summary.column("unreadable")[5] == "The decoder could not make pixels of it."
    assert summary.window.windowTitle() == "Summary of Harbour"
    alignment = summary.table.model().index(0, PLACES["bytes"]).data(Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & int(Qt.AlignmentFlag.AlignRight)


def test_tips_say_that_shares_of_different_thresholds_are_not_comparable(summary):
    model = summary.table.model()
    tip = model.headerData(PLACES["share"], Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "not comparable" in tip
    assert model.headerData(PLACES["name"], Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) is None
    card = summary.sheet.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in card
    assert "not analyzed" in card


def test_the_window_can_be_made_as_small_as_an_old_screen(summary):
    least = summary.window.minimumSizeHint()
    assert (least.width() <= 1000, least.height() <= 660) == (True, True), least
    assert summary.window.frameGeometry().height() <= summary.window.screen().availableSize().height()


def test_a_click_on_a_title_sorts_as_people_count_and_what_is_not_known_stays_last(summary):
    summary.click_title("name")
    summary.desk.until(lambda: summary.column("name")[1:4] == ["img_1.jpg", "img_2.jpg", "img_4.jpg"])
    assert summary.column("name")[-1] == "img_12.jpg"
    summary.click_title("name")
    summary.desk.until(lambda: summary.column("name")[0] == "img_12.jpg")
    summary.click_title("group")
    summary.desk.until(lambda: summary.column("group")[:2] == ["Pier 4", "Pier 4"])
    summary.click_title("group")
    summary.desk.until(lambda: summary.column("group")[:3] == ["Pier 4"] * 2 + [""])


def test_rows_are_searched_and_chosen_by_group(summary):
    summary.search("IMG_1")
    summary.until_shown("4 of 12 items")
    assert summary.column("name") == ["img_1.jpg", "img_10.jpg", "img_11.jpg", "img_12.jpg"]
    groups = summary.find(QComboBox, "summary_group")
    groups.setCurrentIndex(groups.findData("Pier 4"))
    summary.until_shown("1 of 12 items")
    summary.search(summary.desk.window.catalog.catalog.items[1].sha256[:8])
    summary.desk.until(lambda: summary.column("name") == ["img_2.jpg"])
    summary.search("nothing of the kind")
    summary.until_shown("0 of 12 items")
    assert summary.find(QLabel, "summary_empty").text() == "Nothing matches."
    assert summary.find(QLabel, "summary_empty").isVisible()


def test_a_double_click_shows_the_item_in_the_main_window(summary):
    index = summary.table.model().index(8, 1)
    place = summary.table.visualRect(index).center()
    for click in (summary.desk.qtbot.mouseClick, summary.desk.qtbot.mouseDClick):
        click(summary.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    current = summary.desk.session.current
    summary.desk.until(lambda: current.item is not None and current.item.name == "img_9.jpg")


def test_the_main_window_can_come_in_front_of_it(summary):
    assert summary.window.windowType() is Qt.WindowType.Window
    assert summary.window.windowHandle().transientParent() is None
    summary.window.chosen.emit(3)
    summary.desk.until(summary.desk.window.isActiveWindow)
    assert summary.window.isVisible()


def test_it_does_not_outlive_the_main_window(summary):
    summary.desk.window.close()
    summary.desk.until(lambda: not summary.window.isVisible())


def test_the_contact_sheet_makes_thumbnails_of_what_is_seen(summary):
    tabs = summary.find(QTabWidget, "summary_tabs")
    tabs.setCurrentWidget(summary.sheet)
    first = summary.sheet.model().index(0, 0)
    store = summary.desk.session.thumbnails
    item = summary.desk.window.catalog.catalog.item(summary.desk.window.catalog.catalog.id_of_entry(1))
    summary.desk.until(lambda: store.image(item) is not None)
    shown = store.image(item).pixelColor(10, 10)
    centre = summary.sheet.visualRect(first).center() - QPoint(0, 20)

    def seen():
        return summary.sheet.viewport().grab().toImage().pixelColor(centre)

    summary.desk.until(lambda: seen() == shown)


def test_what_is_shown_is_saved_in_its_order_and_recorded(summary, tmp_path):
    summary.search("img_1")
    summary.until_shown("4 of 12 items")
    summary.click_title("name")
    summary.click_title("name")
    summary.desk.until(lambda: summary.column("name")[0] == "img_12.jpg")
    summary.desk.ask.chosen_place = tmp_path / "some.jsonl"
    summary.save("jsonl")
    summary.desk.until(lambda: "A summary of 4 items was saved" in summary.desk.message)
    assert summary.desk.ask.proposals[-1].name == "Harbour-summary.jsonl"
    names = [json.loads(line)["name"] for line in (tmp_path / "some.jsonl").read_text().splitlines()]
    assert names == ["img_12.jpg", "img_11.jpg", "img_10.jpg", "img_1.jpg"]
    summary.desk.ask.chosen_place = tmp_path / "sheet.html"
    summary.save("html")
    summary.desk.until(lambda: "sheet.html" in summary.desk.message)
    assert (tmp_path / "sheet.html").read_text().count("data:image/jpeg") == 4
    assert "was saved" in summary.find(QLabel, "summary_progress").text()


def test_a_place_within_a_case_is_refused_in_a_sentence(summary, case):
    summary.desk.ask.chosen_place = case / "summary.csv"
    summary.save("csv")
    summary.desk.until(lambda: "lies in the case" in summary.desk.message)


def test_what_changes_meanwhile_is_seen(summary):
    desk = summary.desk
    items = [desk.window.catalog.catalog.item(desk.window.catalog.catalog.id_of_entry(4))]
    desk.session.case.set_group(items, "Quay")
    desk.until(lambda: summary.column("group")[3] == "Quay")


def test_it_goes_with_its_case(summary):
    summary.desk.run("close_case")
    summary.desk.until(lambda: not summary.desk.session.case.holds_files)
    assert not summary.window.isVisible()


def test_twenty_thousand_items_hold_the_window_up_no_longer_than_a_few(open_desk, case, monkeypatch):
    items = [
        CaseItem(number, f"{number:064x}", f"img_{number}.jpg", "/device/x.jpg", 9, "", "", "", share=number % 97 / 97)
        for number in range(1, 20_001)
    ]
    monkeypatch.setattr(door, "_read", lambda _: rows_of(items, {}))
    desk = open_desk([case])
    desk.until(lambda: desk.session.case.is_open)
    summary = Summary(desk)
    with BlockMeter() as block:
        summary.until_shown("20\u202f000 items")
        summary.click_title("share")
        summary.search("img_7")
        summary.until_shown("1\u202f111 of 20\u202f000 items")
        summary.find(QTabWidget, "summary_tabs").setCurrentWidget(summary.sheet)
        summary.search("")
        summary.until_shown("20\u202f000 items")
    # On an idle machine the longest wait is a frame; others may have this one's cores.
    assert block.longest_s < 0.5
