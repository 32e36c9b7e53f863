"""Progress out, cancellation in: what every service takes beside its request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from forensic_gui.domain.errors import Cancelled


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """One step of a service.

    Attributes:
        done: items finished, failed ones included.
        total: items in all; None while they are still being counted.
        failed: items that failed.
        item: path or name of the item the event is about.
        kind: "started", "finished" or "failed" for an item; "stage" for a step within one.
        message: a sentence for people: the failure, or the stage.
    """

    done: int
    total: int | None
    failed: int
    item: str
    kind: Literal["started", "finished", "failed", "stage"]
    message: str = ""


ProgressSink = Callable[[ProgressEvent], None]


def ignore_progress(_: ProgressEvent) -> None:
    """A sink for callers who do not watch."""


class CancelToken:
    """Set from any thread; services look at it between steps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the service to stop at its next safe point."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether stopping was asked for."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` when stopping was asked for."""
        if self._event.is_set():
            raise Cancelled
