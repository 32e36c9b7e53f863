"""What the audit trail says of the report, and whether the tables say the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.case import AuditEvent
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.domain.reports.record import record_hash
from forensic_gui.domain.reports.revision import joined_by
from forensic_gui.storage.case import reports, trail

REPORT_DRAFTED = "report drafted"
REPORT_ISSUED = "report issued"
REPORT_REVIEWED = "report reviewed"

_Row = tuple[Any, ...]
# What details of another shape than the case writes make `ReportHistory` raise.
_SAYS_NOTHING = (KeyError, TypeError, AttributeError)


def first_misfit(connection: sqlite3.Connection) -> str:
    """What the tables say of the report otherwise than the trail, a clause; "" where they say the same.

    Records of issued revisions are not unpacked for this: reading one checks its hash, and this that the hash is right.
    """
    history = ReportHistory()
    for event in trail.events(connection, actions=tuple(FOLLOWED)):
        try:
            FOLLOWED[event.action](history, event)
        except _SAYS_NOTHING:
            return f"event {event.seq} ({event.action}) does not say what it vouches for"
    return history.first_misfit(connection, unpacks=False)


class ReportHistory:
    """Draft, issued revisions and reviews, made up again from the events, the oldest first.

    What follows an event raises KeyError, TypeError or AttributeError where the event says nothing of the kind.
    """

    def __init__(self) -> None:
        """Start before the first event."""
        self._draft: _Row | None = None
        self._authors: tuple[str, ...] = ()
        self._issues: list[_Row] = []
        self._reviews: list[_Row] = []

    def drafted(self, event: AuditEvent) -> None:
        """Follow a change of the draft."""
        self._authors = joined_by(self._authors, event.actor)
        self._draft = (event.details["revision"], event.details["draft_sha256"])

    def issued(self, event: AuditEvent) -> None:
        """Follow an issue."""
        details = event.details
        authors = canonical_json(list(details["authors"]))
        how = (details["supersedes"], details["reason"], event.actor, authors, event.time)
        self._issues.append((details["number"], *how, details["record_sha256"]))
        self._authors = ()

    def reviewed(self, event: AuditEvent) -> None:
        """Follow a review."""
        details = event.details
        self._reviews.append((details["revision"], event.actor, details["outcome"], details["note"], event.time))

    def first_misfit(self, connection: sqlite3.Connection, *, unpacks: bool = True) -> str:
        """What the tables say otherwise, a clause; "" where they say the same.

        Args:
            connection: to the database.
            unpacks: whether the record of every issued revision is compared with its hash.
        """
        wrong = self._wrong_draft(connection) or self._wrong_issue(connection)
        return wrong or self._wrong_review(connection) or (_wrong_record(connection) if unpacks else "")

    def _wrong_draft(self, connection: sqlite3.Connection) -> str:
        rows = connection.execute("SELECT revision, record, authors FROM report_draft").fetchall()
        shown = [(revision, record_hash(record), authors) for revision, record, authors in rows]
        said = [] if self._draft is None else [(*self._draft, canonical_json(list(self._authors)))]
        return "" if shown == said else "the draft of the report is not what its last change made"

    def _wrong_issue(self, connection: sqlite3.Connection) -> str:
        rows = connection.execute(
            "SELECT number, supersedes, reason, author, authors, time, record_sha256 FROM report_issue ORDER BY number"
        ).fetchall()
        for shown, said in zip(rows, self._issues, strict=False):
            if shown != said:
                return f"revision {said[0]} of the report is not what its event says was issued"
        if len(rows) != len(self._issues):
            return f"the report has {len(rows)} issued revisions and {len(self._issues)} are on events"
        return ""

    def _wrong_review(self, connection: sqlite3.Connection) -> str:
        rows = connection.execute(
            "SELECT revision, reviewer, outcome, note, time FROM report_review ORDER BY id"
        ).fetchall()
        for shown, said in zip(rows, self._reviews, strict=False):
            if shown != said:
                return f"a review of revision {shown[0]} of the report is not what its event says"
        if len(rows) != len(self._reviews):
            return f"the report has {len(rows)} reviews and {len(self._reviews)} are on events"
        return ""


def _wrong_record(connection: sqlite3.Connection) -> str:
    for (number,) in connection.execute("SELECT number FROM report_issue ORDER BY number").fetchall():
        try:
            reports.record_of(connection, number)
        except CaseDamaged:
            return f"the record of revision {number} of the report is not what was issued"
    return ""


FOLLOWED: dict[str, Callable[[ReportHistory, AuditEvent], None]] = {
    REPORT_DRAFTED: ReportHistory.drafted,
    REPORT_ISSUED: ReportHistory.issued,
    REPORT_REVIEWED: ReportHistory.reviewed,
}
"""How each action of the report is followed."""
