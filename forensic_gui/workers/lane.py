"""Lanes: one long-lived thread each, frozen answers back to the thread of the window.

Work of one kind shares a lane and keeps its order; work of different kinds never waits for each other. A request
under a key supersedes the earlier one under the same key: the older answer is dropped, whenever it comes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from forensic_gui.domain.errors import Cancelled
from forensic_gui.services.progress import CancelToken

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The job returned."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """The job raised."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job was cancelled, before or while it ran."""


Outcome: TypeAlias = Done[T] | Failed | Stopped


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is handed beside its own arguments.

    Attributes:
        cancel: to be looked at, or passed on to a service.
        report: sends a frozen value to the thread of the window while the job goes on.
    """

    cancel: CancelToken
    report: Callable[[object], None]


Job: TypeAlias = Callable[[Work], T]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that was handed in."""

    id: int
    cancel: CancelToken


@dataclass(frozen=True, slots=True)
class _Request:
    ticket: Ticket
    key: str
    receive: Callable[[Any], None]
    on_step: Callable[[Any], None] | None
    futures: list[Future[None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Step:
    request_id: int
    value: object


@dataclass(frozen=True, slots=True)
class _Answer:
    request_id: int
    outcome: Outcome[Any]


class Lane(QObject):
    """One thread for one kind of work. Everything but the job itself runs on the thread that made the lane."""

    _arrived = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"lane-{name}")
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"lane-{name}")
        self._ids = itertools.count(1)
        self._requests: dict[int, _Request] = {}
        self._closed = False
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Whether no request is queued or running, and every answer was handed over."""
        return not self._requests

    def submit(
        self,
        job: Job[T],
        *,
        receive: Callable[[Outcome[T]], None],
        on_step: Callable[[Any], None] | None = None,
        key: str = "",
        grace_ms: int = 0,
    ) -> Ticket:
        """Queue `job`; its outcome reaches `receive` exactly once, unless a later request supersedes it.

        Args:
            job: runs on the lane's thread.
            receive: called with the outcome on the thread of the lane.
            on_step: called with each value the job reports, before the outcome.
            key: requests with the same key supersede each other; "" supersedes nothing.
            grace_ms: how long a superseded job that already runs may go on before it is cancelled.
        """
        if self._closed:
            raise RuntimeError(f"{self.objectName()} is closed")
        self._supersede(key, grace_ms)
        ticket = Ticket(next(self._ids), CancelToken())
        request = _Request(ticket, key, receive, on_step)
        self._requests[ticket.id] = request
        request.futures.append(self._executor.submit(self._run, ticket, job))
        return ticket

    def cancel(self, ticket: Ticket) -> None:
        """Stop a request: a queued one is never run, a running one ends at its next safe point."""
        ticket.cancel.cancel()
        request = self._requests.get(ticket.id)
        if request is not None:
            self._drop_queued(request)

    def cancel_key(self, key: str, *, grace_ms: int = 0) -> None:
        """Stop every request under `key`; one that already runs may go on for `grace_ms`."""
        for request in self._under(key):
            if not self._drop_queued(request):
                self._cancel_later(request, grace_ms)

    def drain(self) -> None:
        """Wait until everything queued so far has run; its answers are handed over as usual."""
        if not self._closed:
            self._executor.submit(lambda: None).result()

    def close(self) -> None:
        """Cancel everything, wait for the thread to end, hand over nothing more. Idempotent."""
        self._closed = True
        # Qt may have deleted its half already, as a child of a widget that is gone; the thread has still to be joined.
        for timer in self.findChildren(QTimer) if shiboken6.isValid(self) else ():
            timer.stop()
        for request in self._requests.values():
            request.ticket.cancel.cancel()
        self._requests.clear()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def cancel_all(self) -> None:
        """Stop every request of the lane."""
        for request in list(self._requests.values()):
            self.cancel(request.ticket)

    def _supersede(self, key: str, grace_ms: int) -> None:
        for request in self._under(key) if key else []:
            del self._requests[request.ticket.id]
            if not request.futures[0].cancel():
                self._cancel_later(request, grace_ms)

    def _under(self, key: str) -> list[_Request]:
        return [request for request in self._requests.values() if request.key == key]

    def _drop_queued(self, request: _Request) -> bool:
        """Whether the request had not begun, and now never will."""
        dropped = request.futures[0].cancel()
        if dropped:
            self._arrived.emit(_Answer(request.ticket.id, Stopped()))
        return dropped

    def _cancel_later(self, request: _Request, grace_ms: int) -> None:
        if not grace_ms:
            request.ticket.cancel.cancel()
            return
        # A child of the lane, so that it ends with it; a timer of QTimer.singleShot would not.
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(request.ticket.cancel.cancel)
        timer.timeout.connect(timer.deleteLater)
        timer.start(grace_ms)

    def _run(self, ticket: Ticket, job: Job[Any]) -> None:
        """Runs on the lane's thread."""
        try:
            ticket.cancel.raise_if_cancelled()
            outcome: Outcome[Any] = Done(job(Work(ticket.cancel, lambda value: self._report(ticket, value))))
        except Cancelled:
            outcome = Stopped()
        except Exception as error:  # noqa: BLE001 - the thread's edge: the receiver tells the world's faults from ours
            outcome = Failed(error)
        self._arrived.emit(_Answer(ticket.id, outcome))

    def _report(self, ticket: Ticket, value: object) -> None:
        self._arrived.emit(_Step(ticket.id, value))

    @Slot(object)
    def _on_arrived(self, message: _Step | _Answer) -> None:
        request = self._requests.get(message.request_id)
        if request is None:
            return
        match message:
            case _Step(value=value):
                if request.on_step is not None:
                    request.on_step(value)
            case _Answer(outcome=outcome):
                del self._requests[message.request_id]
                request.receive(outcome)
