"""Small images with regions, a decoder without a process of its own, and ways to write and read their labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from forensic_gui.services import bootstrap
from forensic_gui.services.case import CaseSession
from forensic_gui.services.ports import Decoder

from .helpers import PlainDecoder, photograph


@pytest.fixture
def case(tmp_path: Path) -> Iterator[CaseSession]:
    """An empty case of «Ada»."""
    with CaseSession.create(tmp_path / "Harbour", author="Ada") as session:
        yield session


@pytest.fixture
def plain() -> PlainDecoder:
    return PlainDecoder()


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    """The decoder of record, in its child process."""
    real = bootstrap.open_decoder()
    yield real
    real.close()


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder with three PNGs of different pixels, 13 by 9."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(3):
        photograph(folder / f"IMG_{number}.png", seed=number)
    assert len({hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}) == 3
    return folder
