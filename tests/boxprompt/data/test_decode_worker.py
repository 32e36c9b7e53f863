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


def converse(command: tuple[str, ...], *paths: Path) -> tuple[list[dict[str, Any]], bytes, int]:
    """Answers, bytes in the pixel file, exit status."""
    with tempfile.TemporaryFile() as pixels, tempfile.TemporaryFile() as errors:
        start = {
            "protocol": 1,
            "pixels": pixels.fileno(),
            "max_bytes": 1 << 30,
            "max_pixels": 10**6,
            "max_memory_bytes": None,
            "allow_truncated": False,
            "timeout_s": 30,
        }
        requests = [{"path": str(path), "page": 0, "max_side_px": None} for path in paths]
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
