"""This program started afresh, to measure what a process can only show from its start: memory, first frame, window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Any

from forensic_gui.domain.errors import Cancelled
from forensic_gui.services.benchmark.ports import Message, ProbeError
from forensic_gui.services.progress import CancelToken

_POLL_S = 0.1
_LONGEST_S = 180.0


def own_command() -> tuple[str, ...]:
    """What starts this program: the frozen executable, or this interpreter with the command line's module."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    return (sys.executable, "-m", "forensic_gui.cli.main")


class FreshProcess:
    """The `RunProbe` port: `forensic-gui benchmark --probe …` as a child process that writes JSON lines."""

    def __init__(self, command: Sequence[str], *, longest_s: float = _LONGEST_S) -> None:
        """Prepare; nothing is started.

        Args:
            command: what starts this program.
            longest_s: after this many seconds a process is ended.
        """
        self._command = tuple(command)
        self._longest_s = longest_s

    def __call__(self, arguments: Sequence[str], *, cancel: CancelToken) -> Sequence[Message]:
        """Run and read; see the port."""
        with tempfile.TemporaryFile() as said:
            started = time.perf_counter()
            process = subprocess.Popen(
                [*self._command, "benchmark", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                env=unseen_environment(os.environ),
            )
            try:
                messages = self._listen(process, started, cancel)
                process.wait(timeout=self._longest_s)
            except subprocess.TimeoutExpired as late:
                raise ProbeError("The measured process does not end.") from late
            finally:
                process.kill()
                process.wait()
                assert process.stdout is not None
                process.stdout.close()
            if process.returncode:
                said.seek(0)
                raise ProbeError(_last_line(said.read()) or f"The measured process ended with {process.returncode}.")
            return messages

    def _listen(self, process: subprocess.Popen[bytes], started: float, cancel: CancelToken) -> list[Message]:
        lines: SimpleQueue[tuple[float, bytes] | None] = SimpleQueue()
        assert process.stdout is not None
        threading.Thread(target=_pump, args=(process.stdout, lines), name="probe-lines", daemon=True).start()
        messages: list[Message] = []
        while True:
            if cancel.is_cancelled:
                raise Cancelled
            if time.perf_counter() - started > self._longest_s:
                raise ProbeError(f"The measured process took longer than {self._longest_s:g} seconds.")
            with suppress(Empty):
                line = lines.get(timeout=_POLL_S)
                if line is None:
                    return messages
                messages.append(Message(line[0] - started, _values(line[1])))


def unseen_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Qt draws into memory: no window appears, and none is needed."""
    return {**environment, "QT_QPA_PLATFORM": "offscreen"}


def _pump(stream: IO[bytes], lines: SimpleQueue[tuple[float, bytes] | None]) -> None:
    """Stamp every line with the time of its arrival, on a thread that does nothing else."""
    for line in stream:
        lines.put((time.perf_counter(), line))
    lines.put(None)


def _values(line: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ProbeError("The measured process wrote something that is not JSON.") from error
    if not isinstance(values, dict):
        raise ProbeError("The measured process wrote something that is not an object.")
    return values


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
