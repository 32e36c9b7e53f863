"""The decoder as services use it: evidence in, owned pixels out, a named error for each bad file."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from boxprompt.data.decode import Refusal
from forensic_gui.domain import errors
from forensic_gui.domain.errors import (
    DecoderCrashed,
    DecodeTimedOut,
    EvidenceDamaged,
    EvidenceEmpty,
    EvidenceNotReadable,
    EvidenceTooLarge,
    PageNotFound,
    UnsupportedFormat,
)
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services.decoding import DecodeLimits, DecoderProcess, default_command
from forensic_gui.services.decoding.wire import ERRORS
from forensic_gui.services.ports import Decoder

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def ramp(width: int = 40, height: int = 30) -> NDArray[np.uint8]:
    return np.arange(width * height * 3, dtype=np.uint32).astype(np.uint8).reshape(height, width, 3)


def picture(path: Path, pixels: NDArray[np.uint8] | None = None) -> Path:
    Image.fromarray(ramp() if pixels is None else pixels).save(path, "PNG")
    return path


@pytest.fixture(scope="module")
def decoder() -> Iterator[DecoderProcess]:
    with DecoderProcess(default_command()) as process:
        yield process


def test_the_process_is_a_decoder(decoder: DecoderProcess) -> None:
    port: Decoder = decoder
    assert port is decoder


def test_pixels_come_back_as_they_were_saved(decoder: DecoderProcess, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png")
    decoded = decoder.decode(path)
    assert np.array_equal(decoded.pixels, ramp())
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.flags.c_contiguous
    assert decoded.facts.stored == Size(40, 30)
    assert decoded.facts.orientation is Orientation.UPRIGHT
    assert decoded.facts.decoder == "Pillow"
    assert decoded.evidence.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert decoded.evidence.size_bytes == path.stat().st_size
    assert decoded.evidence.path == path
    assert decoded.hash_seconds > 0
    assert decoded.decode_seconds > 0


def test_pixels_are_ours_alone_and_cannot_be_changed(decoder: DecoderProcess, tmp_path: Path) -> None:
    first = decoder.decode(picture(tmp_path / "a.png")).pixels
    second = decoder.decode(picture(tmp_path / "b.png", 255 - ramp())).pixels
    assert np.array_equal(first, ramp())
    assert np.array_equal(second, 255 - ramp())
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0, 0] = 1


def test_orientation_is_reported_and_not_applied(decoder: DecoderProcess, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(ramp()).save(tmp_path / "turned.jpg", exif=exif)
    decoded = decoder.decode(tmp_path / "turned.jpg")
    assert decoded.facts.orientation is Orientation.ROTATED_90_CW
    assert decoded.pixels.shape == (30, 40, 3)
    assert decoded.facts.view == Size(30, 40)


def test_a_thumbnail_is_bounded_and_keeps_the_stored_size(decoder: DecoderProcess, tmp_path: Path) -> None:
    decoded = decoder.decode(picture(tmp_path / "a.png"), max_side_px=20)
    assert decoded.pixels.shape == (15, 20, 3)
    assert decoded.facts.stored == Size(40, 30)


def test_a_page_is_chosen(decoder: DecoderProcess, tmp_path: Path) -> None:
    pages = [Image.new("L", (8, 8), value) for value in (10, 20)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    assert decoder.decode(tmp_path / "pages.tif", page=1).pixels[0, 0, 0] == 20
    with pytest.raises(PageNotFound):
        decoder.decode(tmp_path / "pages.tif", page=2)


def test_a_name_beyond_ascii_and_a_relative_path_are_read(
    decoder: DecoderProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "Größe 图.png")
    monkeypatch.chdir(tmp_path)
    assert decoder.decode(Path("Größe 图.png")).evidence.path == Path("Größe 图.png")


@linux
def test_a_name_that_is_no_text_is_read(decoder: DecoderProcess, tmp_path: Path) -> None:
    assert decoder.decode(picture(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.png")))).pixels.size


def test_each_kind_of_bad_file_has_its_error_and_the_child_lives_on(decoder: DecoderProcess, tmp_path: Path) -> None:
    whole = picture(tmp_path / "good.png").read_bytes()
    decoder.decode(tmp_path / "good.png")
    before = decoder.child_pid
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "script.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    huge = whole[:16] + (50_000).to_bytes(4, "big") * 2 + whole[24:]
    import zlib

    (tmp_path / "huge.png").write_bytes(huge[:29] + zlib.crc32(huge[12:29]).to_bytes(4, "big") + huge[33:])
    expected = {
        "gone.png": EvidenceNotReadable,
        "empty.png": EvidenceEmpty,
        "cut.png": EvidenceDamaged,
        "script.png": UnsupportedFormat,
        "huge.png": EvidenceTooLarge,
    }
    for name, kind in expected.items():
        with pytest.raises(kind) as caught:
            decoder.decode(tmp_path / name)
        assert str(caught.value).count("\n") == 0
        assert str(tmp_path) not in str(caught.value)
    assert decoder.child_pid == before
    assert decoder.decode(tmp_path / "good.png").pixels.shape == (30, 40, 3)


def test_a_refused_file_is_still_known_by_its_hash(decoder: DecoderProcess, tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_bytes(b"no picture at all")
    with pytest.raises(errors.EvidenceError) as refused:
        decoder.decode(path)
    assert refused.value.sha256 == hashlib.sha256(b"no picture at all").hexdigest()
    with pytest.raises(errors.EvidenceError) as missing:
        decoder.decode(tmp_path / "gone.jpg")
    assert missing.value.sha256 is None


def test_every_refusal_of_the_worker_has_an_error_here() -> None:
    assert set(ERRORS) == {kind.value for kind in Refusal}
    told_by_the_client = {DecodeTimedOut, DecoderCrashed}
    told_by_a_case = {errors.EvidenceAltered, errors.EvidenceMissing}
    kinds = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.EvidenceError)
    }
    assert kinds - {errors.EvidenceError} == set(ERRORS.values()) | told_by_the_client | told_by_a_case


@posix
def test_evidence_in_a_read_only_folder_is_decoded_and_left_as_it_was(decoder: DecoderProcess, tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    path = picture(folder / "a.png")
    content = path.read_bytes()
    os.utime(path, ns=(1_500_000_000_000_000_000, 1_600_000_000_000_000_000))
    path.chmod(0o444)
    folder.chmod(0o555)
    before = path.stat()
    decoded = decoder.decode(path)
    after = path.stat()
    folder.chmod(0o755)
    assert decoded.evidence.modified_utc == "2020-09-13T12:26:40+00:00"
    assert (after.st_mtime_ns, after.st_ctime_ns) == (before.st_mtime_ns, before.st_ctime_ns)
    if hasattr(os, "O_NOATIME"):
        assert after.st_atime_ns == before.st_atime_ns
    assert path.read_bytes() == content
    assert [entry.name for entry in folder.iterdir()] == ["a.png"]


@posix
def test_a_link_and_a_fifo_are_refused_at_once(decoder: DecoderProcess, tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(picture(tmp_path / "a.png"))
    os.mkfifo(tmp_path / "fifo.png")
    for name in ("link.png", "fifo.png"):
        with pytest.raises(EvidenceNotReadable):
            decoder.decode(tmp_path / name)


def test_the_callers_limits_reach_the_child(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png")
    with (
        DecoderProcess(default_command(), DecodeLimits(max_pixels=1199)) as decoder,
        pytest.raises(EvidenceTooLarge, match="40x30"),
    ):
        decoder.decode(path)
    with (
        DecoderProcess(default_command(), DecodeLimits(max_bytes=10)) as decoder,
        pytest.raises(EvidenceTooLarge, match="limit is 10"),
    ):
        decoder.decode(path)


def test_truncated_evidence_is_decoded_only_when_allowed(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    Image.fromarray(ramp(400, 300)).save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with DecoderProcess(default_command(), DecodeLimits(allow_truncated=True)) as decoder:
        assert any("truncated" in warning for warning in decoder.decode(path).facts.warnings)
    with DecoderProcess(default_command()) as decoder, pytest.raises(EvidenceDamaged):
        decoder.decode(path)


def test_many_threads_get_each_their_own_pixels(decoder: DecoderProcess, tmp_path: Path) -> None:
    values = range(8)
    for value in values:
        picture(tmp_path / f"{value}.png", np.full((16, 16, 3), value, np.uint8))
    seen: dict[int, set[int]] = {}

    def decode(value: int) -> None:
        repeated = [decoder.decode(tmp_path / f"{value}.png").pixels for _ in range(5)]
        seen[value] = {int(sample) for pixels in repeated for sample in np.unique(pixels)}

    threads = [threading.Thread(target=decode, args=(value,)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert seen == {value: {value} for value in values}


def test_the_command_is_this_interpreter_or_the_frozen_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_command() == (sys.executable, "-I", "-m", "boxprompt.data.decode.worker")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert default_command() == (sys.executable, "--decode-worker")


def test_starting_early_does_not_wait_for_the_child(tmp_path: Path) -> None:
    with DecoderProcess(default_command()) as decoder:
        decoder.start()
        assert decoder.child_pid is not None
        assert decoder.decode(picture(tmp_path / "a.png")).pixels.shape == (30, 40, 3)


def test_wrong_arguments_are_the_callers_mistake(decoder: DecoderProcess, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="page"):
        decoder.decode(tmp_path / "a.png", page=-1)
    with pytest.raises(ValueError, match="max_side_px"):
        decoder.decode(tmp_path / "a.png", max_side_px=0)
