"""What the window says of events and of what checking them found. No Qt; every text is harmless to show."""

from __future__ import annotations

import json
import re

from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.trail_fault import TrailFault
from forensic_gui.services.auditing.reading import ShownEvent
from forensic_gui.services.auditing.verdict import PrintedHead, TrailVerdict
from forensic_gui.views.core.wording import number, shown_plainly

HEADINGS = ("No.", "Time (UTC)", "Who", "What", "Item", "Details")
READING = "Reading the audit trail…"
VERIFYING = "Verifying…"
EXPORTING = "Exporting…"
STOPPED = "Stopped."
HEAD_LABEL = "&Head of the audit trail printed in a report:"
HEAD_HINT = "64 hexadecimal digits"
HEAD_TIP = "Says whether the trail still has that event. The hash of a report's record is another one, the line below."
_UTC = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00")
_MOST_SHOWN = 1 << 20
_MOST_ITEMS = 100


def plainly(text: str) -> str:
    """A text as one harmless line; quick, for a table asks for many."""
    return text if text.isascii() and text.isprintable() else shown_plainly(text)


def time_text(time: str) -> str:
    """A time for the column of times in UTC; one that is none of those as it is."""
    found = _UTC.fullmatch(time)
    return f"{found[1]} {found[2]}" if found else plainly(time)


def cells(shown: ShownEvent) -> tuple[str, ...]:
    """What a row shows, in the order of `HEADINGS`."""
    event = shown.event
    texts = (event.actor, event.action, shown.about, shown.summary)
    return (number(event.seq), time_text(event.time), *map(plainly, texts))


def details_text(shown: ShownEvent) -> str:
    """Everything that an event says, line by line, to be read and copied."""
    event = shown.event
    lines = [
        f"Event {event.seq}: {plainly(event.action)}",
        f"Time: {plainly(event.time)}",
        f"Who: {plainly(event.actor)}",
        f"On what: {plainly(event.subject) or 'the case itself'}",
        *(f"Item {item.id}: {plainly(item.name)}, SHA-256 {item.sha256}" for item in shown.items[:_MOST_ITEMS]),
        f"Hash: {plainly(event.sha256)}",
        f"Hash of the event before: {plainly(event.previous)}",
        "",
        "Details, as they are hashed:",
        plainly(shown.details_json[:_MOST_SHOWN]),
    ]
    details = shown.details
    if details:
        laid_out = json.dumps(details, indent=2, ensure_ascii=True, sort_keys=True)
        lines += ["", "Details, laid out:", laid_out[:_MOST_SHOWN]]
    if len(shown.details_json) > _MOST_SHOWN:
        lines.append("… (only the first part is shown; the export has all of it)")
    return "\n".join(lines)


def count_text(shown: int, total: int) -> str:
    """How many events are shown."""
    if shown == total:
        return "1 event" if total == 1 else f"{number(total)} events"
    return f"{number(shown)} of {number(total)} events"


def printed_head(text: str) -> PrintedHead | None:
    """The head that somebody copied from a report, with the number of events or without; None where nothing stands.

    Raises:
        RequestError: it is none.
    """
    if not text.strip():
        return None
    counts = [int(each) for each in re.findall(r"(?<![0-9A-Za-z])\d{1,9}(?![0-9A-Za-z])", text)]
    hashes = re.findall(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{64}(?![0-9A-Za-z])", text)
    if len(hashes) != 1 or len(counts) > 1:
        raise RequestError("Paste the hash that a report prints, 64 hexadecimal digits, alone or with its number.")
    return PrintedHead.of(hashes[0], counts[0] if counts else None)


def verdict_text(verdict: TrailVerdict) -> str:
    """What checking found, in sentences."""
    if verdict.fault is not None:
        said = f"Damaged: {plainly(verdict.fault.clause)}. {_where(verdict.fault)}{_before(verdict.events)}"
    else:
        events = count_text(verdict.events, verdict.events)
        said = f"Whole: {events}, and the case is as they say. The last one is {verdict.head}"
    return said if verdict.printed is None else f"{said}\n{verdict.printed.sentence}"


def outgrown_text(verdict: TrailVerdict, *, at: str, since: int) -> str:
    """What is left of a verdict of a whole trail, made `at` a time, that `since` events were appended to."""
    more = "1 event since was" if since == 1 else f"{number(since)} events since were"
    said = f"Verified at {at} up to event {number(verdict.events)}, and whole then; {more} not checked."
    said = f"{said} The last one checked is {verdict.head}"
    return said if verdict.printed is None else f"{said}\n{verdict.printed.sentence}"


def _where(fault: TrailFault) -> str:
    return f"It says that it is of {time_text(fault.time)}. " if fault.time else ""


def _before(events: int) -> str:
    if not events:
        return "No event fits."
    return f"{'The first event fits' if events == 1 else f'The first {number(events)} events fit'}."
