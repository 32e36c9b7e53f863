"""One child process of the decoder: started, spoken to, read from, ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.services.decoding.limits import DecodeLimits
from forensic_gui.services.decoding.wire import PROTOCOL, ProtocolError, frame, read_frame

_MOST_STDERR_BYTES = 4096
_READER_S = 2.0
_MEMORY_SIGNALS = {"SIGKILL": "killed, perhaps by the system for lack of memory"}


class ChildEnded(Exception):  # noqa: N818 - a state of the child, translated by the client
    """The child is gone, or no longer speaks the protocol; the text says what is known of it."""


class Child:
    """A running decoder process.

    Pixels come back in a file without a name that the child inherits: shared memory on Linux (memfd), an unlinked
    temporary file on macOS, one deleted on close on Windows. The system frees it with its last user, however that ends.
    """

    def __init__(self, command: Sequence[str], limits: DecodeLimits) -> None:
        """Start the process; returns before it is ready.

        Raises:
            ChildEnded: the command could not be started.
        """
        self._shared = _nameless_file("decoded-pixels")
        self._stderr = _nameless_file("decoder-messages")
        try:
            self._process = _spawn(command, shared=self._shared, stderr=self._stderr)
        except OSError as error:
            self._shared.close()
            self._stderr.close()
            raise ChildEnded(f"could not be started: {error.strerror or error}") from error
        self._answers: queue.SimpleQueue[dict[str, Any] | ProtocolError | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._pump, name="decoder-answers", daemon=True)
        self._reader.start()
        self.send(
            {
                "protocol": PROTOCOL,
                "pixels": _number_for_child(self._shared),
                "max_bytes": limits.max_bytes,
                "max_pixels": limits.max_pixels,
                "max_memory_bytes": limits.max_memory_bytes,
                "allow_truncated": limits.allow_truncated,
                "timeout_s": limits.timeout_s,
            }
        )

    @property
    def pid(self) -> int:
        """Process id, for tests and the status line."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message. A child that is gone is noticed by `receive`."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(frame(message))
            self._process.stdin.flush()

    def receive(self, *, timeout_s: float) -> dict[str, Any] | None:
        """Next answer, or None when none came within `timeout_s`.

        Raises:
            ChildEnded: the process is gone or speaks something else.
        """
        try:
            answer = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(answer, ProtocolError):
            raise ChildEnded(f"sent {answer}")
        if answer is None:
            raise ChildEnded(self._last_words())
        return answer

    def take_pixels(self, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
        """Copy the pixels out: uint8 of `shape`, C-contiguous, read-only, ours alone.

        A copy, not a mapping: a child that was taken over could otherwise change pixels after they were analyzed, or
        shorten the file under us.

        Raises:
            ChildEnded: the file holds fewer bytes than `shape` needs.
        """
        pixels = np.empty(shape, dtype=np.uint8)
        rest = memoryview(pixels.data).cast("B")
        self._shared.seek(0)
        while len(rest):
            count = self._shared.readinto(rest)
            if not count:
                raise ChildEnded("left fewer pixels than it said")
            rest = rest[count:]
        self._shared.truncate(0)
        pixels.setflags(write=False)
        return pixels

    def take_bytes(self, count: int) -> bytes:
        """Copy `count` bytes out of the shared file, from its beginning.

        Raises:
            ChildEnded: the file holds fewer bytes.
        """
        found = bytearray()
        self._shared.seek(0)
        while len(found) < count:
            part = self._shared.read(count - len(found))
            if not part:
                raise ChildEnded("left fewer bytes than it said")
            found += part
        self._shared.truncate(0)
        return bytes(found)

    def end(self) -> None:
        """Kill the process with all it started, reap it, release its files. Idempotent."""
        _kill_group(self._process)
        self._process.wait()
        self._reader.join(timeout=_READER_S)
        # Closing a pipe that something outside our reach keeps open would wait for it.
        stdout = None if self._reader.is_alive() else self._process.stdout
        for stream in (self._process.stdin, stdout, self._shared, self._stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _pump(self) -> None:
        """Move answers from the pipe to the queue: pipes cannot be waited on with a timeout everywhere."""
        assert self._process.stdout is not None
        try:
            while (message := read_frame(self._process.stdout)) is not None:
                self._answers.put(message)
        except ProtocolError as error:
            self._answers.put(error)
        self._answers.put(None)

    def _last_words(self) -> str:
        """What is known of the end of the process."""
        try:
            status = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return "closed its answers"
        if status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
            how = f"died ({name}: {_MEMORY_SIGNALS[name]})" if name in _MEMORY_SIGNALS else f"died ({name})"
        else:
            how = f"ended with status {status}"
        self._stderr.seek(0)
        lines = (self._stderr.read(_MOST_STDERR_BYTES) or b"").decode("utf-8", "replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{how}, saying «{said}»" if said else how


def _nameless_file(label: str) -> FileIO:
    if sys.platform == "linux":
        return FileIO(os.memfd_create(label, os.MFD_CLOEXEC), "r+b")
    # The descriptor is duplicated so that one plain FileIO serves every system; the original closes at once.
    with tempfile.TemporaryFile(buffering=0) as file:
        return FileIO(os.dup(file.fileno()), "r+b")


def _number_for_child(shared: FileIO) -> int:
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.get_osfhandle(shared.fileno())
    return shared.fileno()


def _spawn(command: Sequence[str], *, shared: FileIO, stderr: FileIO) -> subprocess.Popen[bytes]:
    streams: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": stderr}
    if sys.platform == "win32":
        handle = _number_for_child(shared)
        os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        hidden = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, **streams, startupinfo=startup, creationflags=hidden)
    # A session of its own: Ctrl-C reaches only us, and `end` can kill whatever the child may have started.
    return subprocess.Popen(command, **streams, pass_fds=(shared.fileno(),), start_new_session=True)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
