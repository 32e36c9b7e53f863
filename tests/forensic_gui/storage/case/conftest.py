"""A closed case with an item, as the storage sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.storage.case import items, trail
from forensic_gui.storage.case.items import NewItem
from forensic_gui.storage.case.opening import create_case

TIME = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed case with one item."""
    with create_case(tmp_path / "Harbour.case", author="Ada", account="ada", time=TIME, tool_version="0.1.0") as case:
        with case.database.changing() as connection:
            new = NewItem("ab" * 32, ".jpg", "IMG_1.jpg", "/photos/IMG_1.jpg", 4, TIME, TIME, "Ada", "Quay")
            items.insert(connection, new)
            trail.append(connection, time=TIME, actor="Ada", action="evidence added", subject=new.sha256)
        return case.folder.path
