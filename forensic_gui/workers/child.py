"""This program's own command line as a child process: lines out, lines in, and never an orphan.

What may crash, or must be stoppable at any moment, runs there. A job on a lane starts the child and follows it; the
thread of the window says lines to it in between.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import IO, Any

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.progress import CancelToken

PATIENCE_S = 10.0
"""How long a child that was asked to stop may take before it is ended."""

_POLL_S = 0.05
_LAST_WORDS_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """How a child ended.

    Attributes:
        status: exit status; negative for the signal that ended it.
        last_words: the end of what it wrote on standard error.
        was_killed: whether it did not stop when it was asked to, and was ended.
    """

    status: int
    last_words: str
    was_killed: bool = False


class Child:
    """One child process. `follow` is called once, on a lane's thread; everything else from any thread."""

    def __init__(self, command: Sequence[str], *, patience_s: float = PATIENCE_S) -> None:
        """Prepare; nothing is started.

        Args:
            command: program and arguments.
            patience_s: how long it may take to stop when it is asked to.
        """
        self._command = tuple(command)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._stdin: IO[bytes] | None = None
        self._waiting: list[str] = []

    def say(self, line: str) -> None:
        """Write a line to the child, at once or when it is started; nobody hears it once the child has ended."""
        with self._lock:
            if self._stdin is None:
                self._waiting.append(line)
            else:
                self._write(line)

    def follow(self, on_line: Callable[[str], None], *, cancel: CancelToken) -> ChildEnd:
        """Start the child and wait for its end.

        Args:
            on_line: told every line of its standard output, on this thread.
            cancel: once set, the child's standard input ends, which asks it to stop.

        Raises:
            ForensicError: it cannot be started.
        """
        with tempfile.TemporaryFile() as said:
            process = self._start(said)
            assert process.stdout is not None
            lines: SimpleQueue[bytes | None] = SimpleQueue()
            reader = threading.Thread(target=_pump, args=(process.stdout, lines), name="child-lines", daemon=True)
            reader.start()
            try:
                was_killed = self._listen(process, lines, on_line, cancel)
            finally:
                # On any way out, an exception of `on_line` among them.
                process.kill()
                process.wait()
                self._hang_up()
                reader.join()
                process.stdout.close()
            return ChildEnd(process.returncode, _tail(said), was_killed)

    def _start(self, said: IO[bytes]) -> subprocess.Popen[bytes]:
        hidden: dict[str, Any] = {}
        if sys.platform == "win32":
            hidden["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        else:
            hidden["start_new_session"] = True  # Ctrl-C in a terminal reaches only us
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=said, **hidden)
        except OSError as error:
            raise ForensicError(f"{self._command[0]} could not be started: {error.strerror}.") from error
        with self._lock:
            self._stdin = process.stdin
            for line in self._waiting:
                self._write(line)
        return process

    def _listen(
        self,
        process: subprocess.Popen[bytes],
        lines: SimpleQueue[bytes | None],
        on_line: Callable[[str], None],
        cancel: CancelToken,
    ) -> bool:
        """Hand over lines until the child has ended; whether it had to be killed."""
        deadline: float | None = None
        was_killed = False
        while True:
            if cancel.is_cancelled and deadline is None:
                deadline = time.monotonic() + self._patience_s
                self._hang_up()
            if deadline is not None and time.monotonic() > deadline and not was_killed:
                was_killed = True
                process.kill()
            with contextlib.suppress(Empty):
                line = lines.get(timeout=_POLL_S)
                if line is None:
                    break
                on_line(line.decode("utf-8", "replace").rstrip("\r\n"))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=self._patience_s)
        return was_killed

    def _write(self, line: str) -> None:
        assert self._stdin is not None
        # A child that has ended hears nothing; its end is told by `follow`.
        with contextlib.suppress(OSError, ValueError):
            self._stdin.write(f"{line}\n".encode())
            self._stdin.flush()

    def _hang_up(self) -> None:
        with self._lock:
            if self._stdin is not None:
                with contextlib.suppress(OSError):
                    self._stdin.close()


def _pump(stream: IO[bytes], lines: SimpleQueue[bytes | None]) -> None:
    with contextlib.suppress(ValueError, OSError):  # the stream was closed under it
        for line in stream:
            lines.put(line)
    lines.put(None)


def _tail(said: IO[bytes]) -> str:
    size = said.seek(0, 2)
    said.seek(max(0, size - _LAST_WORDS_BYTES))
    return said.read().decode("utf-8", "replace").strip()
