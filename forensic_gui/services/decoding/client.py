"""`DecoderProcess`: the `Decoder` port over one persistent child process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from forensic_gui.domain.errors import Cancelled, DecoderCrashed, DecodeTimedOut, EvidenceError
from forensic_gui.domain.evidence import DecodedEvidence, Evidence
from forensic_gui.domain.metadata import Metadata
from forensic_gui.services.decoding.child import Child, ChildEnded
from forensic_gui.services.decoding.limits import DecodeLimits
from forensic_gui.services.decoding.wire import (
    Answer,
    Hashed,
    MetadataReady,
    PixelsReady,
    ProtocolError,
    parse_answer,
    parse_metadata,
)
from forensic_gui.services.progress import CancelToken

_POLL_S = 0.02

Request = dict[str, str | int | None]
Ready = Hashed | PixelsReady | MetadataReady


class DecoderProcess:
    """Decodes evidence in a child process, one file at a time, from any thread.

    The child is started with the first decode (or by `start`), lives across files, and is killed and replaced when it
    exceeds its time, dies, or its work is cancelled. Sentences of the errors do not name the file: the caller does.
    """

    def __init__(self, command: Sequence[str], limits: DecodeLimits | None = None) -> None:
        """Prepare; nothing is started yet.

        Args:
            command: argv of the child, as `default_command()` returns.
            limits: bounds of each decode; None for the defaults.
        """
        self._command = tuple(command)
        self._limits = limits or DecodeLimits()
        self._turn = threading.Lock()
        self._closing = threading.Event()
        self._child: Child | None = None

    def start(self) -> None:
        """Start the child now, so that the first decode does not wait for its imports. Returns at once.

        Raises:
            DecoderCrashed: the command could not be started.
        """
        with self._turn:
            self._running_child()

    def decode(
        self,
        path: Path,
        *,
        page: int = 0,
        max_side_px: int | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodedEvidence:
        """Hash the bytes of `path`, then decode them to RGB in the child.

        Args:
            path: evidence file; opened read-only, never followed through a symlink, regular files only.
            page: page or frame of a multi-page file, from 0.
            max_side_px: for thumbnails, a reduced decode whose longer side is at most this.
            cancel: looked at every 20 ms, also while another thread's decode is waited for.

        Raises:
            EvidenceError: one of its kinds, with a sentence.
            Cancelled: stopping was asked for, or `close` was called meanwhile.
            ValueError: `page` is negative or `max_side_px` below 1.
        """
        if page < 0 or (max_side_px is not None and max_side_px < 1):
            raise ValueError(f"page {page} must be at least 0 and max_side_px {max_side_px} at least 1")
        absolute = Path(path).absolute()  # not resolved: that would follow a link
        with self._my_turn(cancel):
            child = self._running_child()
            request: Request = {"path": str(absolute), "page": page, "max_side_px": max_side_px}
            return self._exchange(child, request, path=Path(path), cancel=cancel)

    def metadata(self, path: Path, *, cancel: CancelToken | None = None) -> tuple[str, Metadata, bytes]:
        """Hash the bytes of `path`, then read in the child what they say of themselves.

        Damage in what they say is among the warnings.

        Args:
            path: evidence file; opened read-only, never followed through a symlink, regular files only.
            cancel: looked at every 20 ms, also while another thread's decode is waited for.

        Returns:
            SHA-256 of the bytes, what they say, and the embedded thumbnail or b"".

        Raises:
            EvidenceError: one of its kinds, with a sentence.
            Cancelled: stopping was asked for, or `close` was called meanwhile.
        """
        request: Request = {"path": str(Path(path).absolute()), "metadata": True}
        with self._my_turn(cancel):
            child = self._running_child()
            with self._seen_through(child, request, cancel=cancel) as (hashed, ready):
                if not isinstance(ready, MetadataReady):
                    raise ProtocolError("something else than metadata")
                data = child.take_bytes(ready.record_bytes + ready.thumbnail_bytes)
                said = parse_metadata(data[: ready.record_bytes])
                return hashed.sha256, said, data[ready.record_bytes :]

    def close(self) -> None:
        """Stop the child process; a decode under way ends as cancelled. Idempotent."""
        self._closing.set()
        with self._turn:
            self._drop_child()

    @property
    def child_pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        child = self._child
        return child.pid if child is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _my_turn(self, cancel: CancelToken | None) -> Iterator[None]:
        self._raise_if_stopped(cancel)
        while not self._turn.acquire(timeout=_POLL_S):
            self._raise_if_stopped(cancel)
        try:
            self._raise_if_stopped(cancel)
            yield
        finally:
            self._turn.release()

    def _raise_if_stopped(self, cancel: CancelToken | None) -> None:
        if self._closing.is_set():
            raise Cancelled
        if cancel is not None:
            cancel.raise_if_cancelled()

    def _running_child(self) -> Child:
        """The child, started or replaced if need be."""
        if self._child is not None and not self._child.is_alive:
            self._drop_child()
        if self._child is None:
            try:
                self._child = Child(self._command, self._limits)
            except ChildEnded as ended:
                raise DecoderCrashed(
                    f"The decoder process {ended}; reinstall the program or check its files."
                ) from ended
        return self._child

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _exchange(self, child: Child, request: Request, *, path: Path, cancel: CancelToken | None) -> DecodedEvidence:
        with self._seen_through(child, request, cancel=cancel) as (hashed, ready):
            if not isinstance(ready, PixelsReady):
                raise ProtocolError("something else than pixels")
            self._check_size(ready, reduced=request["max_side_px"] is not None)
            pixels = child.take_pixels(ready.shape)
        evidence = Evidence(path, hashed.sha256, hashed.size_bytes, hashed.modified_utc)
        return DecodedEvidence(evidence, ready.facts, pixels, hashed.seconds, ready.seconds)

    @contextmanager
    def _seen_through(
        self, child: Child, request: Request, *, cancel: CancelToken | None
    ) -> Iterator[tuple[Hashed, PixelsReady | MetadataReady]]:
        """Send a request and hand its answers over; whatever goes wrong, there too, costs the child its life."""
        hashed: Ready | None = None
        try:
            child.send(request)
            deadline = time.monotonic() + self._limits.timeout_s
            hashed = self._next_answer(child, deadline, cancel)
            if not isinstance(hashed, Hashed):
                raise ProtocolError("pixels before their hash")
            ready = self._next_answer(child, deadline, cancel)
            if isinstance(ready, Hashed):
                raise ProtocolError("a second hash")
            yield hashed, ready
        except EvidenceRefused as refusal:
            raise _with_hash(refusal.error, hashed) from None
        except (ChildEnded, ProtocolError) as ended:
            self._drop_child()
            crash = DecoderCrashed(f"The decoder process {_as_clause(ended)} on this file; it was not analyzed.")
            raise _with_hash(crash, hashed) from ended
        except DecodeTimedOut as late:
            self._drop_child()
            raise _with_hash(late, hashed) from None
        except BaseException:  # cancel, Ctrl-C: the child is still at work on this file
            self._drop_child()
            raise

    def _next_answer(self, child: Child, deadline: float, cancel: CancelToken | None) -> Ready:
        while True:
            self._raise_if_stopped(cancel)
            message = child.receive(timeout_s=_POLL_S)
            if message is not None:
                answer: Answer = parse_answer(message)
                if isinstance(answer, EvidenceError):
                    raise EvidenceRefused(answer)
                return answer
            if time.monotonic() > deadline:
                raise DecodeTimedOut(f"Decoding took longer than {self._limits.timeout_s:g} seconds and was stopped.")

    def _check_size(self, ready: PixelsReady, *, reduced: bool) -> None:
        rows, columns, _ = ready.shape
        whole = ready.facts.stored.shape
        fits = rows <= whole[0] and columns <= whole[1] if reduced else (rows, columns) == whole
        if not fits or rows * columns > self._limits.max_pixels:
            raise ProtocolError(f"{columns}x{rows} pixels of an image of {whole[1]}x{whole[0]}")


class EvidenceRefused(Exception):  # noqa: N818 - carries the child's refusal past the handlers that would kill it
    """The child refused the file and is well."""

    def __init__(self, error: EvidenceError) -> None:
        super().__init__(str(error))
        self.error = error


def _with_hash(error: EvidenceError, hashed: Ready | None) -> EvidenceError:
    """The error with the hash of the bytes, where they were read: a refused file is still evidence."""
    error.sha256 = hashed.sha256 if isinstance(hashed, Hashed) else None
    return error


def _as_clause(ended: Exception) -> str:
    return f"sent {ended}" if isinstance(ended, ProtocolError) else str(ended)
