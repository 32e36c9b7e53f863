"""How far a batch is, and how long it will still take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

RECENT = 20
"""Items over which the pace is measured: enough to be steady, few enough to follow a change of image size."""


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """State of a running batch.

    Attributes:
        done: items finished, failed ones included.
        total: items in all.
        failed: items that failed.
        seconds_left: estimate; None while nothing is known.
    """

    done: int
    total: int
    failed: int
    seconds_left: float | None

    @property
    def share(self) -> float:
        """Share done, in [0, 1]."""
        return self.done / self.total if self.total else 1.0


def seconds_left(finished_at: Sequence[float], *, started_at: float, total: int) -> float | None:
    """Time left at the pace of the last items.

    Args:
        finished_at: times at which items were finished, in order (seconds of any clock).
        started_at: when the first item began.
        total: items in all.

    Returns:
        Seconds; None before the first item is finished.
    """
    if not finished_at:
        return None
    recent = finished_at[-RECENT:]
    before = finished_at[-RECENT - 1] if len(finished_at) > RECENT else started_at
    pace = (recent[-1] - before) / len(recent)
    return max(0.0, pace * (total - len(finished_at)))


def duration_left(seconds: float | None) -> str:
    """A duration as people say it; never more exact than the estimate is."""
    if seconds is None:
        return "estimating the time left"
    if seconds < 5:
        return "a few seconds left"
    if seconds < 55:
        return f"about {math.ceil(seconds / 5) * 5} s left"
    minutes = math.ceil(seconds / 60 - 0.1)
    if minutes < 60:
        return f"about {minutes} min left"
    return f"about {minutes // 60} h {minutes % 60:02d} min left"
