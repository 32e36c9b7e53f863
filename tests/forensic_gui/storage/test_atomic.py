"""Files are there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.errors import Cancelled, OutputError, OutputExhausted
from forensic_gui.storage import atomic
from forensic_gui.storage.atomic import StagedFile, commit_together, make_folder, output_error, remove_leftovers


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def staged(path: Path, data: bytes = b"new") -> StagedFile:
    with StagedFile(path) as file:
        file.write(data)
    return file


def test_nothing_is_at_its_place_before_the_commit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    file = staged(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"old"
    commit_together([file])
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_it_knows_the_hash_and_size_of_what_was_written(tmp_path: Path) -> None:
    with StagedFile(tmp_path / "a") as file:
        for part in (b"one", memoryview(b"two"), bytearray(b"three")):
            file.write(part)
    file.commit()
    data = (tmp_path / "a").read_bytes()
    assert (file.sha256, file.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize("interruption", [Cancelled, KeyboardInterrupt, ValueError])
def test_an_interrupted_write_leaves_nothing(tmp_path: Path, interruption: type[BaseException]) -> None:
    with pytest.raises(interruption), StagedFile(tmp_path / "a") as file:
        file.write(b"half")
        raise interruption
    assert names(tmp_path) == []


def test_discarding_twice_or_after_the_commit_harms_nothing(tmp_path: Path) -> None:
    file = staged(tmp_path / "a")
    file.discard()
    file.discard()
    assert names(tmp_path) == []
    kept = staged(tmp_path / "a")
    kept.commit()
    kept.discard()
    assert (tmp_path / "a").exists()


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic.os, "fsync", no_space)
    with pytest.raises(OutputExhausted, match="No space left on device"), StagedFile(tmp_path / "a") as file:
        file.write(b"data")
    assert names(tmp_path) == []


def test_where_one_file_cannot_be_placed_none_is(tmp_path: Path) -> None:
    files = [staged(tmp_path / name) for name in ("a", "b", "c")]
    (tmp_path / "b").mkdir()  # a folder stands in the way
    with pytest.raises(OutputError, match="could not be written"):
        commit_together(files)
    assert names(tmp_path) == ["b"]


def test_a_folder_that_takes_no_file_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose another output folder"):
        StagedFile(tmp_path / "missing" / "a")


def test_a_refused_write_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def __init__(self, file: Any) -> None:
            self._file = file

        def write(self, _data: bytes) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    with pytest.raises(OutputError, match="Input/output error"), StagedFile(tmp_path / "a") as file:
        file._file = Refusing(file._file)
        file.write(b"data")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, OutputExhausted), (errno.EROFS, OutputExhausted), (errno.EACCES, OutputError)]
)
def test_only_what_will_not_pass_ends_a_run(number: int, kind: type[OutputError]) -> None:
    assert type(output_error(Path("x"), OSError(number, os.strerror(number)))) is kind


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free space or choose another output folder."),
        (errno.EROFS, "make its file system writable or choose another output folder."),
        (errno.EACCES, "ask for permission to write there or choose another output folder."),
        (errno.ENOENT, "see whether its folder is still there or choose another output folder."),
        (errno.EEXIST, "move away what lies in its place or choose another output folder."),
        (errno.EIO, "choose another output folder."),
    ],
)
def test_the_advice_is_that_of_what_went_wrong(number: int, advice: str) -> None:
    reason = os.strerror(number)
    assert str(output_error(Path("x"), OSError(number, reason))) == f"x could not be written ({reason}): {advice}"


def test_only_staged_files_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    StagedFile(tmp_path / "a")._file.close()  # killed here: nothing commits or discards it
    (left,) = names(tmp_path)
    kept = [".0123456789abcdef.part~", ".0123456789abcde.part", ".0123456789ABCDEF.part", "a.part", f"{left[1:]}"]
    for name in kept:
        (tmp_path / name).write_bytes(b"somebody else's")
    (tmp_path / ".fedcba9876543210.part").mkdir()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / left).write_bytes(b"somebody else's")
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted([*kept, ".fedcba9876543210.part", "deeper"])
    assert names(tmp_path / "deeper") == [left]


def test_a_file_goes_to_a_place_that_is_known_only_at_the_end(tmp_path: Path) -> None:
    with StagedFile(tmp_path / "incoming", mode=0o444) as file:
        file.write(b"new")
    make_folder(tmp_path / "sub")
    make_folder(tmp_path / "sub")
    file.commit(path=tmp_path / "sub" / file.sha256)
    assert file.path.read_bytes() == b"new"
    assert file.path.stat().st_mode & 0o222 == 0
    assert (names(tmp_path), names(tmp_path / "sub")) == (["sub"], [file.sha256])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written"):
        make_folder(tmp_path / "absent" / "sub")
