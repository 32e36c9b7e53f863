"""What is wrong with an audit trail, named by its first event that does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from forensic_gui.domain.audit import NOTHING_BEFORE, event_hash, misfit, own_number
from forensic_gui.domain.case import AuditEvent


class FaultKind(StrEnum):
    """What is wrong."""

    ALTERED = "altered"
    MISSING = "missing"
    OUT_OF_ORDER = "out of order"
    CHAIN_BROKEN = "chain broken"  # two events, each whole by its own hash, of which one does not follow the other
    TABLES_DIFFER = "tables differ"  # the chain holds, and something in the case is not as it says


@dataclass(frozen=True, slots=True)
class TrailRow:
    """An event as it is kept, which may be anything where somebody changed it.

    Attributes:
        event: with empty details.
        details_json: its details, a text that need not be JSON.
    """

    event: AuditEvent
    details_json: str

    @property
    def fits_its_hash(self) -> bool:
        """Whether it is what was sealed, under the number that it has."""
        return self.event.sha256 == event_hash(self.event, details_json=self.details_json)


@dataclass(frozen=True, slots=True)
class TrailFault:
    """The first thing that is wrong with a trail.

    Attributes:
        kind: what.
        clause: in words, without a full stop.
        number: of the event it is about; None where no single event can be named.
        time: when that event says it was, as it stands there; "" where it is missing.
        action: what it says was done; "" where it is missing.
        stands_at: number of the row to look at: of the event, or of the one in its place; None where there is none.
    """

    kind: FaultKind
    clause: str
    number: int | None = None
    time: str = ""
    action: str = ""
    stands_at: int | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a trail was followed.

    Attributes:
        events: number of events that fit.
        last: the last of them; None where the first one does not fit already.
        fault: what is wrong with the next one; None where the whole chain holds.
    """

    events: int
    last: AuditEvent | None
    fault: TrailFault | None


Look = Callable[[AuditEvent], None]
"""Told of every event on the way; may raise to stop."""


def walk(rows: Iterable[TrailRow], *, again: Callable[[], Iterable[TrailRow]], look: Look = lambda _: None) -> Walked:
    """Follow a trail to its end, or to the first event that does not fit.

    Args:
        rows: its events in their order.
        again: the same rows from the first one, to find what became of an event that is not in its place.
        look: told of every event that fits, without its details.
    """
    last: AuditEvent | None = None
    count = 0
    for row in rows:
        if misfit(row.event, previous=last, details_json=row.details_json):
            return Walked(count, last, _named(row, last, list(again())))
        last, count = row.event, count + 1
        look(last)
    if last is None:
        return Walked(0, None, _missing(1, None))
    return Walked(count, last, None)


def _named(row: TrailRow, last: AuditEvent | None, rows: list[TrailRow]) -> TrailFault:
    """What is wrong at a row that does not follow the last one that fits."""
    expected = 1 if last is None else last.seq + 1
    if row.event.seq < expected:
        clause = f"{_called(row.event)} stands where event {expected} should"
        return _about(row.event, FaultKind.OUT_OF_ORDER, clause)
    follower = _follower(last, expected, rows)
    if follower is not None:
        where = f"after event {row.event.seq}" if follower.seq == expected else f"as event {follower.seq}"
        clause = f"event {expected} is missing from its place: it ({follower.action}) stands {where}"
        return _about(follower, FaultKind.OUT_OF_ORDER, clause, number=expected)
    if row.event.seq > expected:
        return _missing(expected, row.event)
    return _misplaced_or_altered(row, last, most=len(rows) + _MOST_REMOVED)


def _misplaced_or_altered(row: TrailRow, last: AuditEvent | None, *, most: int) -> TrailFault:
    """What is wrong at a row that has the number it should have."""
    event = row.event
    follows = event.previous == (NOTHING_BEFORE if last is None else last.sha256)
    if row.fits_its_hash:
        clause = f"{_called(event)} does not follow the event before it: one of the two was replaced"
        return _about(event, FaultKind.CHAIN_BROKEN, clause)
    number = own_number(event, row.details_json, most=most)
    if number is None:
        words = "was altered" if follows else "does not follow the event before it, and was altered"
        return _about(event, FaultKind.ALTERED, f"{_called(event)} {words}")
    if number > event.seq:
        clause = f"event {event.seq} is missing: what stands in its place ({event.action}) was event {number}"
        return TrailFault(FaultKind.MISSING, clause, event.seq, stands_at=event.seq)
    clause = f"event {number} ({event.action}) stands as event {event.seq}: something was put in before it"
    return _about(event, FaultKind.OUT_OF_ORDER, clause, number=number)


def _follower(last: AuditEvent | None, expected: int, rows: list[TrailRow]) -> AuditEvent | None:
    """The event that was sealed after the last one that fits, wherever it stands now."""
    previous = NOTHING_BEFORE if last is None else last.sha256
    for row in rows:
        sealed = replace(row, event=replace(row.event, seq=expected))
        if row.event.previous == previous and sealed.fits_its_hash:
            return row.event
    return None


def _missing(expected: int, there: AuditEvent | None) -> TrailFault:
    if there is None or there.seq == expected + 1:
        clause = f"event {expected} is missing"
    else:
        clause = f"events {expected} to {there.seq - 1} are missing"
    return TrailFault(FaultKind.MISSING, clause, expected, stands_at=None if there is None else there.seq)


def _about(event: AuditEvent, kind: FaultKind, clause: str, *, number: int | None = None) -> TrailFault:
    return TrailFault(kind, clause, number or event.seq, event.time, event.action, event.seq)


def _called(event: AuditEvent) -> str:
    return f"event {event.seq} ({event.action})"


# An event's number by its own hash is looked for so far beyond the trail's end, which removed events brought nearer.
_MOST_REMOVED = 10_000
