"""Crashes, hangs, floods and cancels: none costs more than one decoder process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.errors import (
    Cancelled,
    DecoderCrashed,
    DecodeTimedOut,
    EvidenceTooLarge,
)
from forensic_gui.services.decoding import DecodeLimits, DecoderProcess, default_command
from forensic_gui.services.decoding.wire import ProtocolError, parse_answer
from forensic_gui.services.progress import CancelToken

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

# The real worker, made to misbehave on files of certain names.
MISBEHAVING = """
import os, signal, sys, time
import boxprompt.data.decode.worker as worker
decode = worker.decode_bytes

def misbehave(data, *, name, **rest):
    if name.startswith("slow"):
        time.sleep(60)
    if name.startswith("crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("bug"):
        raise KeyError("a defect of ours")
    if name.startswith("hungry"):
        raise MemoryError
    if name.startswith("liar"):
        worker._lay_down = lambda pixels, shared: shared.truncate(0)
    return decode(data, name=name, **rest)

worker.decode_bytes = misbehave
sys.exit(worker.main())
"""
MISBEHAVING_COMMAND = (sys.executable, "-c", MISBEHAVING)
SLEEPING_COMMAND = (sys.executable, "-c", "import time; time.sleep(60)")


def ramp(width: int = 40, height: int = 30) -> NDArray[np.uint8]:
    return np.arange(width * height * 3, dtype=np.uint32).astype(np.uint8).reshape(height, width, 3)


def picture(path: Path, pixels: NDArray[np.uint8] | None = None) -> Path:
    Image.fromarray(ramp() if pixels is None else pixels).save(path, "PNG")
    return path


def is_gone(pid: int) -> bool:
    """Ended and reaped: not even a zombie is left."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for(condition: object, *, timeout_s: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def misbehaving() -> Iterator[DecoderProcess]:
    with DecoderProcess(MISBEHAVING_COMMAND) as process:
        yield process


@posix
def test_a_killed_child_is_a_named_error_and_the_next_decode_works(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    slow, good = picture(tmp_path / "slow.png"), picture(tmp_path / "good.png")
    misbehaving.decode(good)
    pid = misbehaving.child_pid
    assert pid is not None
    killer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(DecoderCrashed, match=r"SIGKILL.*memory"):
        misbehaving.decode(slow)
    killer.join()
    assert is_gone(pid)
    assert np.array_equal(misbehaving.decode(good).pixels, ramp())
    assert misbehaving.child_pid != pid


@posix
def test_a_child_killed_between_files_is_replaced_without_a_word(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    good = picture(tmp_path / "good.png")
    misbehaving.decode(good)
    pid = misbehaving.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    # The system marks a process as ended a moment after the signal is sent.
    time.sleep(0.2)
    assert misbehaving.decode(good).pixels.shape == (30, 40, 3)


@posix
def test_a_crash_of_the_decoder_names_its_signal(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    with pytest.raises(DecoderCrashed, match="SIGSEGV"):
        misbehaving.decode(picture(tmp_path / "crash.png"))
    assert misbehaving.decode(picture(tmp_path / "good.png")).pixels.shape == (30, 40, 3)


def test_a_defect_of_the_worker_is_not_blamed_on_the_file(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    with pytest.raises(DecoderCrashed, match=r"status 1.*a defect of ours"):
        misbehaving.decode(picture(tmp_path / "bug.png"))


def test_pixels_that_are_not_there_are_noticed(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    with pytest.raises(DecoderCrashed, match="fewer pixels"):
        misbehaving.decode(picture(tmp_path / "liar.png"))


def test_a_decode_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with DecoderProcess(MISBEHAVING_COMMAND, DecodeLimits(timeout_s=1.5)) as decoder:
        good = picture(tmp_path / "good.png")
        decoder.decode(good)
        pid = decoder.child_pid
        assert pid is not None
        began = time.monotonic()
        with pytest.raises(DecodeTimedOut, match=r"1\.5 seconds"):
            decoder.decode(picture(tmp_path / "slow.png"))
        assert 1.5 <= time.monotonic() - began < 5
        if sys.platform != "win32":
            assert is_gone(pid)
        assert decoder.decode(good).pixels.shape == (30, 40, 3)


def test_a_child_that_never_answers_is_stopped(tmp_path: Path) -> None:
    with (
        DecoderProcess(SLEEPING_COMMAND, DecodeLimits(timeout_s=0.3)) as decoder,
        pytest.raises(DecodeTimedOut),
    ):
        decoder.decode(picture(tmp_path / "a.png"))


def test_a_command_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    with (
        DecoderProcess([str(tmp_path / "no-such-program")]) as decoder,
        pytest.raises(DecoderCrashed, match="could not be started"),
    ):
        decoder.decode(picture(tmp_path / "a.png"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("b'\\xff\\xff\\xff\\xff'", "bytes"),
        ("b'\\0\\0\\0\\2[]'", "not an object"),
        ("b'\\0\\0\\0\\2{]'", "not JSON"),
        ("b'\\0\\0\\0\\2{}'", "out of protocol"),
    ],
)
def test_a_child_that_talks_nonsense_is_not_believed(answer: str, said: str, tmp_path: Path) -> None:
    talk = f"import os, sys; sys.stdin.buffer.read(4); os.write(1, {answer}); sys.stdin.buffer.read()"
    with DecoderProcess([sys.executable, "-c", talk]) as decoder, pytest.raises(DecoderCrashed, match=said):
        decoder.decode(picture(tmp_path / "a.png"))


def test_answers_are_checked_like_any_input() -> None:
    facts = {
        "format": "PNG", "decoder": "Pillow", "decoder_version": "1", "width": 2, "height": 1, "orientation": 1,
        "mode": "RGB", "bit_depth": 8, "pages": 1, "page": 0, "choices": [], "warnings": [], "parameters": {},
        "jpeg_quality": None, "names_camera": None,
    }  # fmt: skip
    good = {"event": "decoded", "width": 2, "height": 1, "facts": facts, "seconds": 0.1}
    parse_answer(good)
    hashed = {"event": "hashed", "sha256": "00", "size_bytes": 1, "modified_utc": "", "seconds": 0}
    for bad in (
        {**good, "width": 0},
        {**good, "facts": {**facts, "orientation": 9}},
        {**good, "facts": {**facts, "parameters": {"a": [1]}}},
        {**good, "facts": {**facts, "jpeg_quality": 101}},
        {**good, "facts": {**facts, "names_camera": "yes"}},
        {"event": "refused", "kind": "bored", "sentence": ""},
        hashed,
    ):
        with pytest.raises(ProtocolError):
            parse_answer(bad)


@linux
def test_the_memory_limit_holds(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("RGB", (8000, 8000)).save(path)
    with DecoderProcess(default_command(), DecodeLimits(max_memory_bytes=128 << 20)) as decoder:
        with pytest.raises(EvidenceTooLarge, match="memory"):
            decoder.decode(path)
        assert decoder.decode(picture(tmp_path / "small.png")).pixels.shape == (30, 40, 3)


def test_running_out_of_memory_is_said(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    with pytest.raises(EvidenceTooLarge, match="memory"):
        misbehaving.decode(picture(tmp_path / "hungry.png"))


def test_cancelling_stops_within_a_moment_and_the_next_decode_works(
    misbehaving: DecoderProcess, tmp_path: Path
) -> None:
    good = picture(tmp_path / "good.png")
    misbehaving.decode(good)
    cancel = CancelToken()
    timer = threading.Timer(0.2, cancel.cancel)
    began = time.monotonic()
    timer.start()
    with pytest.raises(Cancelled):
        misbehaving.decode(picture(tmp_path / "slow.png"), cancel=cancel)
    assert time.monotonic() - began < 1.5
    timer.join()
    assert misbehaving.decode(good).pixels.shape == (30, 40, 3)


def test_a_token_cancelled_before_starts_nothing(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        misbehaving.decode(picture(tmp_path / "a.png"), cancel=cancel)
    assert misbehaving.child_pid is None


def test_waiting_for_ones_turn_can_be_cancelled(misbehaving: DecoderProcess, tmp_path: Path) -> None:
    slow, outer, inner = picture(tmp_path / "slow.png"), CancelToken(), CancelToken()

    def occupy() -> None:
        with contextlib.suppress(Cancelled):
            misbehaving.decode(slow, cancel=outer)

    thread = threading.Thread(target=occupy)
    thread.start()
    assert wait_for(lambda: misbehaving.child_pid is not None)
    threading.Timer(0.1, inner.cancel).start()
    with pytest.raises(Cancelled):
        misbehaving.decode(picture(tmp_path / "a.png"), cancel=inner)
    assert thread.is_alive()
    outer.cancel()
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_closing_ends_a_decode_under_way_and_may_be_repeated(tmp_path: Path) -> None:
    decoder = DecoderProcess(MISBEHAVING_COMMAND)
    outcome: list[BaseException] = []

    def decode() -> None:
        try:
            decoder.decode(picture(tmp_path / "slow.png"))
        except BaseException as error:  # noqa: BLE001 - the test looks at whatever it is
            outcome.append(error)

    thread = threading.Thread(target=decode)
    thread.start()
    assert wait_for(lambda: decoder.child_pid is not None)
    pid = decoder.child_pid
    assert pid is not None
    decoder.close()
    decoder.close()
    thread.join(timeout=5)
    assert [type(error) for error in outcome] == [Cancelled]
    if sys.platform != "win32":
        assert is_gone(pid)
    with pytest.raises(Cancelled):
        decoder.decode(tmp_path / "slow.png")


@linux
def test_crashes_leave_no_descriptor_no_thread_and_no_shared_memory(tmp_path: Path) -> None:
    crash = picture(tmp_path / "crash.png")

    def footprint() -> tuple[int, int, list[str]]:
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        return descriptors, threading.active_count(), sorted(entry.name for entry in Path("/dev/shm").iterdir())

    before = footprint()
    with DecoderProcess(MISBEHAVING_COMMAND) as decoder:
        for _ in range(3):
            with pytest.raises(DecoderCrashed):
                decoder.decode(crash)
    descriptors, threads, shared = footprint()
    assert (descriptors, threads) == before[:2]
    assert set(shared) <= set(before[2])


@linux
def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png")
    script = (
        "import sys, time; from pathlib import Path\n"
        "from forensic_gui.services.decoding import DecoderProcess, default_command\n"
        "decoder = DecoderProcess(default_command()); decoder.decode(Path(sys.argv[1]))\n"
        "print(decoder.child_pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.kill()

    def ended() -> bool:
        # Whoever adopts the orphan may leave it as a zombie: that too has ended.
        try:
            return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    assert wait_for(ended)
