"""The events of a window: read, arranged and let go of beside its thread. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from forensic_gui.services.auditing.filtering import EventFilter
from forensic_gui.services.auditing.reading import ShownEvent
from forensic_gui.services.progress import CancelToken
from forensic_gui.workers.gentle import collector_paused

_PORTION = 1000
_REST_EVERY_S, _REST_S = 0.004, 0.001
_TELL_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are shown.

    Attributes:
        text: part of anything an event says.
        action: what was done, whole; None for everything.
        actor: who did it, whole; None for everybody.
        is_newest_first: whether the newest stand at the top.
    """

    text: str = ""
    action: str | None = None
    actor: str | None = None
    is_newest_first: bool = True


@dataclass(frozen=True, slots=True)
class Arranged:
    """Which events are shown, in their order.

    Attributes:
        wanted: by what they were chosen.
        of: how many events there were to choose from.
        places: of the events shown, in the sequence of all.
    """

    wanted: Wanted
    of: int
    places: Sequence[int]


@dataclass(frozen=True, slots=True)
class Trail:
    """Events that were read.

    Attributes:
        events: in order of number.
        actions: every action among them, sorted.
        actors: every actor among them, sorted.
    """

    events: list[ShownEvent]
    actions: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()


def collect(before: Trail, events: Iterable[ShownEvent], *, report: Callable[[int], None]) -> Trail:
    """Events read before and the ones after them, as a new list; `report` is told how many there are now and then."""
    with collector_paused():
        collected = list(before.events)
        rest, told_at = Rest(), time.monotonic()
        for shown in events:
            collected.append(shown)
            rest()
            if time.monotonic() - told_at >= _TELL_EVERY_S:
                told_at = time.monotonic()
                report(len(collected))
    actions = {*before.actions, *(shown.event.action for shown in collected[len(before.events) :])}
    actors = {*before.actors, *(shown.event.actor for shown in collected[len(before.events) :])}
    return Trail(collected, tuple(sorted(actions)), tuple(sorted(actors)))


def arrange(events: Sequence[ShownEvent], wanted: Wanted, *, cancel: CancelToken) -> Arranged:
    """Choose events and order them.

    Raises:
        Cancelled: stopping was asked for.
    """
    is_all = not wanted.text and wanted.action is None and wanted.actor is None
    places: Sequence[int] = range(len(events)) if is_all else _chosen(events, wanted, cancel)
    return Arranged(wanted, len(events), places[::-1] if wanted.is_newest_first else places)


def _chosen(events: Sequence[ShownEvent], wanted: Wanted, cancel: CancelToken) -> list[int]:
    rest, fits = Rest(), EventFilter(text=wanted.text.strip()).fits
    chosen = []
    for place, shown in enumerate(events):
        if place % _PORTION == 0:
            cancel.raise_if_cancelled()
        rest()
        event = shown.event
        if wanted.action in (None, event.action) and wanted.actor in (None, event.actor) and fits(shown):
            chosen.append(place)
    return chosen


def let_go(trail: Trail) -> None:
    """Throw events away in portions: to free them all at once holds the interpreter for longer than a frame."""
    while trail.events:
        del trail.events[-_PORTION:]
        time.sleep(_REST_S)


class Rest:
    """Lets the window's thread in between: who runs Python all the time holds it up."""

    def __init__(self) -> None:
        self._rested_at = time.monotonic()

    def __call__(self) -> None:
        """Take a step."""
        if time.monotonic() - self._rested_at >= _REST_EVERY_S:
            time.sleep(_REST_S)
            self._rested_at = time.monotonic()
