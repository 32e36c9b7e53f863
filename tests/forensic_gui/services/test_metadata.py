"""Metadata of evidence through the child process: hash first, within limits, and never at the evidence's cost."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from forensic_gui.domain.errors import Cancelled, EvidenceNotReadable
from forensic_gui.domain.metadata import Metadata
from forensic_gui.services.decoding import DecodeLimits, DecoderProcess, default_command
from forensic_gui.services.metadata import metadata_reader, read_metadata
from forensic_gui.services.progress import CancelToken

BREAKING = (
    "import boxprompt.data.metadata as metadata, os, time, boxprompt.data.decode.worker as worker\n"
    "def breaking(data):\n"
    "    {what}\n"
    "metadata.read_metadata = breaking\n"
    "worker.main()"
)


def breaking(what: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", BREAKING.format(what=what))


@pytest.fixture(scope="module")
def decoder() -> Iterator[DecoderProcess]:
    with DecoderProcess(default_command()) as process:
        yield process


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    path = tmp_path / "photograph.jpg"
    Image.new("RGB", (32, 24), (90, 120, 40)).save(path, exif=exif, comment="turned \u202e".encode())
    return path


def with_thumbnail(path: Path) -> bytes:
    """Write a TIFF whose second directory points to a JPEG at its end; that JPEG."""
    small = io.BytesIO()
    Image.new("RGB", (8, 6)).save(small, "JPEG")
    entries = [(0x0201, 44), (0x0202, len(small.getvalue()))]
    rows = b"".join(tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + n.to_bytes(4, "little") for tag, n in entries)
    path.write_bytes(b"II*\0\x08\0\0\0" + b"\0\0\x0e\0\0\0" + b"\2\0" + rows + bytes(4) + small.getvalue())
    return small.getvalue()


def test_the_hash_is_that_of_the_bytes_and_values_are_kept_as_they_are(
    decoder: DecoderProcess, photograph: Path
) -> None:
    sha256, said, thumbnail = metadata_reader(decoder)(photograph)
    assert sha256 == hashlib.sha256(photograph.read_bytes()).hexdigest()
    found = {(tag.group, tag.name): tag.value for tag in said.tags}
    assert found["Image", "Make"] == "Maker"
    assert found["JPEG", "COM"] == "turned \u202e"
    assert [len(table.values) for table in said.tables] == [64, 64]
    assert thumbnail == b""
    assert Metadata.from_record(said.to_record()) == said


def test_the_embedded_thumbnail_comes_with_its_bytes(decoder: DecoderProcess, tmp_path: Path) -> None:
    small = with_thumbnail(tmp_path / "page.tif")
    _, said, thumbnail = read_metadata(tmp_path / "page.tif", source=decoder)
    assert thumbnail == small
    assert said.thumbnail is not None
    assert (said.thumbnail.width_px, said.thumbnail.height_px) == (8, 6)
    assert said.thumbnail.sha256 == hashlib.sha256(small).hexdigest()


def test_reading_metadata_and_pixels_takes_turns_in_one_process(decoder: DecoderProcess, photograph: Path) -> None:
    before = decoder.decode(photograph).pixels
    pid = decoder.child_pid
    read_metadata(photograph, source=decoder)
    assert (decoder.decode(photograph).pixels == before).all()
    assert decoder.child_pid == pid


def test_a_file_that_is_no_image_has_a_hash_and_a_warning(decoder: DecoderProcess, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"no picture")
    sha256, said, _ = read_metadata(tmp_path / "notes.txt", source=decoder)
    assert sha256 == hashlib.sha256(b"no picture").hexdigest()
    assert said.tags == ()
    assert said.warnings


@pytest.mark.skipif(sys.platform == "win32", reason="links and FIFOs are POSIX's")
def test_only_regular_files_are_read(decoder: DecoderProcess, photograph: Path, tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(photograph)
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("link.jpg", "pipe.jpg", "absent.jpg"):
        with pytest.raises(EvidenceNotReadable):
            read_metadata(tmp_path / name, source=decoder)


def test_a_read_only_file_is_read_and_stays_as_it_was(decoder: DecoderProcess, photograph: Path) -> None:
    photograph.chmod(stat.S_IRUSR)
    before = photograph.stat()
    read_metadata(photograph, source=decoder)
    after = photograph.stat()
    assert (after.st_mtime_ns, after.st_size, after.st_mode) == (before.st_mtime_ns, before.st_size, before.st_mode)


def test_a_parser_that_ends_its_process_leaves_the_file_as_evidence(photograph: Path) -> None:
    with DecoderProcess(breaking("os.abort()")) as process:
        sha256, said, thumbnail = read_metadata(photograph, source=process)
    assert sha256 == hashlib.sha256(photograph.read_bytes()).hexdigest()
    assert said.warnings == ("The process that read the metadata ended over this file.",)
    assert thumbnail == b""


def test_a_parser_that_hangs_is_stopped_and_leaves_the_file_as_evidence(photograph: Path) -> None:
    with DecoderProcess(breaking("time.sleep(60)"), DecodeLimits(timeout_s=1.0)) as process:
        _, said, _ = read_metadata(photograph, source=process)
    assert said.warnings == ("Reading the metadata took too long and was stopped.",)


def test_stopping_is_no_warning(photograph: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with DecoderProcess(default_command()) as process, pytest.raises(Cancelled):
        read_metadata(photograph, source=process, cancel=cancel)


@pytest.mark.parametrize(
    "record", ['{"parser": 1}', "[", '{"parser": "", "parser_version": "", "tags": [1]}', "[" * 100_000]
)
def test_a_process_that_answers_nonsense_counts_as_ended(photograph: Path, record: str) -> None:
    lie = "import json; json.dumps, keep = (lambda v: RECORD if 'tags' in v else keep(v)), json.dumps"
    code = BREAKING.format(what="return metadata.ReadMetadata({'tags': []}, b'')").replace(
        "worker.main()", f"{lie}\nworker.main()".replace("RECORD", repr(record))
    )
    with DecoderProcess((sys.executable, "-I", "-c", code)) as process:
        _, said, _ = read_metadata(photograph, source=process)
    assert said.warnings == ("The process that read the metadata ended over this file.",)


def test_real_photographs_keep_what_their_cameras_wrote(decoder: DecoderProcess, shared_data: Path) -> None:
    files = sorted((shared_data / "photos" / "camera").glob("*.jpg"))[:20]
    read = [read_metadata(path, source=decoder)[1] for path in files]
    assert sum(any(tag.name == "Make" for tag in said.tags) for said in read) >= len(files) * 3 // 4
    assert all(said.tables for said in read)
