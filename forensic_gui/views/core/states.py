"""What is known of the items of a list, by lookup: nothing goes through all of them when weights or views change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from forensic_gui.views.core.items import WAITING, Analyzed, Analyzing, CouldNot, Item, ItemState, NotAnalyzed, Waiting

Found: TypeAlias = Callable[[str | None], Analyzed | None]
"""The result of this session for the bytes of a SHA-256, in the setup chosen now; None where there is none."""


class States:
    """Says of an item what is known of it now. One thread changes it, others may ask it meanwhile."""

    def __init__(self) -> None:
        self._working: dict[int, Analyzing | Waiting] = {}
        self._queued: set[int] = set()
        self._failed: dict[int, CouldNot] = {}
        self._told: dict[int, Analyzed] = {}
        self._found: Found = lambda _: None

    def of(self, item: Item) -> ItemState:
        """What is known of an item: what happens to it now, else how its last analysis ended, else what was found."""
        if (working := self._working.get(item.id)) is not None:
            return working
        if item.id in self._queued:
            return WAITING
        ended = self._failed.get(item.id) or self._told.get(item.id)
        if ended is not None:
            return ended
        if isinstance(item.state, CouldNot):
            return item.state
        return self._found(item.sha256) or item.known_state

    def tell(self, item_id: int, state: ItemState) -> None:
        """Note what is known of an item; `NotAnalyzed` leaves what an earlier analysis found."""
        self._queued.discard(item_id)
        match state:
            case Analyzing() | Waiting():
                self._working[item_id] = state
                return
            case CouldNot():
                self._failed[item_id] = state
            case Analyzed():
                self._failed.pop(item_id, None)
                self._told[item_id] = state
            case NotAnalyzed():
                self._failed.pop(item_id, None)
        self._working.pop(item_id, None)

    def queue(self, item_ids: Collection[int]) -> None:
        """Items wait for their analysis."""
        self._queued.update(item_ids)

    def release(self, item_ids: Collection[int]) -> None:
        """Items wait no longer, and none of them is being analyzed."""
        gone = set(item_ids)
        self._queued -= gone
        for item_id in gone & self._working.keys():
            del self._working[item_id]

    def look_up(self, found: Found) -> None:
        """Weights or views have changed: results are found by `found` from now on."""
        self._found = found
        self._told = {}
