"""Evidence is found lazily and in order, and nothing is followed that could lead elsewhere."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import tracemalloc
from itertools import islice
from pathlib import Path

import pytest

from boxprompt.data.decode import SUFFIXES as DECODABLE
from forensic_gui.services import listing
from forensic_gui.services.listing import EvidenceCount, ListedFile, SkippedFile, count_evidence, find_evidence

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file types")


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def names(*paths: Path) -> list[str]:
    return [found.path.name for found in find_evidence(paths) if isinstance(found, ListedFile)]


def skipped(*paths: Path) -> list[SkippedFile]:
    return [found for found in find_evidence(paths) if isinstance(found, SkippedFile)]


def test_folders_recurse_in_a_fixed_order(tmp_path: Path) -> None:
    touch(tmp_path / "b" / "d.png", tmp_path / "b" / "c" / "e.tif", tmp_path / "a" / "z.jpg", tmp_path / "m.jpg")
    assert names(tmp_path) == ["m.jpg", "z.jpg", "d.png", "e.tif"]
    assert names(tmp_path / "b", tmp_path / "a") == ["d.png", "e.tif", "z.jpg"]


def test_companions_and_hidden_files_are_counted_and_everything_else_is_listed(tmp_path: Path) -> None:
    touch(*(tmp_path / name for name in ("a.JPG", "b.txt", "c.Nef", "d", "e.psd", "f.png.zip", ".DS_Store", "g.XMP")))
    assert names(tmp_path) == ["a.JPG", "c.Nef", "d", "e.psd"]
    assert count_evidence([tmp_path]) == EvidenceCount(files=4, skipped=0, other=4)


def test_hidden_folders_are_counted_like_hidden_files_and_not_entered(tmp_path: Path) -> None:
    touch(tmp_path / ".thumbnails" / "a.png", tmp_path / "b" / ".trash" / "c.png", tmp_path / "b" / "d.png")
    assert names(tmp_path) == ["d.png"]
    assert count_evidence([tmp_path]) == EvidenceCount(files=1, skipped=0, other=2)


def test_a_hidden_folder_that_is_named_is_entered(tmp_path: Path) -> None:
    touch(tmp_path / ".case" / "a.png")
    assert names(tmp_path / ".case") == ["a.png"]


def test_a_file_named_explicitly_is_always_tried(tmp_path: Path) -> None:
    touch(tmp_path / "photo.bin")
    assert list(find_evidence([tmp_path / "photo.bin"])) == [ListedFile(tmp_path / "photo.bin", root=tmp_path)]


def test_files_know_the_folder_that_was_given(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "y" / "a.png")
    assert [found.root for found in find_evidence([tmp_path / "x"]) if isinstance(found, ListedFile)] == [
        tmp_path / "x"
    ]


def test_a_missing_path_is_an_explicit_failure_and_the_rest_goes_on(tmp_path: Path) -> None:
    touch(tmp_path / "a.png")
    missing, found = find_evidence([tmp_path / "gone", tmp_path / "a.png"])
    assert isinstance(missing, SkippedFile)
    assert missing.explicit
    assert str(missing.error) == "The file does not exist."
    assert isinstance(found, ListedFile)
    assert "could not be read" in str(skipped(tmp_path / "nul\0")[0].error)


@posix
def test_links_fifos_and_sockets_in_a_folder_are_skipped_with_a_reason(tmp_path: Path) -> None:
    touch(tmp_path / "outside" / "secret.png", tmp_path / "case" / "a.png")
    case = tmp_path / "case"
    (case / "file.png").symlink_to(tmp_path / "outside" / "secret.png")
    (case / "folder").symlink_to(tmp_path / "outside")
    (case / "loop").symlink_to(case)
    os.mkfifo(case / "pipe.png")
    assert names(case) == ["a.png"]
    reasons = {found.path.name: str(found.error) for found in skipped(case)}
    assert {name: reason.split(",")[0] for name, reason in reasons.items()} == {
        "file.png": "This is a symbolic link",
        "folder": "This is a symbolic link",
        "loop": "This is a symbolic link",
        "pipe.png": "This is a FIFO",
    }
    assert not any(found.explicit for found in skipped(case))


@posix
def test_a_special_file_named_explicitly_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(short) / "s"))
        found = skipped(tmp_path / "link", Path("/dev/zero"), Path(short) / "s")
    assert [item.explicit for item in found] == [True, True, True]
    assert [str(item.error).split(",")[0] for item in found] == [
        "This is a symbolic link",
        "This is a device",
        "This is a socket",
    ]


def test_a_folder_given_twice_is_entered_once(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "b" / "x.png")
    assert names(tmp_path, tmp_path / "a", tmp_path) == ["x.png"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_without_permission_is_skipped_with_a_reason(tmp_path: Path) -> None:
    touch(tmp_path / "closed" / "a.png", tmp_path / "open" / "b.png")
    (tmp_path / "closed").chmod(0)
    try:
        assert names(tmp_path) == ["b.png"]
        assert "permission denied" in str(skipped(tmp_path)[0].error)
    finally:
        (tmp_path / "closed").chmod(0o755)


def test_a_folder_that_vanishes_is_skipped_with_a_reason(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "x.png", tmp_path / "b" / "y.png")
    found = find_evidence([tmp_path])
    first = next(found)
    (tmp_path / "b" / "y.png").unlink()
    (tmp_path / "b").rmdir()
    rest = list(found)
    assert isinstance(first, ListedFile)
    assert [str(item.error) for item in rest if isinstance(item, SkippedFile)] == ["The file does not exist."]


def test_ten_thousand_files_list_lazily_in_constant_memory(tmp_path: Path) -> None:
    # Hard links make ten thousand names out of few files quickly.
    for folder in range(100):
        (tmp_path / f"{folder:03}").mkdir()
        touch(tmp_path / f"{folder:03}" / "000.png")
        for index in range(1, 100):
            os.link(tmp_path / f"{folder:03}" / "000.png", tmp_path / f"{folder:03}" / f"{index:03}.png")
    tracemalloc.start()
    assert sum(1 for _ in find_evidence([tmp_path])) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300_000
    assert count_evidence([tmp_path]).files == 10_000
    assert len(list(islice(find_evidence([tmp_path]), 3))) == 3


def test_every_format_that_can_be_decoded_is_listed() -> None:
    assert frozenset().union(*DECODABLE.values()) == listing.SUFFIXES
