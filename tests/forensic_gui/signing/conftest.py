"""Keys of one examiner, made once: generating them takes longer than most tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.services.signing import Pkcs12Key, sign
from tests.forensic_gui.signing.made_keys import PASSWORD, MadeKey, made_key, time_stamping_service
from tests.forensic_gui.signing.made_reports import pdf_report


@pytest.fixture(scope="session")
def authority() -> MadeKey:
    """Who issues certificates."""
    return made_key("Test Authority", is_authority=True)


@pytest.fixture(scope="session")
def examiner(authority: MadeKey) -> MadeKey:
    """Who signs."""
    return made_key("Ada Lovelace", issuer=authority)


@pytest.fixture(scope="session")
def key(examiner: MadeKey, tmp_path_factory: pytest.TempPathFactory) -> Pkcs12Key:
    """The examiner's key in a file."""
    return Pkcs12Key(examiner.write_p12(tmp_path_factory.mktemp("keys") / "examiner.p12"), password=PASSWORD)


@pytest.fixture(scope="session")
def lone_key(tmp_path_factory: pytest.TempPathFactory) -> Pkcs12Key:
    """A key whose certificate nobody issued."""
    path = made_key("Self Made").write_p12(tmp_path_factory.mktemp("keys") / "lone.p12")
    return Pkcs12Key(path, password=PASSWORD)


@pytest.fixture(scope="session")
def time_authority(authority: MadeKey) -> MadeKey:
    """Who stamps the time."""
    return made_key("Test Time", issuer=authority, stamps_time=True)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection fails the test."""
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Where a report is written."""
    return tmp_path / "Harbour.pdf"


@pytest.fixture(scope="session")
def signed(key: Pkcs12Key, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A signed report."""
    path = tmp_path_factory.mktemp("signed") / "report.pdf"
    path.write_bytes(pdf_report())
    sign(path, reason="Revision 2", key=key)
    return path.read_bytes()


@pytest.fixture(scope="session")
def stamped(key: Pkcs12Key, time_authority: MadeKey, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A signed report with a time stamp."""
    path = tmp_path_factory.mktemp("stamped") / "report.pdf"
    path.write_bytes(pdf_report())
    with time_stamping_service(time_authority) as (url, _):
        sign(path, reason="Revision 2", key=key, timestamp=url)
    return path.read_bytes()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that properties write over and over."""
    return tmp_path_factory.mktemp("place") / "report.pdf"
