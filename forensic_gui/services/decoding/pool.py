"""Several decoder processes behind one `Decoder`: as many files at a time as there are processes."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.metadata import Metadata
from forensic_gui.services.decoding.client import DecoderProcess
from forensic_gui.services.progress import CancelToken

_POLL_S = 0.02


class DecoderPool:
    """Decodes evidence and reads metadata in whichever of its processes is free; from any thread.

    A process is started by the first file that it gets.
    """

    def __init__(self, processes: list[DecoderProcess]) -> None:
        """Take processes over; closing the pool closes them."""
        assert processes, "a pool has at least one process"
        self._all = tuple(processes)
        self._free: queue.LifoQueue[DecoderProcess] = queue.LifoQueue()
        self._is_closed = False
        for process in reversed(processes):
            self._free.put(process)

    def decode(
        self,
        path: Path,
        *,
        page: int = 0,
        max_side_px: int | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodedEvidence:
        """Decode a file; see the port `services.ports.Decoder`."""
        with self._one(cancel) as process:
            return process.decode(path, page=page, max_side_px=max_side_px, cancel=cancel)

    def metadata(self, path: Path, *, cancel: CancelToken | None = None) -> tuple[str, Metadata, bytes]:
        """Read what a file says of itself; see `DecoderProcess.metadata`."""
        with self._one(cancel) as process:
            return process.metadata(path, cancel=cancel)

    def close(self) -> None:
        """Stop all processes; what is under way ends as cancelled. Idempotent."""
        self._is_closed = True
        for process in self._all:
            process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _one(self, cancel: CancelToken | None) -> Iterator[DecoderProcess]:
        process = self._wait(cancel)
        try:
            yield process
        finally:
            self._free.put(process)

    def _wait(self, cancel: CancelToken | None) -> DecoderProcess:
        while not self._is_closed:
            if cancel is not None:
                cancel.raise_if_cancelled()
            try:
                return self._free.get(timeout=_POLL_S)
            except queue.Empty:
                continue
        raise Cancelled
