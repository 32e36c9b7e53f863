"""A case in which something of every kind was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_findings import MAPS, finding

FACTS = DecodeFacts("JPEG", "Pillow", "13.0.0", Size(8, 6), Orientation.UPRIGHT, "RGB", 8)
EVENTS = 12
"""How many events the case has."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed case of «Ada» with two items, a finding, an edit, a group and a tag."""
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    (photographs / "IMG_9.JPG").write_bytes(b"nine")
    (photographs / "IMG_10.jpg").write_bytes(b"ten")
    with CaseSession.create(tmp_path / "Harbour", author="Ada") as case:
        first, second = case.add([photographs / "IMG_9.JPG", photographs / "IMG_10.jpg"]).added
        case.note_decoded(first, FACTS)
        case.put_finding(first, finding(case, first, FACTS), MAPS)
        case.commit(first, SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND), label="Mark")
        case.undo(first)
        case.set_group([first, second], "Quay")
        case.tag([second], add=["seen"])
        case.note_unreadable(second, "It is no photograph.")
        case.verify(occasion="test")
        return case.folder
