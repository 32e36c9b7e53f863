"""A small case with images that a report can be made of, and what making one needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forensic_gui.domain.reports.record import WeightsFacts
from forensic_gui.services.case import CaseSession
from forensic_gui.services.decoding import DecoderPool, DecoderProcess, default_command
from forensic_gui.services.metadata import metadata_reader
from forensic_gui.services.reporting.contract import ReportPorts
from tests.forensic_gui.services.reporting.made_cases import put_photographs


@pytest.fixture(scope="package")
def ports() -> Iterator[ReportPorts]:
    """The real decoder and reader of metadata; one computer and one set of weights, which nobody vouches for."""
    with DecoderPool([DecoderProcess(default_command()) for _ in range(2)]) as decoders:
        yield ReportPorts(
            decoder=decoders,
            metadata=metadata_reader(decoders),
            weights=lambda weights_id, sha256: WeightsFacts(weights_id, sha256, None, is_validated=False),
            packages=lambda: {"numpy": "2.4.0"},
            environment=lambda: {"system": "Testing"},
        )


@pytest.fixture
def case(tmp_path: Path) -> Iterator[CaseSession]:
    """A case of «Ada» with three images: one analyzed and drawn on, one turned by its orientation, one untouched."""
    with CaseSession.create(tmp_path / "Harbour", author="Ada") as session:
        put_photographs(session, tmp_path / "photographs")
        yield session


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder
