"""What the segmenter does beside the hand: it is waited for when a case is closed, and is ahead when one goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from forensic_gui.domain.annotation import Annotation
from forensic_gui.services.case import CaseSession
from forensic_gui.views.annotating.prompter import Phase
from forensic_gui.views.casework import leaving
from tests.gui.easel import Easel


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


@pytest.fixture
def closing(open_desk, case):
    """A window whose case is being closed while the segmenter takes its time over a box."""

    def close(*, takes_s):
        desk = open_desk([case])
        desk.until(lambda: desk.session.current.decoded is not None)
        hand = Easel(desk).ready()
        desk.segmenter.decode_wait.seconds = takes_s
        hand.key("X")
        hand.drag((20, 15), (60, 45))
        desk.until(lambda: desk.session.studio.prompter.is_answering)
        desk.run("close_case")
        return desk

    return close


def leaving_text(desk):
    texts = desk.window.findChildren(QLabel, "leaving_text")
    return texts[0].text() if texts and texts[0].isVisible() else ""


def test_closing_a_case_waits_for_what_the_segmenter_still_has_to_cut_out(closing, case):
    desk = closing(takes_s=1.5)
    desk.until(lambda: "Box on img_1.jpg" in leaving_text(desk))
    assert desk.session.case.is_open
    desk.until(lambda: not desk.session.case.holds_files)
    assert desk.message == ""
    (region,) = kept(case).regions
    assert region.details.prompts.box.x0 == pytest.approx(20, abs=1.5)


def test_what_the_segmenter_does_not_cut_out_in_time_is_named_before_the_case_is_closed(closing, case, monkeypatch):
    monkeypatch.setattr(leaving, "ANSWER_WITHIN_S", 0.5)
    desk = closing(takes_s=30)
    desk.until(lambda: "This is not in the case:\n\nBox on img_1.jpg" in leaving_text(desk))
    assert desk.session.case.is_open
    desk.part("leaving_button").click()
    desk.until(lambda: not desk.session.case.holds_files)
    assert desk.message == ""
    assert kept(case).regions == ()


def test_nobody_has_to_wait_for_the_segmenter_who_closes_a_case(closing, case):
    desk = closing(takes_s=30)
    desk.until(lambda: "Box on img_1.jpg" in leaving_text(desk))
    button = desk.part("leaving_button")
    assert button.text() == "Close Without"
    button.click()
    desk.until(lambda: not desk.session.case.holds_files)
    assert kept(case).regions == ()


def test_the_next_image_of_the_list_is_encoded_while_the_analyst_looks_at_this_one(open_desk, make_case):
    desk = open_desk([make_case(3)])
    desk.segmenter.info = replace(desk.segmenter.info, keeps_encodings=True)
    desk.until_shown("img_1.jpg – Harbour")
    desk.until(lambda: desk.session.studio.prompter.phase is Phase.READY)
    desk.press("J")
    desk.until_shown("img_2.jpg – Harbour")
    desk.until(lambda: len(set(desk.segmenter.encoded)) == 3)
    encoded = len(desk.segmenter.encoded)
    desk.press("J")
    desk.until_shown("img_3.jpg – Harbour")
    desk.until(lambda: desk.session.studio.prompter.phase is Phase.READY)
    assert len(desk.segmenter.encoded) == encoded
