"""Files of events: one line of JSON for each, which anybody can check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from forensic_gui.domain.audit import canonical_json, event_of
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.trail_fault import FaultKind, Look, TrailFault, TrailRow, Walked, walk

MOST_LINE_BYTES = 64 << 20
"""A line that is longer is no event."""


class _NoEventError(Exception):
    """A line is no event; says which and why."""


def walk_lines(path: Path, *, look: Look) -> Walked:
    """Follow the chain of a file's events to its end, or to the first line that does not fit.

    Args:
        path: of the file.
        look: told of every event that fits; may raise to stop.

    Raises:
        RequestError: the file cannot be read, or has no event at all.
    """
    try:
        if not _has_event(path):
            raise RequestError(f"{path} is no audit trail: no line of it is an event. Name a case or a file of events.")
        return _walked(path, look)
    except OSError as error:
        raise RequestError(f"{path} cannot be read ({error.strerror or type(error).__name__}).") from error


def rows_of(path: Path) -> Iterator[TrailRow]:
    """The events of a file, in the order of its lines; a line that is none is passed over."""
    return _rows(path, lenient=True)


def _walked(path: Path, look: Look) -> Walked:
    fits: list[AuditEvent] = []

    def note(event: AuditEvent) -> None:
        fits[:] = [event]
        look(event)

    try:
        return walk(_rows(path), again=lambda: _rows(path, lenient=True), look=note)
    except _NoEventError as error:
        last = fits[0] if fits else None
        number = 1 if last is None else last.seq + 1
        return Walked(number - 1, last, TrailFault(FaultKind.ALTERED, f"event {number} was altered: {error}", number))


def _has_event(path: Path) -> bool:
    """Whether any line is an event, however wrong: a file that has none was never a trail."""
    with path.open("rb") as file:
        while line := file.readline(MOST_LINE_BYTES):
            with suppress(ValueError):
                event_of(line)
                return True
    return False


def _rows(path: Path, *, lenient: bool = False) -> Iterator[TrailRow]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_LINE_BYTES):
            number += 1
            if not line.strip():
                continue
            try:
                yield _row(line)
            except ValueError as error:
                if not lenient:
                    raise _NoEventError(f"line {number} {error}") from error


def _row(line: bytes) -> TrailRow:
    event = event_of(line)
    try:
        details_json = canonical_json(event.details)
    except (ValueError, RecursionError) as error:  # numbers that JSON does not have, as NaN
        raise ValueError("holds what JSON does not have") from error
    return TrailRow(replace(event, details={}), details_json)
