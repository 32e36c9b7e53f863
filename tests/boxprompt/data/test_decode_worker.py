"""The worker's protocol, spoken to it over pipes as a parent would."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors are handed on the POSIX way here")

COMMAND = (sys.executable, "-I", "-m", "boxprompt.data.decode.worker")
CRASHING = (
    "import os, boxprompt.data.decode.worker as worker\nworker.decode_bytes = lambda *a, **k: os.abort()\nworker.main()"
)
NOISY = (
    "import os, boxprompt.data.decode.worker as worker\n"
    "decode = worker.decode_bytes\n"
    "def noisy(*a, **k):\n"
    "    os.write(1, b'garbage on the protocol')\n"
    "    print('more of it', flush=True)\n"
    "    os.write(2, b'a native warning\\n')\n"
    "    return decode(*a, **k)\n"
    "worker.decode_bytes = noisy\n"
    "worker.main()"
)
IMPORTS = (
    "import sys, boxprompt.data.decode.worker\n"
    "heavy = {'torch', 'torchvision', 'PySide6', 'cv2', 'scipy', 'tifffile', 'rawpy', 'pi_heif'} & set(sys.modules)\n"
    "sys.exit(', '.join(sorted(heavy)) or 0)"
)


def framed(message: dict[str, Any]) -> bytes:
    body = json.dumps(message).encode()
    return struct.pack(">I", len(body)) + body


def answers(output: bytes) -> list[dict[str, Any]]:
    stream, found = io.BytesIO(output), []
    while head := stream.read(4):
        found.append(json.loads(stream.read(struct.unpack(">I", head)[0])))
    return found


def converse(
    command: tuple[str, ...], *paths: Path, allow_truncated: bool = False, max_side_px: int | None = None
) -> tuple[list[dict[str, Any]], bytes, int]:
    """Answers, bytes in the pixel file, exit status."""
    with tempfile.TemporaryFile() as pixels, tempfile.TemporaryFile() as errors:
        start = {
            "protocol": 1,
            "pixels": pixels.fileno(),
            "max_bytes": 1 << 30,
            "max_pixels": 10**6,
            "max_memory_bytes": None,
            "allow_truncated": allow_truncated,
            "timeout_s": 30,
        }
        requests = [{"path": str(path), "page": 0, "max_side_px": max_side_px} for path in paths]
        text = b"".join(framed(message) for message in (start, *requests))
        done = subprocess.run(
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=(pixels.fileno(),),
            timeout=60,
            check=False,
        )
        pixels.seek(0)
        return answers(done.stdout), pixels.read(), done.returncode


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(np.arange(60, dtype=np.uint8).reshape(4, 5, 3)).save(path)
    return path


def test_the_hash_comes_before_the_parser(picture: Path) -> None:
    (hashed,), _, status = converse((sys.executable, "-c", CRASHING), picture)
    assert hashed["event"] == "hashed"
    assert hashed["sha256"] == hashlib.sha256(picture.read_bytes()).hexdigest()
    assert hashed["size_bytes"] == picture.stat().st_size
    assert status < 0


def test_pixels_lie_in_the_inherited_file(picture: Path) -> None:
    said, pixels, status = converse(COMMAND, picture)
    assert [answer["event"] for answer in said] == ["hashed", "decoded"]
    assert (said[1]["height"], said[1]["width"]) == (4, 5)
    assert pixels == bytes(range(60))
    assert status == 0


def test_a_library_that_prints_cannot_reach_the_protocol_and_its_messages_are_recorded(picture: Path) -> None:
    said, _, status = converse((sys.executable, "-c", NOISY), picture, picture)
    assert [answer["event"] for answer in said] == ["hashed", "decoded"] * 2
    assert said[1]["facts"]["warnings"] == said[3]["facts"]["warnings"] == ["a native warning"]
    assert status == 0


def test_a_refusal_carries_its_kind_and_the_worker_goes_on(picture: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    said, _, _ = converse(COMMAND, tmp_path / "gone.jpg", tmp_path / "empty.jpg", picture)
    assert [(answer["event"], answer.get("kind")) for answer in said] == [
        ("refused", "not_readable"),
        ("hashed", None),
        ("refused", "empty"),
        ("hashed", None),
        ("decoded", None),
    ]


def test_the_worker_ends_when_its_input_does() -> None:
    done = subprocess.run(COMMAND, input=b"", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_another_protocol_is_refused() -> None:
    done = subprocess.run(COMMAND, input=framed({"protocol": 2}), capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert b"protocol 1, not 2" in done.stderr


def test_the_worker_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ)
    )
    assert (done.returncode, done.stderr) == (0, "")


def photograph(**options: object) -> bytes:
    """A JPEG with structure everywhere, so that every part of its coded data matters."""
    values = np.random.default_rng(5).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(values).resize((640, 480), Image.Resampling.BICUBIC).save(stream, "JPEG", quality=75, **options)
    return stream.getvalue()


def overwritten() -> bytes:
    data = photograph()
    middle = len(data) // 2
    return data[:middle] + bytes(400) + data[middle + 400 :]


def shortened() -> bytes:
    data = photograph()
    middle = len(data) // 2
    return data[:middle] + data[middle + 300 :]


def half_of_a_progressive_file_closed() -> bytes:
    data = photograph(progressive=True)
    return data[: len(data) // 2] + b"\xff\xd9"


def last_part_cut_and_closed() -> bytes:
    data = photograph()
    return data[: len(data) * 97 // 100] + b"\xff\xd9"


@pytest.mark.parametrize(
    "damaged",
    [overwritten, shortened, half_of_a_progressive_file_closed, last_part_cut_and_closed],
    ids=lambda make: make.__name__,
)
def test_a_jpeg_whose_damage_only_libjpeg_reports_is_refused(damaged: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "damaged.jpg"
    path.write_bytes(damaged())
    with Image.open(path) as image:
        image.load()  # the decoder of record alone finds nothing to say
    said, _, _ = converse(COMMAND, path)
    assert said[1]["event"] == "refused"
    assert said[1]["kind"] == "damaged"
    assert "Corrupt JPEG data" in said[1]["sentence"]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}], ids=str)
def test_a_sound_jpeg_is_read_twice_and_has_no_warning(options: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "sound.jpg"
    path.write_bytes(photograph(**options))
    said, pixels, _ = converse(COMMAND, path)
    assert said[1]["facts"]["warnings"] == []
    assert any("Read a second time by OpenCV" in choice for choice in said[1]["facts"]["choices"])
    with Image.open(path) as image:
        assert pixels == image.tobytes()


def test_stray_bytes_before_a_marker_are_a_warning_and_no_damage(tmp_path: Path) -> None:
    data = photograph()
    at = data.index(b"\xff\xdb")
    path = tmp_path / "stray.jpg"
    path.write_bytes(data[:at] + b"\x00\x00" + data[at:])
    said, pixels, _ = converse(COMMAND, path)
    assert said[1]["facts"]["warnings"] == ["Corrupt JPEG data: 2 extraneous bytes before marker 0xdb"]
    with Image.open(io.BytesIO(data)) as image:
        assert pixels == image.tobytes()


def test_damaged_jpegs_decoded_on_request_keep_libjpegs_warning(tmp_path: Path) -> None:
    path = tmp_path / "damaged.jpg"
    path.write_bytes(overwritten())
    said, _, _ = converse(COMMAND, path, allow_truncated=True)
    assert said[1]["event"] == "decoded"
    assert any("Corrupt JPEG data" in warning for warning in said[1]["facts"]["warnings"])


def test_a_reduced_decode_is_not_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "sound.jpg"
    path.write_bytes(photograph())
    said, _, _ = converse(COMMAND, path, max_side_px=100)
    assert said[1]["event"] == "decoded"
    assert not any("second time" in choice for choice in said[1]["facts"]["choices"])
