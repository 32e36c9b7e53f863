"""Drawing in the real window, by mouse and keys, on a real case."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit

from forensic_gui.domain.annotation import Annotation, Conclusion, Kind, MaskMaker
from forensic_gui.domain.case import Action
from forensic_gui.domain.errors import SegmenterError
from forensic_gui.domain.palette import ADDS_RGB, PROPOSED_RGB
from forensic_gui.services.case import CaseSession
from forensic_gui.views.core.gestures import Tool
from tests.gui.easel import LEFT, Easel


@pytest.fixture
def case(tmp_path, photographs) -> Path:
    """A case with two photographs."""
    session = CaseSession.create(tmp_path / "Harbour.case", author="Ann")
    session.add(photographs(2))
    session.close()
    return session.folder


def kept(case: Path, item_id: int = 1) -> Annotation:
    """What the case has on the disk, once the window is closed."""
    session = CaseSession.open(case, author="Ben", read_only=True)
    try:
        return session.annotation(item_id).annotation
    finally:
        session.close()


def test_box_brush_undo_redo_kind_and_the_next_image_with_no_menu_and_all_of_it_is_there_again(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    hand.key("X")
    assert hand.controller.hand.tool is Tool.BOX
    hand.drag((20, 15), (40, 30), (60, 45))
    hand.settle()
    (boxed,) = hand.annotation.regions
    assert boxed.details.origin.maker is MaskMaker.SEGMENTER
    assert (boxed.details.prompts.box.x0, boxed.details.prompts.box.y1) == pytest.approx((20, 45), abs=1.5)
    hand.key("Q")
    hand.drag((62, 30), (70, 30))
    hand.settle()
    (brushed,) = hand.annotation.regions
    assert brushed.mask.area > boxed.mask.area
    assert desk.window.actions_["undo"].text() == "&Undo Brush"
    hand.key("Ctrl+Z")
    hand.settle()
    assert hand.annotation.regions == (boxed,)
    hand.key("Ctrl+Shift+Z")
    hand.settle()
    assert hand.annotation.regions == (brushed,)
    hand.key("2")
    hand.settle()
    assert hand.annotation.regions[0].details.kind is Kind.SPLICE
    drawn = hand.annotation
    hand.key("J")
    desk.until(lambda: hand.controller.page is not None and hand.controller.page.sheet.item_id == 2)
    assert hand.annotation.regions == ()
    assert hand.controller.hand.tool is Tool.BRUSH
    desk.close()
    assert kept(case) == drawn


def test_deleting_with_no_region_selected_says_so_and_deletes_nothing(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    hand.key("X")
    hand.drag((20, 15), (60, 45))
    hand.settle()
    drawn = hand.annotation
    hand.key("A")
    hand.key("Shift+Delete")
    desk.until(lambda: desk.message == "No region is selected.")
    hand.settle()
    assert hand.annotation == drawn and len(drawn.regions) == 1


def test_what_was_drawn_is_there_again_and_can_still_be_undone(open_desk, case):
    first = open_desk([case])
    first.until(lambda: first.session.current.decoded is not None)
    hand = Easel(first).ready()
    hand.key("X")
    hand.drag((20, 15), (60, 45))
    hand.settle()
    (boxed,) = hand.annotation.regions
    hand.key("3")
    hand.settle()
    drawn = hand.annotation
    first.close()
    again = open_desk([case])
    again.until(lambda: again.session.current.decoded is not None)
    hand = Easel(again).ready()
    assert hand.annotation == drawn
    shown = hand.controller.page.layer.labels
    assert np.array_equal(shown != 0, drawn.mask.to_array())
    hand.key("Ctrl+Z")
    hand.settle()
    assert hand.annotation.regions == (boxed,)
    again.close()
    session = CaseSession.open(case, author="Ben", read_only=True)
    log = [(entry.action, entry.label) for entry in session.log(1)]
    session.close()
    assert log == [
        (Action.DO, "Box"),
        (Action.DO, "Kind"),
        (Action.UNDO, "Kind"),
    ]


def test_a_segmenter_that_takes_seconds_never_holds_the_window_up(open_desk, case, meter):
    desk = open_desk([case], ready=True)
    desk.segmenter.encode_wait.seconds, desk.segmenter.decode_wait.seconds = 2.0, 1.0
    desk.until(lambda: desk.session.studio.controller.page is not None)
    desk.until(lambda: desk.session.current.examination is not None)
    desk.qtbot.wait(300)  # thumbnails and layout of the first seconds
    hand = Easel(desk)
    hand.key("X")
    with meter() as idle:
        desk.qtbot.wait(500)
    began = time.monotonic()
    with meter() as busy:
        hand.drag((20, 15), (40, 30), (60, 45))
        desk.until(lambda: desk.part("drawing_hint").isVisible())
        assert desk.part("drawing_hint").text() == "Stand-in is looking at the image…"
        hand.settle()
    assert time.monotonic() - began > 1.0
    assert len(hand.annotation.regions) == 1
    assert not desk.part("drawing_hint").isVisible()
    assert busy.longest_s < max(0.05, 3 * idle.longest_s)


def test_what_is_drawn_while_the_window_closes_is_kept(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    hand.key("Q")
    for row in range(6):
        hand.drag((10, 5 + 8 * row), (80, 5 + 8 * row))
    desk.close()
    (region,) = kept(case).regions
    inside = region.mask.to_array()
    assert all(inside[5 + 8 * row, 40] for row in range(6))


def test_drawing_tools_without_a_case_say_why_and_offer_to_make_one(open_desk, photographs, tmp_path):
    desk = open_desk(photographs(1))
    desk.until_shown("img_1.jpg")
    hand = Easel(desk)
    hand.key("X")
    assert "kept in a case" in desk.message
    assert hand.controller.hand.tool is Tool.HAND
    assert desk.window.actions_["tool_hand"].isChecked()
    desk.ask.chosen_case = tmp_path / "New.case"
    desk.qtbot.mouseClick(desk.part("message_action"), LEFT)
    desk.until(lambda: hand.controller.page is not None)
    hand.ready().key("X")
    hand.drag((20, 15), (60, 45))
    hand.settle()
    assert len(hand.annotation.regions) == 1


def test_a_case_that_another_window_has_open_can_be_looked_at_only(open_desk, case):
    first = CaseSession.open(case, author="Ben")
    try:
        desk = open_desk([case])
        desk.until(lambda: desk.session.studio.controller.page is not None)
        desk.until(lambda: desk.is_enabled("fit"))
        assert not desk.is_enabled("tool_box")
        assert desk.session.case.read_only in desk.window.actions_["tool_box"].toolTip()
        hand = Easel(desk)
        hand.key("X")
        hand.drag((20, 15), (60, 45))
        assert hand.annotation.regions == ()
    finally:
        first.close()


def test_the_models_mask_is_taken_and_refined_by_keys_and_one_undo_takes_it_back(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.examination is not None)
    hand = Easel(desk).ready()
    desk.until(lambda: desk.is_enabled("take_model_mask"))
    hand.key("T")
    hand.settle()
    (taken,) = hand.annotation.regions
    assert taken.details.origin.maker is MaskMaker.MODEL
    assert taken.details.origin.tool_id == "stand-in-224"
    hand.key("Ctrl+Z")
    hand.settle()
    hand.key("R")
    hand.settle()
    (refined,) = hand.annotation.regions
    assert refined.details.origin.maker is MaskMaker.MODEL_REFINED
    assert refined.details.origin.parameters["model_sha256"] == "5" * 64
    assert refined.details.prompts.box is not None
    hand.key("Ctrl+Z")
    hand.settle()
    assert hand.annotation.regions == ()


def test_a_refinement_is_stopped_with_escape_and_leaves_nothing(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.examination is not None)
    hand = Easel(desk).ready()
    desk.segmenter.decode_wait.seconds = 30
    desk.until(lambda: desk.is_enabled("refine_model_mask"))
    hand.key("R")
    desk.until(lambda: "Refining the model's mask" in desk.window.work.text)
    desk.run("stop")
    hand.settle()
    assert hand.annotation.regions == ()
    assert "Stopped" in desk.message


def test_no_manipulation_found_is_one_key_and_stands_in_the_list(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.studio.controller.page is not None)
    hand = Easel(desk)
    desk.until(lambda: desk.is_enabled("no_manipulation"))
    hand.key("N")
    hand.settle()
    assert hand.annotation.conclusion is Conclusion.NO_MANIPULATION_FOUND
    assert desk.part("no_manipulation_found").isChecked()
    hand.key("N")
    hand.settle()
    assert hand.annotation.conclusion is Conclusion.OPEN


def test_a_note_is_written_with_the_keyboard_and_letters_in_it_are_no_commands(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    hand.key("X")
    hand.drag((20, 15), (60, 45))
    hand.settle()
    hand.key("Shift+N")
    note = desk.part("region_note")
    assert isinstance(note, QLineEdit)
    desk.until(note.hasFocus)
    desk.qtbot.keyClicks(note, "next to a quay, 2 jetties")
    desk.qtbot.keyClick(note, Qt.Key.Key_Return)
    hand.settle()
    assert hand.annotation.regions[0].details.note == "next to a quay, 2 jetties"
    assert hand.controller.hand.tool is Tool.BOX
    assert hand.annotation.regions[0].details.kind is Kind.UNKNOWN


def test_a_segmenter_that_fails_is_told_with_a_way_out(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    desk.segmenter.failure = SegmenterError("The device ran out of memory.")
    hand.key("X")
    hand.drag((20, 15), (60, 45))
    desk.until(lambda: desk.message == "The device ran out of memory.")
    desk.segmenter.failure = None
    desk.qtbot.mouseClick(desk.part("message_action"), LEFT)
    hand.settle()
    assert len(hand.annotation.regions) == 1


def test_escape_leaves_what_the_next_drawing_was_for(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    hand.key("X")
    hand.drag((20, 15), (60, 45))
    hand.settle()
    hand.key("3")
    hand.settle()
    hand.key("Shift+C")
    desk.until(lambda: "Draw where it was copied from" in desk.part("drawing_hint").text())
    hand.key("Escape")
    desk.until(lambda: not desk.part("drawing_hint").isVisible())
    hand.key("Shift+C")
    hand.drag((70, 15), (85, 30))
    hand.settle()
    (region,) = hand.annotation.regions
    assert region.source is not None
    hand.key("Ctrl+Z")
    hand.settle()
    assert hand.annotation.regions[0].source is None


def test_what_the_segmenter_must_tell_is_told_once(open_desk, case):
    desk = open_desk([case], ready=True)
    desk.segmenter.info = replace(desk.segmenter.info, notices=("The GPU ran out of memory; the CPU is used.",))
    desk.until(lambda: desk.message == "The GPU ran out of memory; the CPU is used.")
    Easel(desk).ready()
    desk.qtbot.mouseClick(desk.part("message_dismiss"), LEFT)
    desk.press("J")
    desk.until(lambda: desk.session.studio.controller.page is not None)
    assert desk.message == ""
    assert "The GPU ran out of memory" in desk.part("status_segmenter").toolTip()


def outlined(hand: Easel) -> bool:
    """Whether a region is seen on the canvas."""
    return sees(hand, ADDS_RGB)


def sees(hand: Easel, rgb: tuple[int, int, int]) -> bool:
    """Whether a colour is seen on the canvas."""
    image = hand.viewport.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    picture = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    return bool((picture == rgb).all(axis=2).any())


def test_a_region_stays_in_sight_when_the_localizer_comes_and_when_the_image_is_analyzed_again(open_desk, case, pace):
    pace.load_s = 1.5
    desk = open_desk([case], pace=pace, ready=False)
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk)
    desk.until(lambda: hand.controller.page is not None)
    hand.key("Q")
    hand.drag((20, 20), (60, 40))
    hand.settle()
    assert desk.session.localizer is None and outlined(hand)
    desk.until(lambda: desk.session.current.examination is not None)
    assert outlined(hand)
    first = desk.session.current.examination
    desk.press("F5")
    # The moment without a result may be shorter than a look at it.
    desk.until(lambda: not any(desk.session.current.examination is each for each in (None, first)))
    desk.until(lambda: hand.controller.page is not None)
    hand.settle()
    assert outlined(hand)
    desk.session.current.reconsider()
    desk.qtbot.wait(200)
    assert outlined(hand)


def test_alt_over_a_resting_hand_takes_the_proposal_away_where_nothing_was_said_to_belong_yet(open_desk, case):
    desk = open_desk([case])
    desk.until(lambda: desk.session.current.decoded is not None)
    hand = Easel(desk).ready()
    desk.session.studio.controller.choose_tool(Tool.POINT)
    desk.qtbot.mouseMove(hand.viewport, hand.at(30, 30))
    desk.until(lambda: sees(hand, PROPOSED_RGB))
    desk.qtbot.keyPress(desk.list, Qt.Key.Key_Alt, Qt.KeyboardModifier.AltModifier)
    desk.until(lambda: not sees(hand, PROPOSED_RGB))
    desk.qtbot.keyRelease(desk.list, Qt.Key.Key_Alt)
    desk.until(lambda: sees(hand, PROPOSED_RGB))
