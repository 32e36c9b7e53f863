"""Keys of one examiner, made once: generating them takes longer than most tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.services.signing import Pkcs12Key
from tests.forensic_gui.signing.made_keys import PASSWORD, MadeKey, made_key


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
