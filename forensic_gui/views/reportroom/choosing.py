"""Which items a report shows, and in what order: a list with marks, as a value. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from forensic_gui.domain.case import CaseItem


@dataclass(frozen=True, slots=True)
class Choice:
    """Items in their order, and which of them are shown.

    Attributes:
        order: ids of every item of the case, each once.
        picked: those that the report shows.
    """

    order: tuple[int, ...] = ()
    picked: frozenset[int] = frozenset()

    @classmethod
    def of(cls, known: Sequence[int], item_ids: Sequence[int]) -> Choice:
        """The choice of a plan: what it shows comes first.

        Args:
            known: ids of every item, in the order of adding.
            item_ids: of the plan; empty for all.
        """
        there = frozenset(known)
        wanted = tuple(each for each in item_ids if each in there)
        if not item_ids:
            return cls(tuple(known), there)
        picked = frozenset(wanted)
        return cls((*wanted, *(each for each in known if each not in picked)), picked)

    @property
    def shown(self) -> tuple[int, ...]:
        """Ids of the items that the report shows, in its order."""
        return tuple(each for each in self.order if each in self.picked)

    def item_ids(self, known: Sequence[int]) -> tuple[int, ...]:
        """What a plan says for it: nothing where all are shown in the order of adding, so that later ones are too."""
        shown = self.shown
        return () if shown == tuple(known) else shown

    def with_picked(self, item_ids: Collection[int], picked: bool) -> Choice:
        """Show some items as well, or no longer."""
        changed = frozenset(item_ids)
        return replace(self, picked=self.picked | changed if picked else self.picked - changed)

    def moved(self, item_ids: Collection[int], *, before: int | None) -> Choice:
        """Items together, in their order, before another one; None: at the end."""
        going = [each for each in self.order if each in item_ids]
        if before in item_ids:
            later = self.order[self.order.index(before) :]
            before = next((each for each in later if each not in item_ids), None)
        staying = [each for each in self.order if each not in item_ids]
        at = len(staying) if before is None else staying.index(before)
        return replace(self, order=(*staying[:at], *going, *staying[at:]))

    def stepped(self, item_ids: Collection[int], *, step: int, seen: Sequence[int]) -> Choice:
        """Items one row up (-1) or down (1) among those that are seen; unchanged at the edges.

        Args:
            item_ids: those that move.
            step: -1 or 1.
            seen: ids of the rows, from the top; all of `item_ids` among them.
        """
        rows = [row for row, each in enumerate(seen) if each in item_ids]
        if not rows:
            return self
        if step < 0:
            return self if rows[0] == 0 else self.moved(item_ids, before=seen[rows[0] - 1])
        if rows[-1] == len(seen) - 1:
            return self
        # After the row below the last one: before the one below that, whether it is seen or not.
        below = self.order[self.order.index(seen[rows[-1] + 1]) + 1 :]
        return self.moved(item_ids, before=next((each for each in below if each not in item_ids), None))


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which rows are seen.

    Attributes:
        text: part of name, group, tag or hash, in any case of letters; "" for all.
        with_finding: only items with a model's finding.
        with_regions: only items on which the analyst drew.
        picked_only: only items that the report shows.
    """

    text: str = ""
    with_finding: bool = False
    with_regions: bool = False
    picked_only: bool = False

    def passes(self, item: CaseItem, *, picked: bool) -> bool:
        """Whether an item is seen."""
        if (self.with_finding and item.share is None) or (self.with_regions and not item.regions):
            return False
        if self.picked_only and not picked:
            return False
        needle = self.text.strip().casefold()
        if not needle:
            return True
        texts = (item.name, item.group, *item.tags)
        return any(needle in text.casefold() for text in texts) or item.sha256.startswith(needle)
