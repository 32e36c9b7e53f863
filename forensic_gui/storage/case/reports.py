"""The report in the database: its draft, its issued revisions with all that they say, and what reviewers said."""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import dataclass
from typing import Any

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.errors import CaseDamaged, ReportError
from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.plan import ReportPlan
from forensic_gui.domain.reports.record import record_hash
from forensic_gui.domain.reports.revision import Issue, IssuedRevision, Outcome, ReportDraft, Review
from forensic_gui.storage.case.text import parsed

MOST_RECORD_BYTES = 512 << 20
"""Most bytes of a record's JSON; one of a thousand items has some twenty million."""

_ISSUE_COLUMNS = "number, supersedes, reason, author, authors, time"
# What values that are none of a report's make the domain raise.
_UNREADABLE = (ValueError, KeyError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A report's record as the database keeps it.

    Attributes:
        sha256: SHA-256 of the canonical JSON in UTF-8.
        packed: the same text, deflated (RFC 1950).
    """

    sha256: str
    packed: bytes

    @classmethod
    def of(cls, record_json: str) -> SealedRecord:
        """Seal a record.

        Raises:
            ReportError: it is larger than what is read again.
        """
        data = record_json.encode("utf-8")
        if len(data) > MOST_RECORD_BYTES:
            raise ReportError(
                f"The report would hold {len(data) >> 20} MiB of facts and only {MOST_RECORD_BYTES >> 20} are kept: "
                "choose fewer items."
            )
        return cls(record_hash(record_json), zlib.compress(data))


def draft_json(opinion: Opinion, plan: ReportPlan) -> str:
    """Canonical JSON of what a draft says."""
    return canonical_json({"opinion": opinion.to_record(), "plan": plan.to_record()})


def draft(connection: sqlite3.Connection) -> ReportDraft:
    """The draft as it stands; an empty one before its first change.

    Raises:
        CaseDamaged: it cannot be read.
    """
    row = connection.execute("SELECT revision, authors, record FROM report_draft").fetchone()
    if row is None:
        return ReportDraft()
    revision, authors, text = row
    try:
        record = _texts_alone(parsed(text))
        opinion, plan = Opinion.from_record(record["opinion"]), ReportPlan.from_record(record["plan"])
        return ReportDraft(opinion, plan, revision, _names(authors))
    except _UNREADABLE as error:
        raise CaseDamaged("The draft of the report cannot be read; restore the case from a copy.") from error


def put_draft(connection: sqlite3.Connection, changed: ReportDraft) -> str:
    """Keep the draft in place of what was there; the JSON that is kept of its words and plan."""
    text = draft_json(changed.opinion, changed.plan)
    connection.execute(
        "INSERT OR REPLACE INTO report_draft (id, revision, authors, record) VALUES (1, ?, ?, ?)",
        (changed.revision, canonical_json(list(changed.authors)), text),
    )
    return text


def start_authors_anew(connection: sqlite3.Connection) -> None:
    """Forget who changed the draft: what they wrote was issued."""
    connection.execute("UPDATE report_draft SET authors = ?", (canonical_json([]),))


def insert_issue(connection: sqlite3.Connection, issue: Issue, sealed: SealedRecord) -> None:
    """Append an issued revision."""
    connection.execute(
        f"INSERT INTO report_issue ({_ISSUE_COLUMNS}, record_sha256, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            issue.number,
            issue.supersedes,
            issue.reason,
            issue.author,
            canonical_json(list(issue.authors)),
            issue.time,
            sealed.sha256,
            sealed.packed,
        ),
    )


def insert_review(connection: sqlite3.Connection, review: Review) -> None:
    """Append a review."""
    connection.execute(
        "INSERT INTO report_review (revision, reviewer, outcome, note, time) VALUES (?, ?, ?, ?, ?)",
        (review.revision, review.reviewer, review.outcome.value, review.note, review.time),
    )


def issues(connection: sqlite3.Connection) -> tuple[IssuedRevision, ...]:
    """Issued revisions without their records, the oldest first.

    Raises:
        CaseDamaged: one cannot be read.
    """
    rows = connection.execute(f"SELECT {_ISSUE_COLUMNS}, record_sha256 FROM report_issue ORDER BY number").fetchall()
    return tuple(IssuedRevision(_issue(row[:-1]), row[-1], reviews(connection, row[0])) for row in rows)


def reviews(connection: sqlite3.Connection, number: int) -> tuple[Review, ...]:
    """Reviews of a revision, the oldest first."""
    rows = connection.execute(
        "SELECT revision, reviewer, outcome, note, time FROM report_review WHERE revision = ? ORDER BY id", (number,)
    )
    return tuple(Review(revision, who, Outcome(outcome), note, time) for revision, who, outcome, note, time in rows)


def record_of(connection: sqlite3.Connection, number: int) -> str:
    """JSON of an issued revision's record, hash checked.

    Raises:
        CaseDamaged: it is not what was issued.
    """
    sha256, packed = connection.execute(
        "SELECT record_sha256, record FROM report_issue WHERE number = ?", (number,)
    ).fetchone()
    text = _unpacked(packed)
    if text is None or record_hash(text) != sha256:
        raise CaseDamaged(f"Revision {number} of the report is not what was issued; restore the case from a copy.")
    return text


def _issue(row: tuple[Any, ...]) -> Issue:
    number, supersedes, reason, author, authors, time = row
    try:
        return Issue(number, supersedes, reason, author, _names(authors), time)
    except _UNREADABLE as error:
        raise CaseDamaged(
            f"Who wrote revision {number} of the report cannot be read; restore the case from a copy."
        ) from error


def _names(text: str) -> tuple[str, ...]:
    names = parsed(text)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("these are no names")
    return tuple(names)


def _texts_alone(record: Any) -> Any:
    """JSON values, unless one holds half a character, which JSON can spell and no file can; a ValueError then."""
    json.dumps(record, ensure_ascii=False).encode("utf-8")
    return record


def _unpacked(packed: bytes) -> str | None:
    """The text of a record that may come from somebody else; None where there is none."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, MOST_RECORD_BYTES)
        return data.decode("utf-8") if unpacking.eof else None
    except (zlib.error, UnicodeDecodeError):
        return None
