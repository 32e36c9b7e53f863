"""Originals are what was put into the vault, or it is said that they are not; their sources stay as they were."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.case import Altered
from forensic_gui.domain.errors import Cancelled, CaseReadOnly, EvidenceAltered, OutputExhausted
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.storage.atomic import StagedFile


def overwrite(path: Path, data: bytes) -> None:
    """Alter a read-only file as somebody with a shell would."""
    path.chmod(0o644)
    path.write_bytes(data)


def snapshot(path: Path) -> tuple[Any, ...]:
    """Everything of a file or folder that must not change."""
    status = path.lstat()
    names = sorted(os.listxattr(path)) if hasattr(os, "listxattr") else []
    extended = [(name, os.getxattr(path, name)) for name in names]
    held = path.read_bytes() if path.is_file() else sorted(each.name for each in path.iterdir())
    return (held, status.st_mtime_ns, status.st_ctime_ns, stat.S_IMODE(status.st_mode), status.st_ino, extended)


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o644, 0o755), (0o444, 0o555)])
def test_sources_are_left_as_they_were(case: CaseSession, photographs: Path, file_mode: int, folder_mode: int) -> None:
    everything = [photographs, *sorted(photographs.rglob("*"))]
    for path in everything:
        if path.is_file() and hasattr(os, "setxattr"):
            os.setxattr(path, "user.seen_by", b"camera")
        os.utime(path, ns=(10**18, 10**18 + 7))
        path.chmod(file_mode if path.is_file() else folder_mode)
    before = [snapshot(path) for path in everything]
    try:
        report = case.add([photographs])
        case.verify(occasion="test")
        assert len(report.added) == 3
        assert [snapshot(path) for path in everything] == before
        assert case.item(report.added[0]).modified_utc == "2001-09-09T01:46:40+00:00"
    finally:
        for path in everything:
            path.chmod(0o755)


def test_originals_are_kept_read_only_under_their_hash(case: CaseSession, photographs: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    original = case.original(item_id)
    digest = hashlib.sha256(b"nine").hexdigest()
    assert original == case.folder / "originals" / digest[:2] / f"{digest}.jpg"
    assert stat.S_IMODE(original.stat().st_mode) & 0o333 == 0
    assert case.item(item_id).sha256 == digest


@pytest.mark.parametrize("occasion", ["open", "analysis", "export", "close"])
def test_a_flipped_byte_is_found_on_every_occasion_and_on_record(
    case: CaseSession, photographs: Path, occasion: str
) -> None:
    first, second, _ = case.add([photographs]).added
    overwrite(case.original(second), b"nina")
    (altered,) = case.verify(occasion=occasion)
    assert altered == Altered(second, "IMG_9.JPG", case.item(second).sha256, hashlib.sha256(b"nina").hexdigest())
    event = case.audit()[-1]
    assert (event.action, event.details["occasion"], event.details["checked"]) == ("originals verified", occasion, 3)
    assert event.details["altered"][0]["measured"] == altered.measured
    assert case.verify([first], occasion=occasion) == ()
    with pytest.raises(EvidenceAltered):
        case.confirm(second, altered.measured)


def test_a_missing_original_is_altered_without_a_hash_and_comes_back_with_its_source(
    case: CaseSession, photographs: Path
) -> None:
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    case.original(item_id).unlink()
    (altered,) = case.verify(occasion="open")
    assert altered.measured == ""
    assert case.add([photographs / "IMG_9.JPG"]).known == (item_id,)
    assert case.audit()[-1].action == "original restored"
    assert case.verify(occasion="open") == ()


def test_an_altered_original_is_never_overwritten(case: CaseSession, photographs: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    overwrite(case.original(item_id), b"nina")
    (failure,) = case.add([photographs / "IMG_9.JPG"]).failures
    assert (failure.kind, failure.sha256) == ("EvidenceAltered", case.item(item_id).sha256)
    assert case.original(item_id).read_bytes() == b"nina"
    assert case.audit()[-1].action == "altered original found"


def test_an_original_replaced_by_a_link_counts_as_missing(case: CaseSession, photographs: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    original = case.original(item_id)
    original.unlink()
    original.symlink_to(photographs / "IMG_9.JPG")
    (altered,) = case.verify(occasion="open")
    assert altered.measured == ""


def test_who_only_looks_verifies_without_a_record(case: CaseSession, photographs: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_9.JPG"]).added
    overwrite(case.original(item_id), b"nina")
    with CaseSession.open(case.folder, author="Bob", read_only=True) as second:
        assert len(second.verify(occasion="open")) == 1
        with pytest.raises(EvidenceAltered):
            second.confirm(item_id, "0" * 64)
        with pytest.raises(CaseReadOnly, match="for reading only"):
            second.add([photographs])
    assert case.audit()[-1].action == "evidence added"


def test_a_cancelled_verification_is_recorded_as_cancelled(case: CaseSession, photographs: Path) -> None:
    case.add([photographs])
    cancel = CancelToken()

    def stop_after_one(event: ProgressEvent) -> None:
        if event.kind == "finished":
            cancel.cancel()

    with pytest.raises(Cancelled):
        case.verify(occasion="close", progress=stop_after_one, cancel=cancel)
    details = case.audit()[-1].details
    assert (details["cancelled"], details["checked"], details["wanted"]) == (True, 1, 3)


def test_what_was_added_before_a_cancellation_stays(case: CaseSession, photographs: Path) -> None:
    cancel = CancelToken()
    seen: list[tuple[str, int, int | None]] = []

    def stop_after_two(event: ProgressEvent) -> None:
        seen.append((event.kind, event.done, event.total))
        if event.kind == "finished" and event.done == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        case.add([photographs], progress=stop_after_two, cancel=cancel)
    assert [item.name for item in case.items()] == ["IMG_10.jpg", "IMG_9.JPG"]
    assert seen == [("started", 0, 3), ("finished", 1, 3), ("started", 1, 3), ("finished", 2, 3)]
    assert not list((case.folder / "originals").glob(".*"))


def test_a_file_that_changes_while_it_is_copied_is_not_added(
    case: CaseSession, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = StagedFile.write

    def write_while_the_source_grows(self: StagedFile, data: bytes) -> None:
        write(self, data)
        with (photographs / "IMG_9.JPG").open("ab") as file:
            file.write(b"!")

    monkeypatch.setattr(StagedFile, "write", write_while_the_source_grows)
    (failure,) = case.add([photographs / "IMG_9.JPG"]).failures
    assert "changed while" in failure.message
    assert (case.items(), list((case.folder / "originals").iterdir())) == ((), [])


def test_a_full_vault_stops_the_adding_and_leaves_no_part(
    case: CaseSession, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: StagedFile, data: bytes) -> None:
        raise OutputExhausted("The disk is full.")

    monkeypatch.setattr(StagedFile, "write", full)
    with pytest.raises(OutputExhausted):
        case.add([photographs])
    assert case.items() == ()
    assert not [path for path in (case.folder / "originals").rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_text_is_kept_readably(case: CaseSession, photographs: Path) -> None:
    raw = os.fsencode(photographs) + b"/caf\xe9.jpg"
    with open(raw, "wb") as file:  # noqa: PTH123 - bytes that are no characters
        file.write(b"cafe")
    report = case.add([Path(os.fsdecode(raw))])
    assert case.item(report.added[0]).name == "caf\\udce9.jpg"
    assert case.items()[0].source.endswith("caf\\udce9.jpg")
    case.audit()


def test_leftovers_of_a_killed_copy_are_removed_at_the_next_opening(case: CaseSession) -> None:
    case.close()
    left = case.folder / "originals" / ".0123456789abcdef.part"
    left.write_bytes(b"half")
    with CaseSession.open(case.folder, author="Ada", read_only=True):
        assert left.exists()
    with CaseSession.open(case.folder, author="Ada"):
        assert not left.exists()


def test_a_folder_that_holds_the_case_is_added_without_the_case(case: CaseSession, photographs: Path) -> None:
    case.add([photographs / "IMG_9.JPG"])
    events: list[ProgressEvent] = []
    report = case.add([case.folder.parent], progress=events.append)
    assert ([case.item(item_id).name for item_id in report.added], report.failures) == (["IMG_10.jpg", "scan.tif"], ())
    assert (events[-1].done, events[-1].total) == (3, 3)


@pytest.mark.parametrize("up", ["", "photographs/.."])
def test_a_folder_that_holds_the_case_is_added_without_the_case_by_whatever_way_it_is_reached(
    case: CaseSession, photographs: Path, tmp_path_factory: pytest.TempPathFactory, up: str
) -> None:
    way = tmp_path_factory.mktemp("elsewhere") / "way"
    way.symlink_to(case.folder.parent.parent)
    events: list[ProgressEvent] = []
    report = case.add([way / case.folder.parent.name / up], progress=events.append)
    assert [item.name for item in case.items()] == ["IMG_10.jpg", "IMG_9.JPG", "scan.tif"]
    assert (len(report.added), report.known, report.failures) == (3, (), ())
    assert {event.total for event in events} == {3}


def test_a_file_that_two_threads_add_at_once_is_not_taken_for_a_lost_original(
    case: CaseSession, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = StagedFile.commit
    others = iter([photographs / "IMG_9.JPG"])

    def after_the_other_thread(staged: StagedFile, *, path: Path | None = None) -> None:
        for file in others:
            case.add([file])
        commit(staged, path=path)

    monkeypatch.setattr(StagedFile, "commit", after_the_other_thread)
    assert case.add([photographs / "IMG_9.JPG"]).known == (1,)
    actions = [event.action for event in case.audit() if event.action != "case created"]
    assert actions == ["evidence added", "evidence added again"]
