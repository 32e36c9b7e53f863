"""What checking an audit trail found."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.trail_fault import TrailFault, Walked
from forensic_gui.services.auditing.records import NamedRecord

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PrintedHead:
    """The event that a report, or the manifest beside it, names as the last one of its time.

    Attributes:
        sha256: its hash.
        number: of the event; None where only the hash is known.
    """

    sha256: str
    number: int | None = None

    @classmethod
    def of(cls, text: str, number: int | None = None) -> PrintedHead:
        """The head of a hash that somebody typed or copied.

        Raises:
            RequestError: it is no SHA-256, or the number is none of an event.
        """
        sha256 = "".join(text.split()).lower()
        if not _SHA256.fullmatch(sha256):
            raise RequestError("The head is the 64 hexadecimal digits that a report prints, all of them.")
        if number is not None and number < 1:
            raise RequestError("Events are numbered from 1.")
        return cls(sha256, number)


@dataclass(frozen=True, slots=True)
class HeadAnswer:
    """Whether the event that a report names is in the trail.

    Attributes:
        is_in_trail: whether it is, in the place that the report says.
        sentence: what there is to say of it.
        is_of_record: whether the hash is no event's but that of a report's record, which an event names.
    """

    is_in_trail: bool
    sentence: str
    is_of_record: bool = False


@dataclass(frozen=True, slots=True)
class TrailVerdict:
    """What checking found.

    Attributes:
        events: number of events that fit, from the first one on.
        head: SHA-256 of the last of them; "" where there is none.
        fault: the first thing that is wrong; None where all is whole.
        has_tables: whether what the events vouch for was compared too, which a file of events alone does not have.
        printed: whether the event that was asked for is in the trail; None where none was.
    """

    events: int
    head: str
    fault: TrailFault | None
    has_tables: bool
    printed: HeadAnswer | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong, and the event that was asked for is there."""
        return self.fault is None and (self.printed is None or self.printed.is_in_trail)


def verdict_of(
    walked: Walked,
    *,
    has_tables: bool,
    printed: PrintedHead | None,
    found: AuditEvent | None,
    record: NamedRecord | None = None,
) -> TrailVerdict:
    """Put together what was found.

    Args:
        walked: how far the chain holds.
        has_tables: whether what it vouches for was compared.
        printed: the head that was asked for.
        found: the event of this hash among those that fit.
        record: the report's record of this hash by the word of an event that fits.
    """
    return TrailVerdict(
        events=walked.events,
        head="" if walked.last is None else walked.last.sha256,
        fault=walked.fault,
        has_tables=has_tables,
        printed=None if printed is None else _answer(walked, printed, found, record),
    )


def _answer(walked: Walked, printed: PrintedHead, found: AuditEvent | None, record: NamedRecord | None) -> HeadAnswer:
    if found is None and record is not None:
        return HeadAnswer(False, _of_record(record), is_of_record=True)
    if found is not None and printed.number in (None, found.seq):
        after = walked.events - found.seq
        more = "1 event follows" if after == 1 else f"{after} events follow"
        return HeadAnswer(True, f"The event that the report names is in the trail: number {found.seq}, and {more}.")
    return HeadAnswer(False, _why_not(walked, printed, found))


def _of_record(record: NamedRecord) -> str:
    of = "a draft" if record.revision is None else f"revision {record.revision}"
    return (
        f"This is the hash of the record of {of} (event {record.event}), and not of an event: the head of the audit "
        "trail is the line above it in the report. Whether the trail still has that head was not checked."
    )


def _why_not(walked: Walked, printed: PrintedHead, found: AuditEvent | None) -> str:
    if found is not None:
        return f"The event of this hash is number {found.seq} of the trail, and not number {printed.number}."
    if walked.fault is not None and (printed.number is None or printed.number > walked.events):
        return "The event that the report names is not among those before the damage."
    if printed.number is None:
        return (
            "No event of the trail has the hash that the report names: its end was cut off, it was written anew, or "
            "the report is of another case. The number beside the hash tells which."
        )
    if printed.number > walked.events:
        return (
            f"The trail ends before the event that the report names: it has {walked.events} events, and the report "
            f"names number {printed.number}."
        )
    return (
        f"Event {printed.number} of the trail is another one than the report names: the trail was written anew, or the "
        "report is of another case."
    )
