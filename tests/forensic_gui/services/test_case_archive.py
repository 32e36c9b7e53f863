"""A case that is handed on arrives as it was, or not at all."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.annotation import Region, RegionDetails
from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.edits import AddRegion
from forensic_gui.domain.errors import (
    ArchiveRefused,
    Cancelled,
    CaseDamaged,
    CaseError,
    EvidenceAltered,
    OutputError,
)
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.archive import export_case, import_case
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.archive import MANIFEST_NAME
from forensic_gui.storage.case import database, findings, opening
from forensic_gui.storage.case.folder import CaseFolder

SIZE = Size(9, 7)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(3):
        pixels = np.full((*SIZE.shape, 3), number * 40, np.uint8)
        Image.fromarray(pixels).save(folder / f"IMG_{number}.png")
    return folder


@pytest.fixture
def case(tmp_path: Path, photographs: Path) -> CaseSession:
    """A case with three photographs and a region with a hole on the first."""
    with closing(CaseSession.create(tmp_path / "First.case", author="ada")) as session:
        session.add([photographs])
        session.note_decoded(1, DecodeFacts("PNG", "Pillow", "13", SIZE, Orientation.UPRIGHT, "RGB", 8))
        inside = np.zeros(SIZE.shape, bool)
        inside[1:6, 1:6] = True
        inside[3, 3] = False
        region = Region("r1", Mask.of(inside), RegionDetails("ada", "2026-01-01T00:00:00+00:00"))
        session.commit(1, AddRegion(region, 0), label="Brush")
        yield session


def _comparable(items: tuple[CaseItem, ...]) -> list[CaseItem]:
    return list(items)


def test_a_case_arrives_with_its_items_annotations_and_audit_trail(case: CaseSession, tmp_path: Path) -> None:
    exported = export_case(case, tmp_path / "first.zip")
    assert exported.items == 3
    info = import_case(tmp_path / "first.zip", tmp_path / "Second.case", author="bob")
    assert (info.id, info.name, info.items) == (case.info.id, "Second", 3)
    with closing(CaseSession.open(tmp_path / "Second.case", author="bob")) as second:
        assert _comparable(second.items()) == _comparable(case.items())
        assert second.annotation(1) == case.annotation(1)
        assert second.log(1) == case.log(1)
        assert second.verify(occasion="test") == ()
        actions = [event.action for event in second.audit()]
        assert case.audit()[0].action == actions[0]
        assert "case imported" in actions
        assert second.undo(1).annotation.regions == ()
        for item in second.items():
            assert not second.original(item.id).stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def test_the_suffix_is_added_where_it_is_missing(case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    import_case(tmp_path / "first.zip", tmp_path / "Second", author="bob")
    assert (tmp_path / "Second.case").is_dir()


def test_an_export_is_recorded_in_the_case(case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    assert case.audit()[-1].action == "case exported"
    assert case.audit()[-1].details["archive"] == "first.zip"


def test_an_altered_original_is_named_and_nothing_is_exported(case: CaseSession, tmp_path: Path) -> None:
    original = case.original(2)
    original.chmod(0o644)
    original.write_bytes(original.read_bytes()[:-1] + b"\0")
    with pytest.raises(EvidenceAltered, match=r"IMG_1\.png"):
        export_case(case, tmp_path / "first.zip")
    assert not (tmp_path / "first.zip").exists()
    assert not list(tmp_path.glob(".*"))


def test_an_original_that_is_altered_after_it_was_verified_is_not_exported(
    case: CaseSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = case.copy_database

    def alter_meanwhile(path: Path) -> None:
        original = case.original(2)
        original.chmod(0o644)
        original.write_bytes(b"another photograph")
        copy(path)

    monkeypatch.setattr(case, "copy_database", alter_meanwhile)
    with pytest.raises(EvidenceAltered, match=r"IMG_1\.png"):
        export_case(case, tmp_path / "first.zip")
    assert not (tmp_path / "first.zip").exists()
    event = case.audit()[-1]
    assert (event.action, [each["name"] for each in event.details["altered"]]) == ("originals verified", ["IMG_1.png"])


def _with_maps(case: CaseSession) -> Path:
    """Where a file of maps is kept, that no finding names yet."""
    folder = CaseFolder(case.folder)
    maps = folder.maps(findings.write_maps(folder, {"heatmap": np.ones((2, 3), np.float32)}))
    maps.chmod(0o644)
    return maps


def test_originals_and_maps_arrive_read_only(case: CaseSession, tmp_path: Path) -> None:
    _with_maps(case)
    export_case(case, tmp_path / "first.zip")
    import_case(tmp_path / "first.zip", tmp_path / "Second.case", author="bob")
    kept = [path for part in ("originals", "derived") for path in (tmp_path / "Second.case" / part).glob("*/*")]
    assert len(kept) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o444}


def test_altered_maps_are_not_exported(case: CaseSession, tmp_path: Path) -> None:
    maps = _with_maps(case)
    maps.write_bytes(b"another map")
    with pytest.raises(CaseDamaged, match=maps.name):
        export_case(case, tmp_path / "first.zip")
    assert not (tmp_path / "first.zip").exists()


def test_maps_that_were_exchanged_with_their_manifest_are_found_out(case: CaseSession, tmp_path: Path) -> None:
    name = _with_maps(case).relative_to(case.folder).as_posix()
    export_case(case, tmp_path / "first.zip")
    _repack(tmp_path / "first.zip", tmp_path / "forged.zip", {name: b"another map"}, honest=True)
    with pytest.raises(ArchiveRefused, match="not what its name says"):
        import_case(tmp_path / "forged.zip", tmp_path / "Second.case", author="bob")
    assert _nothing_kept(tmp_path)


def test_an_archive_is_not_unpacked_over_anything(case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    (tmp_path / "Second.case").mkdir()
    with pytest.raises(CaseError, match="exists already"):
        import_case(tmp_path / "first.zip", tmp_path / "Second.case", author="bob")
    with pytest.raises(OutputError, match="does not exist"):
        import_case(tmp_path / "first.zip", tmp_path / "no" / "Second.case", author="bob")


def _repack(archive: Path, out: Path, change: dict[str, bytes | None], *, honest: bool) -> None:
    """Copy an archive with members changed or left out; `honest` states the new hashes in the manifest."""
    import hashlib

    with zipfile.ZipFile(archive) as source:
        contents = {name: source.read(name) for name in source.namelist()}
    manifest = json.loads(contents.pop(MANIFEST_NAME))
    for name, data in change.items():
        contents.pop(name, None)
        if data is not None:
            contents[name] = data
    if honest:
        manifest["members"] = [
            [name, len(data), hashlib.sha256(data).hexdigest()] for name, data in sorted(contents.items())
        ]
    with zipfile.ZipFile(out, "w") as target:
        target.writestr(MANIFEST_NAME, json.dumps(manifest))
        for name, data in contents.items():
            target.writestr(name, data)


def _original_names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as zipped:
        return [name for name in zipped.namelist() if name.startswith("originals/")]


def _nothing_kept(folder: Path) -> bool:
    return not (folder / "Second.case").exists() and not list(folder.glob(".*"))


def test_an_original_that_was_exchanged_with_its_manifest_is_still_found_out(case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    victim = _original_names(tmp_path / "first.zip")[0]
    _repack(tmp_path / "first.zip", tmp_path / "forged.zip", {victim: b"another photograph"}, honest=True)
    with pytest.raises(EvidenceAltered):
        import_case(tmp_path / "forged.zip", tmp_path / "Second.case", author="bob")
    assert _nothing_kept(tmp_path)


def test_an_original_that_is_missing_is_found_out(case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    victim = _original_names(tmp_path / "first.zip")[0]
    _repack(tmp_path / "first.zip", tmp_path / "forged.zip", {victim: None}, honest=True)
    with pytest.raises((EvidenceAltered, CaseError)):
        import_case(tmp_path / "forged.zip", tmp_path / "Second.case", author="bob")
    assert _nothing_kept(tmp_path)


def test_a_database_that_is_none_is_refused(case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    _repack(tmp_path / "first.zip", tmp_path / "forged.zip", {"case.sqlite3": b"no database"}, honest=True)
    with pytest.raises(CaseError):
        import_case(tmp_path / "forged.zip", tmp_path / "Second.case", author="bob")
    assert _nothing_kept(tmp_path)


@pytest.mark.parametrize("name", ["evil.sh", "originals/x", "originals/ab/" + "a" * 63, "derived/../case.sqlite3"])
def test_a_file_that_is_no_part_of_a_case_is_refused(name: str, case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    _repack(tmp_path / "first.zip", tmp_path / "forged.zip", {name: b"x"}, honest=True)
    with pytest.raises(ArchiveRefused):
        import_case(tmp_path / "forged.zip", tmp_path / "Second.case", author="bob")
    assert _nothing_kept(tmp_path)


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    from forensic_gui.storage.archive import pack

    (tmp_path / "x").write_bytes(b"x")
    pack(tmp_path / "other.zip", {"x": tmp_path / "x"}, about={"kind": "something else"})
    with pytest.raises(ArchiveRefused, match="no archive of a case"):
        import_case(tmp_path / "other.zip", tmp_path / "Second.case", author="bob")


def test_stopping_an_import_keeps_nothing(case: CaseSession, tmp_path: Path) -> None:
    export_case(case, tmp_path / "first.zip")
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        import_case(tmp_path / "first.zip", tmp_path / "Second.case", author="bob", cancel=token)
    assert _nothing_kept(tmp_path)


def test_a_case_that_is_open_for_reading_only_can_be_exported(case: CaseSession, tmp_path: Path) -> None:
    with closing(CaseSession.open(case.folder, author="bob", read_only=True)) as second:
        exported = export_case(second, tmp_path / "first.zip")
    assert exported.items == 3
    shutil.rmtree(tmp_path / "photographs")
    assert import_case(tmp_path / "first.zip", tmp_path / "Second.case", author="bob").items == 3


def test_a_case_where_nothing_can_be_written_can_be_exported(
    case: CaseSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.close()
    refused = sqlite3.OperationalError("unable to open database file")
    refused.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN

    def connect(path: Path, *, mode: str) -> sqlite3.Connection:
        """As SQLite does in a folder where it may not write, which a privileged user cannot be kept from."""
        if path.parent == case.folder:
            raise refused
        return database.connect(path, mode=mode)

    monkeypatch.setattr(opening, "connect", connect)
    with closing(CaseSession.open(case.folder, author="bob", read_only=True)) as second:
        assert export_case(second, tmp_path / "first.zip").items == 3
    monkeypatch.undo()
    assert import_case(tmp_path / "first.zip", tmp_path / "Second.case", author="bob").items == 3
