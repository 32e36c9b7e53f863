"""Progress of a report, item by item."""

from __future__ import annotations

from forensic_gui.services.progress import ProgressEvent, ProgressSink


class Steps:
    """Counts items that are done with."""

    def __init__(self, progress: ProgressSink, *, total: int) -> None:
        """Start at none of `total`."""
        self._progress = progress
        self._total = total
        self._done = 0

    def passed(self, item: str, message: str) -> None:
        """One more item is done with; `message` says what was done to it."""
        self._done += 1
        self._progress(ProgressEvent(self._done, self._total, 0, item, "stage", message))
