"""Checks: what was looked at, and what came of it. What could not be looked at never counts as passed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What came of a check."""

    HOLDS = "holds"
    WRONG = "wrong"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        subject: what was looked at, as "manifest".
        verdict: what came of it.
        sentence: that, for people.
    """

    subject: str
    verdict: Verdict
    sentence: str

    def to_record(self) -> dict[str, str]:
        """JSON values."""
        return {"check": self.subject, "verdict": self.verdict.value, "sentence": self.sentence}


def holds(subject: str, sentence: str) -> Check:
    """A check that passed."""
    return Check(subject, Verdict.HOLDS, sentence)


def wrong(subject: str, sentence: str) -> Check:
    """A check that did not."""
    return Check(subject, Verdict.WRONG, sentence)


def not_checked(subject: str, sentence: str) -> Check:
    """A check that could not be made, and why."""
    return Check(subject, Verdict.NOT_CHECKED, sentence)
