"""Taking times: several things turn by turn, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

from forensic_gui.services.progress import CancelToken

Work = Callable[[], object]
Clock = Callable[[], float]


def medians_ms(
    works: Mapping[str, Work],
    *,
    repeats: int,
    warm_ups: int = 1,
    in_a_row: int = 1,
    cancel: CancelToken | None = None,
    clock: Clock = time.perf_counter,
) -> dict[str, float]:
    """Median time of each work in milliseconds, the works taking turns.

    Args:
        works: what to time, by name.
        repeats: times that each is timed.
        warm_ups: turns before the first one that counts.
        in_a_row: calls of each work in a turn. Where more than one, the first does not count: it finds the caches as
            another work left them.
        cancel: looked at before every turn.
        clock: seconds that never go back.

    Raises:
        Cancelled: stopping was asked for.
        ValueError: no repeats.
    """
    if repeats < 1:
        raise ValueError(f"at least one repeat is needed, not {repeats}")
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(warm_ups + repeats):
        if cancel is not None:
            cancel.raise_if_cancelled()
        for name, work in works.items():
            for call in range(in_a_row):
                started = clock()
                work()
                if turn >= warm_ups and (call > 0 or in_a_row == 1):
                    taken[name].append(clock() - started)
    return {name: 1000 * median(seconds) for name, seconds in taken.items()}
