"""What the vault cannot read it says in a sentence; what it holds it measures, or says that it cannot."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.errors import EvidenceNotReadable, OutputError
from forensic_gui.storage.case import vault
from forensic_gui.storage.case.folder import CaseFolder


def nothing() -> None:
    """Nobody asks to stop."""


@pytest.fixture
def place(tmp_path: Path) -> CaseFolder:
    """A folder with an empty vault."""
    folder = CaseFolder(tmp_path / "A.case")
    folder.originals.mkdir(parents=True)
    return folder


def keep(place: CaseFolder, source: Path) -> vault.Kept:
    return vault.keep(place, source, check=nothing, known_suffix=lambda sha256: None)


def test_a_folder_a_fifo_a_link_and_a_path_of_no_system_are_refused(place: CaseFolder, tmp_path: Path) -> None:
    link, fifo = tmp_path / "link", tmp_path / "fifo"
    link.symlink_to(tmp_path)
    sources = [tmp_path, link, tmp_path / "absent", Path("a\0b")]
    if hasattr(os, "mkfifo"):
        os.mkfifo(fifo)  # opening it must not wait for a writer
        sources.append(fifo)
    for source in sources:
        with pytest.raises(EvidenceNotReadable, match=r"\.$"):
            keep(place, source)
    assert list(place.originals.iterdir()) == []


def test_the_owner_alone_may_leave_the_access_time_and_everybody_may_read(
    place: CaseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    opened, flags = os.open, []

    def refuse_no_atime(path: Any, wanted: int, *args: Any) -> int:
        if str(path).endswith("a.jpg"):
            flags.append(wanted)
            if wanted & vault._NO_ATIME:
                raise PermissionError(errno.EPERM, "Operation not permitted")
        return opened(path, wanted, *args)

    monkeypatch.setattr(vault, "_NO_ATIME", 1 << 30)
    monkeypatch.setattr(os, "open", refuse_no_atime)
    assert keep(place, tmp_path / "a.jpg").size_bytes == 1
    assert len(flags) == 2
    monkeypatch.setattr(vault, "_NO_ATIME", 0)  # where the system has no such thing
    assert not keep(place, tmp_path / "a.jpg").is_new


def test_sources_are_opened_for_reading_only(
    place: CaseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    opened = os.open
    seen: list[int] = []

    def note(path: Any, flags: int, *args: Any) -> int:
        if Path(path) == tmp_path / "a.jpg":
            seen.append(flags)
        return opened(path, flags, *args)

    monkeypatch.setattr(os, "open", note)
    keep(place, tmp_path / "a.jpg")
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    assert seen
    assert all(not flags & writing and flags & os.O_NOFOLLOW for flags in seen)


def test_a_disk_that_fails_while_reading_is_told(
    place: CaseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")

    def fail(*_: Any) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(EvidenceNotReadable, match="Input/output error"):
        keep(place, tmp_path / "a.jpg")
    assert vault.measured(tmp_path / "a.jpg", check=nothing) == ""
    assert list(place.originals.iterdir()) == []


def test_a_vault_that_takes_no_folder_keeps_nothing(place: CaseFolder, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    (place.originals / "ca").write_bytes(b"a file in the place of a folder")
    with pytest.raises(OutputError):
        keep(place, tmp_path / "a.jpg")
    assert [path.name for path in place.originals.iterdir()] == ["ca"]


def test_a_time_that_no_calendar_holds_is_kept_as_a_number(place: CaseFolder, tmp_path: Path) -> None:
    assert vault._iso_utc(10**30) == f"{10**30} ns since 1970-01-01T00:00:00+00:00"
    assert vault._iso_utc(0) == "1970-01-01T00:00:00+00:00"
