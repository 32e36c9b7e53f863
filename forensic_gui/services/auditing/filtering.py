"""Which events are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from forensic_gui.domain.errors import RequestError
from forensic_gui.services.auditing.reading import KnownItem, ShownEvent

_FEWEST_DIGITS = 6
_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; all that is said must fit. Letters fit in any case.

    Attributes:
        text: part of number, time, who, what, subject, item's name or details; "" for all.
        action: part of what was done; "" for all.
        actor: part of who did it; "" for all.
        item: part of the name of an item it is about, or at least six digits of its hash; "" for all.
        since: not before this time.
        until: not after this time.
    """

    text: str = ""
    action: str = ""
    actor: str = ""
    item: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, shown: ShownEvent) -> bool:
        """Whether an event is wanted."""
        event = shown.event
        return (
            self.action.casefold() in event.action.casefold()
            and self.actor.casefold() in event.actor.casefold()
            and (not self.item or any(_is_called(item, self.item.casefold()) for item in shown.items))
            and self._is_in_time(event.time)
            and self._has_text(shown)
        )

    def _is_in_time(self, text: str) -> bool:
        if self.since is None and self.until is None:
            return True
        try:
            when = moment(text)
        except RequestError:
            return True  # no time at all, which somebody wrote there: it is not hidden
        return (self.since is None or when >= self.since) and (self.until is None or when <= self.until)

    def _has_text(self, shown: ShownEvent) -> bool:
        if not self.text:
            return True
        event, needle = shown.event, self.text.casefold()
        texts = (f"{event.seq}", event.time, event.actor, event.action, event.subject, shown.details_json, event.sha256)
        return any(needle in each.casefold() for each in (*texts, *(item.name for item in shown.items)))


def moment(text: str, *, ends_day: bool = False) -> datetime:
    """A time of ISO 8601, in UTC where no offset is said.

    Args:
        text: as "2026-03-01", "2026-03-01T12:30" or "2026-03-01T12:30:00+02:00".
        ends_day: whether a date alone means the end of that day.

    Raises:
        RequestError: it is none.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise RequestError(f"«{text}» is no time; write it as 2026-03-01 or 2026-03-01T12:30:00+02:00.") from error
    if ends_day and len(text.strip()) <= len("2026-03-01"):
        when = datetime.combine(when.date(), time.max)
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _is_called(item: KnownItem, needle: str) -> bool:
    is_hash = len(needle) >= _FEWEST_DIGITS and set(needle) <= _HEXADECIMAL
    return needle in item.name.casefold() or (is_hash and item.sha256.startswith(needle))
