"""Archives: what is packed comes back, and nothing that a stranger packed does harm."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensic_gui.domain.errors import ArchiveRefused, Cancelled, OutputError
from forensic_gui.storage import archive as archives
from forensic_gui.storage.archive import MANIFEST_NAME, MANIFEST_SCHEMA, Member, pack, read_manifest, unpack

NAMES = st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}\.[a-z]{1,3})?", fullmatch=True)
HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


def _files(folder: Path, contents: dict[str, bytes]) -> dict[str, Path]:
    files = {}
    for number, (name, data) in enumerate(contents.items()):
        files[name] = folder / f"source-{number}"
        files[name].write_bytes(data)
    return files


def _forge(path: Path, members: list[tuple[zipfile.ZipInfo | str, bytes]], stated: list[list[object]]) -> Path:
    """An archive as a stranger would make it, its manifest naming what is `stated`."""
    manifest = {"schema": MANIFEST_SCHEMA, "about": {}, "members": stated}
    with zipfile.ZipFile(path, "w") as zipped, pytest.warns() if _has_duplicates(members) else nullcontext():
        zipped.writestr(MANIFEST_NAME, json.dumps(manifest))
        for name, data in members:
            zipped.writestr(name, data)
    return path


def _has_duplicates(members: list[tuple[zipfile.ZipInfo | str, bytes]]) -> bool:
    names = [name if isinstance(name, str) else name.filename for name, _ in members]
    return len(set(names)) < len(names)


def _refused(path: Path, folder: Path) -> str:
    with pytest.raises(ArchiveRefused) as told:
        unpack(path, folder)
    assert not folder.exists()
    return str(told.value)


@settings(max_examples=25, deadline=None)
@given(
    contents=st.dictionaries(
        st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}\.[a-z]{1,3})?", fullmatch=True),
        st.binary(max_size=2000),
        max_size=6,
    )
)
def test_what_is_packed_comes_back(contents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("round")
    # A name that is a file and also a folder of another is no folder's content.
    contents = {name: data for name, data in contents.items() if not any(o.startswith(name + "/") for o in contents)}
    packed = pack(folder / "a.zip", _files(folder, contents), about={"case": "x"})
    assert read_manifest(folder / "a.zip") == packed
    assert unpack(folder / "a.zip", folder / "out") == packed
    for name, data in contents.items():
        assert (folder / "out").joinpath(*name.split("/")).read_bytes() == data
    assert sum(path.is_file() for path in (folder / "out").rglob("*")) == len(contents)


def test_the_same_files_make_the_same_archive_to_the_byte(tmp_path: Path) -> None:
    files = _files(tmp_path, {"b": b"2", "a/c.jpg": b"1"})
    pack(tmp_path / "1.zip", files, about={})
    pack(tmp_path / "2.zip", dict(reversed(files.items())), about={})
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "/etc/x",
        "../x",
        "a/../../x",
        "a/./x",
        "C:x",
        "C:/x",
        "a\\..\\x",
        "x:stream",
        "",
        "a//b",
        "a/",
        "nul",
        "a/CON.txt",
        "x.",
        "a\x00b",
        "ä",
        ".hidden",
        "a b\n",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    path = _forge(tmp_path / "a.zip", [], [[name, 5, HELLO_SHA256]])
    _refused(path, tmp_path / "out")
    unlisted = _forge(tmp_path / "b.zip", [(name, b"hello")] if name else [("x", b"hello")], [])
    _refused(unlisted, tmp_path / "out")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.zip", "b.zip"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    told = _refused(_forge(tmp_path / "a.zip", [(link, b"hello")], [["link", 5, HELLO_SHA256]]), tmp_path / "out")
    assert "link" in told


def test_a_member_that_occurs_twice_is_refused_in_any_case_of_letters(tmp_path: Path) -> None:
    for names in (("x", "x"), ("x", "X")):
        members = [(name, b"hello") for name in names]
        told = _refused(
            _forge(tmp_path / "a.zip", members, [[name, 5, HELLO_SHA256] for name in dict.fromkeys(names)]),
            tmp_path / "out",
        )
        assert "twice" in told


def test_a_manifest_that_names_a_file_twice_is_refused(tmp_path: Path) -> None:
    path = _forge(tmp_path / "a.zip", [("x", b"hello")], [["x", 5, HELLO_SHA256]] * 2)
    assert "twice" in _refused(path, tmp_path / "out")


def test_what_the_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    assert "'y'" in _refused(
        _forge(tmp_path / "a.zip", [("x", b"hello"), ("y", b"")], [["x", 5, HELLO_SHA256]]), tmp_path / "out"
    )


def test_what_the_manifest_names_but_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "'x'" in _refused(_forge(tmp_path / "a.zip", [], [["x", 5, HELLO_SHA256]]), tmp_path / "out")


def test_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = _forge(tmp_path / "a.zip", [("x", b"hellp")], [["x", 5, HELLO_SHA256]])
    assert "not what the manifest states" in _refused(path, tmp_path / "out")


def test_a_bomb_is_refused_by_its_stated_size_before_anything_is_written(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x")
    info.compress_type = zipfile.ZIP_DEFLATED
    path = _forge(tmp_path / "a.zip", [(info, b"\0" * 50_000_000)], [["x", 10, HELLO_SHA256]])
    assert path.stat().st_size < 100_000
    assert "size" in _refused(path, tmp_path / "out")


def test_a_bomb_that_lies_in_its_directory_is_stopped_at_the_stated_size(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x")
    info.compress_type = zipfile.ZIP_DEFLATED
    path = _forge(tmp_path / "a.zip", [(info, b"\0" * 1_000_000)], [["x", 10, HELLO_SHA256]])
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")  # uncompressed size in the central directory
    path.write_bytes(data)
    _refused(path, tmp_path / "out")


def test_a_bomb_that_tells_the_truth_is_refused_by_what_it_takes_packed(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x")
    info.compress_type = zipfile.ZIP_DEFLATED
    data = bytes(archives.ALWAYS_UNPACKED_BYTES + 1)
    path = _forge(tmp_path / "a.zip", [(info, data)], [["x", len(data), hashlib.sha256(data).hexdigest()]])
    assert "100 times" in _refused(path, tmp_path / "out")


def test_what_compresses_well_and_takes_little_is_unpacked(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x")
    info.compress_type = zipfile.ZIP_DEFLATED
    data = bytes(1_000_000)
    path = _forge(tmp_path / "a.zip", [(info, data)], [["x", len(data), hashlib.sha256(data).hexdigest()]])
    unpack(path, tmp_path / "out")
    assert (tmp_path / "out" / "x").read_bytes() == data


@pytest.mark.parametrize("value", ["[],", "{},", "0,"])
def test_a_manifest_that_would_fill_the_memory_is_refused_before_it_is_parsed(
    tmp_path: Path, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(archives.json, "loads", parse)
    many = value * (4 * archives.MOST_MEMBERS + 2_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(MANIFEST_NAME, f'{{"schema": "{MANIFEST_SCHEMA}", "about": {{}}, "members": [{many}0]}}')
    assert "more values" in _refused(tmp_path / "a.zip", tmp_path / "out")


def test_a_file_that_is_not_what_it_should_be_is_never_packed(tmp_path: Path) -> None:
    def refuse(member: Member) -> None:
        raise ArchiveRefused(member.sha256)

    with pytest.raises(ArchiveRefused, match=HELLO_SHA256):
        pack(tmp_path / "a.zip", _files(tmp_path, {"x": b"hello"}), about={}, check=refuse)
    assert not (tmp_path / "a.zip").exists()


def test_more_than_the_disk_has_room_for_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(tmp_path / "a.zip", _files(tmp_path, {"x": b"hello"}), about={})
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 4})())
    with pytest.raises(OutputError, match="5 bytes"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"schema": "other/9", "about": {}, "members": []}', b"[" * 100_000,
     b'{"schema": "forensic-gui.archive/1", "about": {}, "members": [["x"]]}',
     b'{"schema": "forensic-gui.archive/1", "about": {}, "members": [["x", -1, ""]]}',
     b'{"schema": "forensic-gui.archive/1", "about": {}, "members": [["x", 5, "no hash"]]}',
     b'{"schema": "forensic-gui.archive/1", "about": 5, "members": []}', b"\xff\xfe"],
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused(manifest: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr(MANIFEST_NAME, manifest)
    _refused(tmp_path / "a.zip", tmp_path / "out")


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and then nothing of the kind")
    _refused(tmp_path / "a.zip", tmp_path / "out")
    _refused(tmp_path / "missing.zip", tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as zipped:
        zipped.writestr("x", b"hello")
    assert MANIFEST_NAME in _refused(tmp_path / "b.zip", tmp_path / "out")


def test_every_cut_off_archive_is_refused(tmp_path: Path) -> None:
    pack(tmp_path / "a.zip", _files(tmp_path, {"x": b"hello" * 50, "y": b""}), about={})
    whole = (tmp_path / "a.zip").read_bytes()
    for length in range(0, len(whole) - 1, 7):
        (tmp_path / "cut.zip").write_bytes(whole[:length])
        _refused(tmp_path / "cut.zip", tmp_path / "out")


def test_a_flipped_bit_never_unpacks_to_other_content(tmp_path: Path) -> None:
    pack(tmp_path / "a.zip", _files(tmp_path, {"x": b"hello"}), about={"n": 1})
    whole = (tmp_path / "a.zip").read_bytes()
    for position in range(0, len(whole)):
        (tmp_path / "flipped.zip").write_bytes(
            whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :]
        )
        out = tmp_path / f"out-{position}"
        try:
            unpack(tmp_path / "flipped.zip", out)
        except ArchiveRefused:
            assert not out.exists()
        else:
            assert [(path.name, path.read_bytes()) for path in out.rglob("*")] == [("x", b"hello")]


def test_stopping_leaves_nothing_behind(tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    files = _files(tmp_path, {"x": b"hello"})
    with pytest.raises(Cancelled):
        pack(tmp_path / "a.zip", files, about={}, on_bytes=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source-0"]
    pack(tmp_path / "a.zip", files, about={})
    with pytest.raises(Cancelled):
        unpack(tmp_path / "a.zip", tmp_path / "out", on_bytes=stop)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_exists_is_not_unpacked_into(tmp_path: Path) -> None:
    pack(tmp_path / "a.zip", _files(tmp_path, {"x": b"hello"}), about={})
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_that_cannot_be_read_leaves_no_archive(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        pack(tmp_path / "a.zip", {"x": tmp_path / "missing"}, about={})
    with pytest.raises(ArchiveRefused):
        pack(tmp_path / "a.zip", {"../x": tmp_path / "missing"}, about={})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no call that makes names durable")
def test_what_is_unpacked_is_on_the_disk_file_by_file_and_folder_by_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {"a": b"hello", "some/b.txt": b"more", "some/c.txt": b""}
    pack(tmp_path / "x.zip", _files(tmp_path, contents), about={})
    synced: list[tuple[int, int]] = []  # what is synced, and how large it was by then

    def sync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        synced.append((found.st_ino, found.st_size if stat.S_ISREG(found.st_mode) else -1))

    monkeypatch.setattr(os, "fsync", sync)
    unpack(tmp_path / "x.zip", tmp_path / "out")
    files = [((tmp_path / "out" / name).stat().st_ino, len(data)) for name, data in contents.items()]
    folders = [(folder.stat().st_ino, -1) for folder in (tmp_path / "out" / "some", tmp_path / "out")]
    assert synced == [*files, *folders]


def test_an_archive_that_the_disk_does_not_take_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(tmp_path / "x.zip", _files(tmp_path, {"a": b"hello"}), about={})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        unpack(tmp_path / "x.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()
