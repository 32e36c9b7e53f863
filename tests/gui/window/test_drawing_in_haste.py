"""What an analyst in a hurry does: he goes on before a field is left, before an image is shown, before an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit

from forensic_gui.services.case import CaseSession
from tests.gui.easel import Easel


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
