"""Revisions of a case's report: drafts are edited, issued revisions never; a second person reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from forensic_gui.domain.reports.opinion import Opinion
from forensic_gui.domain.reports.people import same_name
from forensic_gui.domain.reports.plan import ReportPlan


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """The report of a case as it is being written; one a case.

    Attributes:
        opinion: what the examiner wrote so far.
        plan: what it shows.
        revision: number of changes made so far; 0 before the first. A change made on an older one is refused.
        authors: who changed it since the last issue, in the order of their first change.
    """

    opinion: Opinion = field(default_factory=Opinion)
    plan: ReportPlan = field(default_factory=ReportPlan)
    revision: int = 0
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """That a report was issued: a revision that is never changed, only superseded.

    Attributes:
        number: from 1, without gaps.
        supersedes: number of the revision that it takes the place of; None for the first.
        reason: why it was superseded, in the examiner's words; "" for the first only.
        author: who issued it.
        authors: everybody whose words it holds: who wrote the revisions before it and the draft since, who signs as
            its examiner, and who issued it.
        time: ISO 8601 in UTC with offset.
    """

    number: int
    supersedes: int | None
    reason: str
    author: str
    authors: tuple[str, ...]
    time: str

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "number": self.number,
            "supersedes": self.supersedes,
            "reason": self.reason,
            "author": self.author,
            "authors": list(self.authors),
            "time": self.time,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Issue:
        """The issue of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        return cls(
            number=int(record["number"]),
            supersedes=None if record["supersedes"] is None else int(record["supersedes"]),
            reason=str(record["reason"]),
            author=str(record["author"]),
            authors=tuple(map(str, record["authors"])),
            time=str(record["time"]),
        )


class Outcome(StrEnum):
    """What a reviewer says of a revision."""

    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Review:
    """A second person's word on an issued revision: appended, never changed; the newest counts.

    Attributes:
        revision: number of the revision.
        reviewer: who; never one of its authors.
        outcome: approved, or returned to the author.
        note: in the reviewer's words; never empty where it was returned.
        time: ISO 8601 in UTC with offset.
    """

    revision: int
    reviewer: str
    outcome: Outcome
    note: str
    time: str

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "revision": self.revision,
            "reviewer": self.reviewer,
            "outcome": self.outcome.value,
            "note": self.note,
            "time": self.time,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Review:
        """The review of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        return cls(
            revision=int(record["revision"]),
            reviewer=str(record["reviewer"]),
            outcome=Outcome(record["outcome"]),
            note=str(record["note"]),
            time=str(record["time"]),
        )


@dataclass(frozen=True, slots=True)
class IssuedReport:
    """An issued revision as the case keeps it.

    Attributes:
        issue: which one.
        record_sha256: SHA-256 of `record_json` in UTF-8.
        record_json: canonical JSON of `domain.reports.record.ReportRecord`, everything the report says.
        reviews: of this revision, the oldest first.
    """

    issue: Issue
    record_sha256: str
    record_json: str = field(repr=False)
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedRevision:
    """An issued revision without its record, for lists: a record may have many megabytes.

    Attributes:
        issue: which one.
        record_sha256: SHA-256 of its record's canonical JSON.
        reviews: of this revision, the oldest first.
    """

    issue: Issue
    record_sha256: str
    reviews: tuple[Review, ...] = ()

    @property
    def is_signed_off(self) -> bool:
        """Whether its newest review approves it."""
        return bool(self.reviews) and self.reviews[-1].outcome is Outcome.APPROVED


def joined_by(people: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Names with one more at their end, unless it is among them."""
    return people if any(same_name(each, name) for each in people) else (*people, name)
