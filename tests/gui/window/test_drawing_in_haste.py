"""What an analyst in a hurry does: he goes on before a field is left, before an image is shown, before an answer."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QWidget

from forensic_gui.domain.annotation import Kind
from forensic_gui.services.case import CaseSession
from forensic_gui.views.annotating.following import ALTERED, EMPTY_CASE, UNREADABLE
from forensic_gui.views.annotating.region_list import RegionList
from forensic_gui.views.annotating.studio import TOO_EARLY
from tests.gui.easel import LEFT, NO_KEYS, Easel
from tests.gui.window.case_reading import alter
from tests.gui.window.conftest import Pace


def kept(case: Path, item_id: int = 1):
    """What the case has on the disk, once it is closed."""
    session = CaseSession.open(case, author="Ben", read_only=True)
    try:
        return session.annotation(item_id).annotation
    finally:
        session.close()


def with_one_box(desk) -> Easel:
    """The hand on the first image, on which one region stands that is selected."""
    hand = Easel(desk).ready()
    hand.key("X")
    hand.drag((20, 15), (60, 45))
    hand.settle()
    assert len(hand.annotation.regions) == 1
    return hand


def next_image(desk, hand: Easel) -> None:
    desk.press("PageDown")
    desk.until(lambda: hand.controller.sheet is not None and hand.controller.sheet.item_id == 2)
    hand.settle()


@pytest.mark.parametrize("leave", ["next image", "close case", "close window", "another region", "no region"])
def test_a_note_that_was_typed_is_kept_however_its_field_is_left(open_desk, make_case, leave):
    case = make_case(2)
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = with_one_box(desk)
    if leave == "another region":
        hand.drag((65, 5), (90, 20))
        hand.settle()
    noted = hand.controller.selected_id
    hand.key("Shift+N")
    note = desk.part("region_note")
    assert isinstance(note, QLineEdit)
    desk.until(note.hasFocus)
    desk.qtbot.keyClicks(note, "a seam at the quay")
    {
        "next image": lambda: next_image(desk, hand),
        "close case": lambda: desk.run("close_case"),
        "close window": lambda: None,
        "another region": lambda: desk.run("next_region"),
        "no region": lambda: desk.run("new_region"),
    }[leave]()
    desk.close()
    notes = {region.id: region.details.note for region in kept(case).regions}
    assert notes.pop(noted) == "a seam at the quay"
    assert set(notes.values()) <= {""}


@pytest.mark.parametrize("seconds", [0.1, 0.5])
def test_a_box_that_is_begun_before_the_image_is_shown_lands_nowhere_and_says_so(open_desk, make_case, seconds):
    case = make_case(3)
    pace = Pace()
    desk = open_desk([case], pace=pace)
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    hand.key("X")
    start, end = hand.at(20, 15), hand.at(60, 45)
    desk.qtbot.wait(200)
    pace.decode_s = seconds
    desk.list.go_to(desk.window.catalog.catalog.shown[2])
    assert hand.viewport.parent().cursor().shape() is Qt.CursorShape.ForbiddenCursor
    desk.qtbot.mousePress(hand.viewport, LEFT, NO_KEYS, start)
    assert desk.session.canvas.zoom_percent == 100.0  # the picture of the image before has gone
    desk.until(lambda: hand.controller.sheet is not None and hand.controller.sheet.item_id == 3)
    desk.qtbot.mouseMove(hand.viewport, end)
    desk.qtbot.mouseRelease(hand.viewport, LEFT, NO_KEYS, end)
    hand.ready().settle()
    assert desk.part("drawing_hint").isVisible()
    assert desk.part("drawing_hint").text() == TOO_EARLY
    assert hand.annotation.regions == ()
    assert hand.viewport.parent().cursor().shape() is Qt.CursorShape.CrossCursor
    hand.drag((20, 15), (60, 45))
    hand.settle()
    assert len(hand.annotation.regions) == 1
    desk.close()
    assert [len(kept(case, item_id).regions) for item_id in (1, 2, 3)] == [0, 0, 1]


def test_undo_by_its_key_takes_back_the_first_box_while_it_waits(open_desk, make_case):
    desk = open_desk([make_case(1)])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    desk.segmenter.decode_wait.seconds = 30
    assert not desk.is_enabled("undo")
    hand.key("X")
    hand.drag((20, 15), (60, 45))
    assert desk.window.actions_["undo"].text() == "&Undo Box"
    hand.key("Ctrl+Z")
    hand.settle()
    assert hand.annotation.regions == ()
    assert desk.message.startswith("Box taken back")
    assert not desk.is_enabled("undo")


def told_in_place_of_regions(desk) -> list[str]:
    panel = desk.part("regions_panel")
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_an_empty_case_says_that_it_is_empty_and_nothing_can_be_said_of_no_image(open_desk, make_case):
    desk = open_desk([make_case(0)])
    desk.until(lambda: desk.session.case.is_open)
    assert EMPTY_CASE in told_in_place_of_regions(desk)
    box = desk.part("no_manipulation_found")
    assert not box.isEnabled()
    assert box.toolTip() == EMPTY_CASE


def test_a_case_open_for_reading_takes_no_conclusion_and_says_why(open_desk, make_case):
    case = make_case(1)
    with closing(CaseSession.open(case, author="Ben")):
        desk = open_desk([case])
        desk.until(lambda: desk.session.studio.controller.page is not None)
        box = desk.part("no_manipulation_found")
        desk.until(lambda: box.toolTip() == desk.session.case.read_only != "")
        assert not box.isEnabled()
        desk.qtbot.mouseClick(box, LEFT)
        assert not box.isChecked()
        desk.close()


def test_an_image_that_cannot_be_read_says_so_where_its_regions_would_stand(open_desk, make_case, photographs):
    desk = open_desk([make_case(0)])
    desk.until(lambda: desk.session.case.is_open)
    desk.session.open(photographs(1, img_1=b"broken"))
    desk.until(lambda: UNREADABLE in told_in_place_of_regions(desk))
    assert not desk.part("no_manipulation_found").isEnabled()


def test_the_regions_of_an_altered_original_are_still_listed_and_cannot_be_changed(open_desk, make_case):
    case = make_case(1)
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    with_one_box(desk)
    desk.close()
    alter(case)
    again = open_desk([case])
    rows = again.window.findChild(RegionList)
    again.until(lambda: rows.topLevelItemCount() == 1)
    again.qtbot.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(rows.topLevelItem(0)).center())
    again.until(again.part("region_kind").isVisible)
    assert not again.part("region_kind").isEnabled()
    assert not again.part("no_manipulation_found").isEnabled()
    assert again.part("no_manipulation_found").toolTip() == ALTERED
    again.window.close()
    again.until(lambda: again.window.findChild(QWidget, "leaving_button") is not None)
    again.until(lambda: again.part("leaving_button").text() == "Close")
    again.part("leaving_button").click()
    again.until(lambda: again.app.is_closed)
    assert len(kept(case).regions) == 1


@pytest.mark.parametrize("key", ["T", "R"])
def test_what_is_made_of_the_models_mask_is_selected_and_never_made_twice(open_desk, make_case, key):
    desk = open_desk([make_case(1)])
    desk.until(lambda: desk.session.current.examination is not None)
    hand = with_one_box(desk)
    desk.until(lambda: desk.is_enabled("take_model_mask"))
    hand.key(key)
    hand.settle()
    boxed, made = hand.annotation.regions
    assert hand.controller.selected_id == made.id
    hand.key("5")
    hand.settle()
    assert [region.details.kind for region in hand.annotation.regions] == [Kind.UNKNOWN, Kind.RETOUCHING]
    desk.run("new_region")
    for _ in range(2):
        hand.key(key)
    hand.settle()
    assert [region.id for region in hand.annotation.regions] == [boxed.id, made.id]
    assert hand.controller.selected_id == made.id
    assert "already" in desk.message


@pytest.mark.parametrize("end", ["next image", "close case", "delete region"])
def test_what_is_told_of_an_image_goes_with_it_and_with_what_it_was_told_of(open_desk, make_case, end):
    desk = open_desk([make_case(2)])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = with_one_box(desk)
    hand.key("N")
    assert "delete them" in desk.message
    {
        "next image": lambda: next_image(desk, hand),
        "close case": lambda: desk.run("close_case"),
        "delete region": lambda: desk.run("delete_region"),
    }[end]()
    desk.until(lambda: desk.message == "")


def test_going_beyond_the_last_or_the_first_image_says_that_there_is_none(open_desk, make_case):
    desk = open_desk([make_case(2)])
    desk.until(lambda: desk.session.current.decoded is not None)
    told = desk.window.statusBar().currentMessage
    desk.press("J")
    desk.until(lambda: desk.title.startswith("img_2"))
    assert "last" not in told()
    desk.press("J")
    assert told() == "This is the last image."
    desk.press("K")
    desk.until(lambda: desk.title.startswith("img_1"))
    desk.press("K")
    assert told() == "This is the first image."


def test_after_a_case_was_closed_nothing_is_to_be_stopped_and_the_filter_is_empty(open_desk, make_case):
    desk = open_desk([make_case(2)])
    desk.until(lambda: desk.session.current.examination is not None)
    filter_field = desk.part("filter")
    desk.qtbot.keyClicks(filter_field, "img_1")
    (cross,) = filter_field.findChildren(QToolButton)
    desk.until(lambda: len(desk.names()) == 1)
    desk.run("close_case")
    desk.until(lambda: desk.session.case.holds_files is False)
    assert filter_field.text() == ""
    desk.until(lambda: not cross.isVisible() or not cross.isEnabled())
    assert not desk.is_enabled("stop")
