"""Opening, choosing, filtering, going through images."""

from __future__ import annotations

import hashlib
import os

import pytest
from PySide6.QtCore import QPoint, Qt

from forensic_gui.views.core.items import Analyzed, CouldNot, Order


def test_files_given_at_the_start_are_listed_and_the_first_is_shown_and_analyzed(open_desk, photographs):
    desk = open_desk(photographs(3))
    desk.until_analyzed("img_1.jpg")
    assert desk.names() == ["img_1.jpg", "img_2.jpg", "img_3.jpg"]
    assert hashlib.sha256(b"photograph 1").hexdigest() in desk.facts
    assert isinstance(desk.states()[0], Analyzed)


def test_a_folder_opened_by_the_menu_is_listed_in_natural_order(open_desk, photographs):
    desk = open_desk()
    desk.ask.chosen_folder = photographs(12)[0].parent
    desk.run("open_folder")
    desk.until_shown("img_1.jpg")
    assert desk.names()[8:12] == ["img_9.jpg", "img_10.jpg", "img_11.jpg", "img_12.jpg"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
def test_what_is_no_file_of_an_opened_folder_is_listed_among_the_problems(open_desk, photographs):
    folder = photographs(2)[0].parent
    (folder / "link.jpg").symlink_to(folder / "img_1.jpg")
    os.mkfifo(folder / "pipe.jpg")
    desk = open_desk()
    desk.ask.chosen_folder = folder
    desk.run("open_folder")
    desk.until_analyzed("img_1.jpg")
    desk.until(lambda: len(desk.window.problems.problems) == 2)
    assert {(each.subject, each.sentence) for each in desk.window.problems.problems} == {
        ("link.jpg", "This is a symbolic link, which is not followed."),
        ("pipe.jpg", "This is a FIFO, not a regular file."),
    }
    assert desk.names() == ["img_1.jpg", "img_2.jpg"]
    assert desk.message == ""


def test_opening_a_file_twice_lists_it_once_and_shows_it(open_desk, photographs):
    paths = photographs(3)
    desk = open_desk(paths)
    desk.until_shown("img_1.jpg")
    desk.ask.chosen_files = [paths[2]]
    desk.run("open_files")
    desk.until_shown("img_3.jpg")
    assert len(desk.names()) == 3


@pytest.mark.parametrize("place", ["list", "filter", "facts", "canvas", "window"])
def test_files_can_be_dropped_anywhere(open_desk, photographs, place):
    desk = open_desk()
    target = {
        "list": desk.list.viewport(),
        "filter": desk.part("filter"),
        "facts": desk.part("facts").viewport(),
        "canvas": desk.session.canvas.focusProxy().viewport(),
        "window": desk.window,
    }[place]
    assert desk.drop(photographs(2), on=target)
    desk.until_shown("img_1.jpg")
    assert desk.names() == ["img_1.jpg", "img_2.jpg"]


def test_a_text_that_is_dropped_is_not_taken(open_desk):
    desk = open_desk()
    assert not desk.drop([], on=desk.window)


def test_keys_go_through_the_images_and_stop_at_the_ends(open_desk, photographs):
    desk = open_desk(photographs(3))
    desk.until_shown("img_1.jpg")
    for key, name in (("J", "img_2.jpg"), ("PageDown", "img_3.jpg"), ("J", "img_3.jpg"), ("K", "img_2.jpg")):
        desk.press(key)
        desk.until_shown(name)
    desk.press("PageUp")
    desk.until_shown("img_1.jpg")


def test_arrow_keys_in_the_list_choose_too(open_desk, photographs):
    desk = open_desk(photographs(3))
    desk.until_shown("img_1.jpg")
    desk.press("Down", on=desk.list)
    desk.until_shown("img_2.jpg")


def test_a_click_on_a_row_shows_its_image(open_desk, photographs):
    desk = open_desk(photographs(3))
    desk.until_shown("img_1.jpg")
    row = desk.list.visualRect(desk.window.catalog.index(2, 0)).center()
    desk.qtbot.mouseClick(desk.list.viewport(), Qt.MouseButton.LeftButton, pos=row)
    desk.until_shown("img_3.jpg")


def test_the_latest_choice_wins_and_no_other_image_ever_appears(open_desk, photographs, pace):
    pace.decode_s = 0.15
    desk = open_desk(photographs(6), pace=pace)
    desk.until_shown("img_1.jpg")
    shown = []
    desk.session.current.read_completed.connect(lambda: shown.append(desk.session.current.decoded.evidence.path.name))
    for _ in range(5):
        desk.press("J")
    assert desk.title == "img_6.jpg"
    desk.until_analyzed("img_6.jpg")
    assert shown == ["img_6.jpg"]
    assert hashlib.sha256(b"photograph 6").hexdigest() in desk.facts


def test_while_an_image_is_read_for_long_the_one_before_does_not_stay(open_desk, photographs, pace):
    desk = open_desk(photographs(4), pace=pace)
    desk.until_analyzed("img_1.jpg")
    desk.until(lambda: "img_2.jpg" in desk.decoded_names())
    pace.decode_s = 1.0
    desk.list.go_to(3)
    assert desk.title == "img_4.jpg"
    desk.until(lambda: "SHA-256" not in desk.facts, timeout_ms=900)
    assert desk.session.current.decoded is None
    desk.until_shown("img_4.jpg")


def test_the_filter_hides_rows_and_keeps_the_image(open_desk, photographs):
    desk = open_desk(photographs(12))
    desk.until_shown("img_1.jpg")
    desk.press("Ctrl+F")
    field = desk.window.focusWidget()
    desk.qtbot.keyClicks(field, "MG_12")
    desk.until(lambda: desk.names() == ["img_12.jpg"])
    assert desk.title == "img_1.jpg"
    field.clear()
    desk.until(lambda: len(desk.names()) == 12)
    assert desk.list.current_item_id() == desk.session.current.item.id


def test_letters_typed_into_the_filter_run_no_command(open_desk, photographs):
    desk = open_desk(photographs(3))
    desk.until_shown("img_1.jpg")
    before = desk.session.layers.settings
    desk.press("Ctrl+F")
    desk.qtbot.keyClicks(desk.window.focusWidget(), "jkhomb1fsw")
    assert desk.title == "img_1.jpg"
    assert desk.session.layers.settings == before


def test_images_with_the_largest_share_can_be_put_first(open_desk, photographs):
    desk = open_desk(photographs(4))
    desk.until_shown("img_1.jpg")
    desk.run("analyze_all")
    desk.until(lambda: all(isinstance(state, Analyzed) for state in desk.states()))
    desk.run("sort_share")
    shares = [(state.share_over_threshold, state.highest_score) for state in desk.states()]
    assert shares == sorted(shares, reverse=True)
    assert desk.window.catalog.catalog.order is Order.SHARE


def test_removing_the_shown_image_shows_the_next_and_leaves_the_file(open_desk, photographs):
    paths = photographs(3)
    desk = open_desk(paths)
    desk.until_shown("img_1.jpg")
    desk.press("J")
    desk.until_shown("img_2.jpg")
    desk.press("Delete", on=desk.list)
    desk.until_shown("img_3.jpg")
    assert desk.names() == ["img_1.jpg", "img_3.jpg"]
    assert paths[1].exists()


def test_removing_everything_leads_back_to_the_beginning(open_desk, photographs):
    desk = open_desk(photographs(2))
    desk.until_shown("img_1.jpg")
    desk.press("Ctrl+A", on=desk.list)
    desk.run("remove_selected")
    assert desk.names() == []
    assert desk.session.current.item is None
    assert desk.facts == ""
    assert not desk.is_enabled("analyze_current")


def test_ten_thousand_files_are_listed_without_holding_the_window_up(open_desk, tmp_path, meter):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(10_000):
        (folder / f"{number:05}.jpg").write_bytes(b"x%d" % number)
    desk = open_desk()
    desk.ask.chosen_folder = folder
    with meter() as block:
        desk.run("open_folder")
        desk.until(lambda: len(desk.window.catalog.catalog) == 10_000, timeout_ms=30_000)
        desk.until_shown("00000.jpg")
        desk.press("End", on=desk.list)
        desk.until_shown("09999.jpg")
        desk.window.browser.select_all()
    assert block.longest_s < 0.5
    desk.until(lambda: "09999.jpg" in desk.decoded_names(thumbnails=True))
    # Only rows that were on the screen have been read.
    assert len(desk.decoded_names(thumbnails=True)) < 100


def test_a_thumbnail_is_painted_in_its_row(open_desk, photographs):
    desk = open_desk(photographs(2))
    desk.until_shown("img_1.jpg")
    store = desk.session.thumbnails
    item = desk.window.catalog.catalog.item(1)
    desk.until(lambda: store.image(item) is not None)
    colour = store.image(item).pixelColor(5, 5)
    rect = desk.list.visualRect(desk.window.catalog.index(1, 0))
    picture = desk.list.viewport().grab(rect).toImage()
    ratio = picture.devicePixelRatio()
    at = QPoint(round((8 + 36) * ratio), round(rect.height() / 2 * ratio))
    assert picture.pixelColor(at) == colour


def test_a_damaged_file_is_marked_in_the_list_before_it_is_chosen(open_desk, photographs):
    desk = open_desk(photographs(3, img_3=b"broken"))
    desk.until(lambda: [type(state) for state in desk.states()][2:] == [CouldNot])
    assert desk.states()[2].reason == "The decoder could not make pixels of it."
