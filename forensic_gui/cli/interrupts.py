"""Ctrl-C: the first asks to stop, the second ends the process."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType
from typing import TypeVar

from forensic_gui.domain.errors import Cancelled
from forensic_gui.services.progress import CancelToken

INTERRUPTED_STATUS = 130
"""Exit status of a run that was stopped: 128 + SIGINT, as shells have it."""

_POLL_S = 0.05
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


@contextmanager
def cancel_on_signal() -> Iterator[CancelToken]:
    """A token that SIGINT or SIGTERM sets; after the first of them, the next one ends the process at once."""
    token = CancelToken()

    def stop(_number: int, _frame: FrameType | None) -> None:
        token.cancel()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield token
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_for(work: Callable[[], T], *, cancel: CancelToken) -> T:
    """Run `work`, which cannot be asked to stop, and leave it behind when the token is set.

    For work that a process may end in the middle of, as importing a large library; it runs on a daemon thread.

    Raises:
        Cancelled: stopping was asked for.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again on the waiting thread
            errors.append(error)

    thread = Thread(target=run, name="uninterruptible work", daemon=True)
    thread.start()
    while thread.is_alive():
        # A time-out, because a wait without one keeps signals out on Windows.
        thread.join(_POLL_S)
        if cancel.is_cancelled:
            raise Cancelled
    if errors:
        raise errors[0]
    return results[0]
