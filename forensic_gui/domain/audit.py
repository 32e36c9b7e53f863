"""The audit trail's chain: every event carries the hash of the one before, so that none can be changed unnoticed.

The hash of an event is the SHA-256 of its canonical JSON without the hash itself: keys sorted, no spaces, ASCII. Any
JSON library and any SHA-256 can check it. What the chain cannot show is a tail that was cut off with everything that
refers to it, nor a trail that somebody made up anew from the first event on; against both the hash of the last event
is printed in reports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from forensic_gui.domain.case import AuditEvent

NOTHING_BEFORE = "0" * 64

CHANGES_NOTHING = frozenset(
    {
        "case opened",
        "case closed",
        "case exported",
        "case imported",
        "originals verified",
        "labels export begun",
        "labels exported",
        "audit trail exported",
        "report written",
        "report signed",
        "report verified",
        "report reproduced",
        "summary written",
    }
)
"""Actions whose events change nothing of what the case says: they tell who looked at it, and what was taken out."""


def canonical_json(value: Any) -> str:
    """JSON values as the one text that is hashed: keys sorted, no spaces, ASCII; a ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def seal(
    previous: AuditEvent | None, *, time: str, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> AuditEvent:
    """The event that follows `previous`; None: the first one."""
    event = AuditEvent(
        seq=1 if previous is None else previous.seq + 1,
        time=time,
        actor=actor,
        action=action,
        subject=subject,
        details=details,
        previous=NOTHING_BEFORE if previous is None else previous.sha256,
        sha256="",
    )
    return replace(event, sha256=event_hash(event))


def event_hash(event: AuditEvent, *, details_json: str | None = None) -> str:
    """Lower-case hexadecimal SHA-256 of an event, whatever hash it carries.

    Args:
        event: which one.
        details_json: its details as canonical JSON, where the caller has them; those of `event` are not looked at then.
    """
    before, after = _hashed(event, canonical_json(event.details) if details_json is None else details_json)
    return hashlib.sha256(f"{before}{event.seq}{after}".encode("ascii", "backslashreplace")).hexdigest()


def _hashed(event: AuditEvent, details_json: str) -> tuple[str, str]:
    """What is hashed before the event's number, and after it.

    Canonical JSON of the whole, put together in the order of its keys so that details need not be parsed again.
    """
    return (
        f'{{"action":{canonical_json(event.action)},"actor":{canonical_json(event.actor)},"details":{details_json}'
        f',"previous":"{event.previous}","seq":'
    ), f',"subject":{canonical_json(event.subject)},"time":{canonical_json(event.time)}}}'


def event_line(event: AuditEvent) -> str:
    """An event as a line of JSON, its own hash among its members, without a line's end.

    The line less its member `sha256` is the text that was hashed, byte for byte.
    """
    record = {each.name: getattr(event, each.name) for each in fields(event)}
    return canonical_json({**record, "details": dict(event.details)})


def event_of(line: str | bytes) -> AuditEvent:
    """The event of a line of `event_line`, in whatever order and with whatever spaces another program wrote it.

    Raises:
        ValueError: it is none; a sentence's end says why.
    """
    try:
        record = json.loads(line, object_pairs_hook=_members)
    except _SaidTwiceError:
        raise
    except (ValueError, RecursionError) as error:
        raise ValueError("is no JSON") from error
    if not isinstance(record, dict) or {name: type(value) for name, value in record.items()} != _TYPES:
        raise ValueError("has not the members of an event")
    return AuditEvent(**record)


class _SaidTwiceError(ValueError):
    """A member stands twice: which of the two a program takes is its own choice, so the line says nothing."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _SaidTwiceError("says one of its members twice")
    return members


_TYPES = {
    "seq": int, "time": str, "actor": str, "action": str, "subject": str, "details": dict, "previous": str,
    "sha256": str,
}  # fmt: skip
assert list(_TYPES) == [each.name for each in fields(AuditEvent)]


def own_number(event: AuditEvent, details_json: str, *, most: int) -> int | None:
    """Under which number an event was sealed, by its own hash; None where that fits none from 1 to `most`."""
    before, after = _hashed(event, details_json)
    begun = hashlib.sha256(before.encode("ascii", "backslashreplace"))
    rest = after.encode("ascii", "backslashreplace")
    # Who made a trail up may have made its texts long: no more is hashed than a second takes.
    for number in range(1, min(most, _MOST_HASHED_BYTES // len(rest)) + 1):
        tried = begun.copy()
        tried.update(b"%d" % number + rest)
        if tried.hexdigest() == event.sha256:
            return number
    return None


_MOST_HASHED_BYTES = 1 << 28


def misfit(event: AuditEvent, *, previous: AuditEvent | None, details_json: str | None = None) -> str:
    """What is wrong with an event that is to follow `previous`, a clause; "" where it fits."""
    expected = 1 if previous is None else previous.seq + 1
    if event.seq != expected:
        return f"event {expected} is missing"
    if event.previous != (NOTHING_BEFORE if previous is None else previous.sha256):
        return f"event {event.seq} ({event.action}) does not follow the event before it"
    if event.sha256 != event_hash(event, details_json=details_json):
        return f"event {event.seq} ({event.action}) was altered"
    return ""
