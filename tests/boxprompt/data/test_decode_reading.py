"""Evidence is read once, hashed, and left exactly as it was."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from boxprompt.data.decode import DecodeRefused, Refusal
from boxprompt.data.decode.reading import read_evidence

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file types")
LIMIT = 1 << 20


def refused(path: Path, *, max_bytes: int = LIMIT) -> DecodeRefused:
    with pytest.raises(DecodeRefused) as caught:
        read_evidence(path, max_bytes=max_bytes)
    assert str(path) not in caught.value.sentence
    return caught.value


def test_the_hash_is_nists(tmp_path: Path) -> None:
    path = tmp_path / "vector"
    path.write_bytes(b"abc")
    file = read_evidence(path, max_bytes=LIMIT)
    # FIPS 180-4 example for SHA-256.
    assert file.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file.data == b"abc"


def test_the_modification_time_is_utc_to_the_microsecond(tmp_path: Path) -> None:
    path = tmp_path / "dated"
    path.write_bytes(b"x")
    os.utime(path, ns=(0, 1_600_000_000_123_456_000))
    assert read_evidence(path, max_bytes=LIMIT).modified_utc == "2020-09-13T12:26:40.123456+00:00"


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "evidence.jpg"
    path.write_bytes(os.urandom(1000))
    # Read before it was modified: a system that keeps relative access times would update this one.
    os.utime(path, ns=(1_500_000_000_000_000_000, 1_600_000_000_000_000_000))
    path.chmod(0o444)
    before, digest = path.stat(), hashlib.sha256(path.read_bytes() if not hasattr(os, "O_NOATIME") else b"").hexdigest()
    file = read_evidence(path, max_bytes=LIMIT)
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns, after.st_mode) == (
        before.st_mtime_ns,
        before.st_ctime_ns,
        before.st_mode,
    )
    if hasattr(os, "O_NOATIME"):
        assert after.st_atime_ns == before.st_atime_ns
    else:
        assert file.sha256 == digest


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as stream:
        stream.truncate(LIMIT + 1)
    assert refused(path).kind is Refusal.TOO_LARGE


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing").sentence == "The file does not exist."
    (tmp_path / "file").write_bytes(b"x")
    assert refused(tmp_path / "file" / "below").kind is Refusal.NOT_READABLE
    assert refused(tmp_path / "nul\0").kind is Refusal.NOT_READABLE


@posix
def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert "symbolic link" in refused(tmp_path / "link").sentence


@posix
def test_folders_fifos_sockets_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert "FIFO" in refused(tmp_path / "fifo").sentence
    assert "folder" in refused(tmp_path).sentence
    assert "device" in refused(Path("/dev/zero")).sentence
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(short) / "s"))
        assert "socket" in refused(Path(short) / "s").sentence


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_said(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "permission denied" in refused(path).sentence


@pytest.mark.skipif(not Path("/sys/kernel/mm").is_dir(), reason="a system whose files lie about their size")
def test_a_file_whose_size_does_not_hold_is_refused() -> None:
    lying = next(path for path in Path("/sys/kernel/mm").rglob("*") if path.is_file() and os.access(path, os.R_OK))
    assert "changed while it was being read" in refused(lying).sentence
