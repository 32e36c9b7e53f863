"""A small case, and what is needed to work on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services.case import CaseSession

SIZE = Size(8, 6)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder with three files of different bytes, one of them in a subfolder."""
    folder = tmp_path / "photographs"
    (folder / "more").mkdir(parents=True)
    (folder / "IMG_9.JPG").write_bytes(b"nine")
    (folder / "IMG_10.jpg").write_bytes(b"ten")
    (folder / "more" / "scan.tif").write_bytes(b"scan")
    return folder


@pytest.fixture
def case(tmp_path: Path) -> Iterator[CaseSession]:
    """An empty case of «Ada»."""
    with CaseSession.create(tmp_path / "Harbour", author="Ada") as session:
        yield session


@pytest.fixture
def facts() -> DecodeFacts:
    """How an upright image of 8x6 pixels was decoded."""
    return DecodeFacts("JPEG", "Pillow", "13.0.0", SIZE, Orientation.UPRIGHT, "RGB", 8)


@pytest.fixture
def drawable(case: CaseSession, photographs: Path, facts: DecodeFacts) -> int:
    """Id of an item whose size is known."""
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    case.note_decoded(item_id, facts)
    return item_id
