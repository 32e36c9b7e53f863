"""The audit trail's chain: any change shows, and anybody can check it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

import pytest

from forensic_gui.domain.audit import NOTHING_BEFORE, canonical_json, event_hash, event_line, event_of, misfit, seal
from forensic_gui.domain.case import AuditEvent


def sealed(previous: AuditEvent | None, action: str) -> AuditEvent:
    details = {"b": [1, 2.5], "a": {"ü": None, "quote": '"'}}
    return seal(
        previous, time="2026-01-01T00:00:00+00:00", actor="Ada «the first»", action=action, subject="x", details=details
    )


FIRST = sealed(None, "case created")
SECOND = sealed(FIRST, "evidence added")


def test_the_hash_is_that_of_canonical_json_that_any_program_can_write() -> None:
    record = asdict(SECOND)
    record.pop("sha256")
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    assert SECOND.sha256 == hashlib.sha256(text.encode("ascii")).hexdigest()
    assert (SECOND.seq, SECOND.previous, FIRST.previous) == (2, FIRST.sha256, NOTHING_BEFORE)


def test_a_chain_that_holds_has_no_misfit() -> None:
    assert misfit(FIRST, previous=None) == misfit(SECOND, previous=FIRST) == ""
    assert misfit(SECOND, previous=FIRST, details_json=canonical_json(SECOND.details)) == ""


@pytest.mark.parametrize(
    "change", [{"actor": "Eve"}, {"time": "now"}, {"action": "other"}, {"subject": "y"}, {"details": {}}]
)
def test_any_changed_field_is_named(change: dict[str, object]) -> None:
    assert misfit(replace(SECOND, **change), previous=FIRST).startswith("event 2 (")  # type: ignore[arg-type]


def test_a_removed_moved_or_rechained_event_is_named() -> None:
    third = sealed(SECOND, "case closed")
    assert misfit(third, previous=FIRST) == "event 2 is missing"
    assert misfit(SECOND, previous=None) == "event 1 is missing"
    other = sealed(None, "case created elsewhere")
    assert misfit(SECOND, previous=other) == "event 2 (evidence added) does not follow the event before it"
    forged = replace(SECOND, details={})
    assert misfit(forged, previous=FIRST, details_json="{}") == "event 2 (evidence added) was altered"
    assert misfit(replace(forged, sha256=event_hash(forged)), previous=FIRST) == ""


@pytest.mark.parametrize(
    ("once", "twice"),
    [('"actor":', '"actor":"Eve","actor":'), ('"quote":', '"quote":0,"quote":'), ('"seq":', '"s\\u0065q":9,"seq":')],
)
def test_a_line_that_says_something_twice_is_none_of_an_event(once: str, twice: str) -> None:
    line = event_line(SECOND)
    assert event_of(line) == SECOND
    with pytest.raises(ValueError, match="twice"):
        event_of(line.replace(once, twice, 1))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
