"""Pausing and stopping a fine-tuning from another thread, and lines of text that do it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from forensic_gui.services.finetune.events import FinetuneEvent, PausedEvent, ResumedEvent
from forensic_gui.services.progress import CancelToken

_LOOKS_EVERY_S = 0.1


class RunControl:
    """Set from any thread; the run looks at it after every step and before every image that it scores."""

    def __init__(self, cancel: CancelToken, *, tell: Callable[[FinetuneEvent], None]) -> None:
        """Control a run.

        Args:
            cancel: its token.
            tell: told, on the run's thread, when it starts to wait and when it goes on.
        """
        self._cancel = cancel
        self._tell = tell
        self._paused = threading.Event()

    def pause(self) -> None:
        """Ask it to wait after the step it is in."""
        self._paused.set()

    def resume(self) -> None:
        """Let it go on."""
        self._paused.clear()

    def cancel(self) -> None:
        """Ask it to stop."""
        self._cancel.cancel()

    def should_stop(self) -> bool:
        """Whether stopping was asked for."""
        return self._cancel.is_cancelled

    def should_pause(self) -> bool:
        """Whether waiting was asked for."""
        return self._paused.is_set()

    def wait_while_paused(self) -> None:
        """Wait until `resume` or `cancel`; returns at once where nobody paused."""
        if not self._paused.is_set():
            return
        self._tell(PausedEvent())
        # Polled, because a signal that asks to stop sets the token and nothing else.
        waiting = threading.Event()
        while self._paused.is_set() and not self._cancel.is_cancelled:
            waiting.wait(_LOOKS_EVERY_S)
        if not self._cancel.is_cancelled:
            self._tell(ResumedEvent())


def obey(lines: Iterable[str], control: RunControl) -> None:
    """Do what lines say, until they end: `pause`, `resume`, `cancel`. Their end counts as `cancel`.

    Other lines are passed over, so that a newer parent may say more.
    """
    actions: dict[str, Callable[[], None]] = {
        "pause": control.pause,
        "resume": control.resume,
        "cancel": control.cancel,
    }
    for line in lines:
        action = actions.get(line.strip())
        if action is not None:
            action()
    control.cancel()
