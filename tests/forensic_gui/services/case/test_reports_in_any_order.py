"""Whatever people do with a report in whatever order, nobody approves their own words and the trail vouches for all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.opinion import Level
from forensic_gui.domain.reports.revision import IssuedRevision, Outcome
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_reports import CONCLUDED, record_of

PEOPLE = ("Ada", "Bob", "Eve")
ACTS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(PEOPLE), st.sampled_from(["", "Because.", "Of that."])),
    st.tuples(st.just("issue"), st.sampled_from(PEOPLE), st.sampled_from(["", "It is better."])),
    st.tuples(st.just("review"), st.sampled_from(PEOPLE), st.sampled_from(Outcome)),
)


@dataclass
class Expected:
    """What the rules say of a report; deliberately another way of counting than the program's.

    Attributes:
        reasons: in the draft.
        wrote: who ever wrote in the draft that still stands, or issued something of it.
        revisions: authors, and (reviewer, outcome) of each.
    """

    reasons: str = ""
    wrote: set[str] = field(default_factory=set)
    revisions: list[tuple[frozenset[str], list[tuple[str, Outcome]]]] = field(default_factory=list)

    def write(self, who: str, reasons: str) -> bool:
        if reasons != self.reasons:
            self.reasons = reasons
            self.wrote.add(who)
        return True

    def issue(self, who: str, reason: str) -> bool:
        if not self.reasons or bool(reason) != bool(self.revisions):
            return False
        self.wrote.add(who)
        self.revisions.append((frozenset(self.wrote), []))
        return True

    def review(self, who: str, outcome: Outcome) -> bool:
        if not self.revisions or who in self.revisions[-1][0]:
            return False
        self.revisions[-1][1].append((who, outcome))
        return True


def act(case: CaseSession, kind: str, who: str, what: str) -> bool:
    """Do it, and say whether it was allowed."""
    theirs = case.reports.in_name_of(who)
    try:
        if kind == "write":
            theirs.write(opinion=replace(case.reports.draft().opinion, reasons=what))
        elif kind == "issue":
            theirs.issue(record_of(case), reason=what)
        else:
            theirs.review(max(1, len(case.reports.issues())), Outcome(what), note="Read.")
    except ReportError:
        return False
    return True


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for cases, one for each order that is tried."""
    return tmp_path_factory.mktemp("cases")


@settings(max_examples=20)
@given(acts=st.lists(ACTS, max_size=12))
def test_people_may_do_what_the_rules_let_them_and_nothing_else(acts: list[tuple[str, str, str]], made: Path) -> None:
    expected = Expected()
    with CaseSession.create(made / str(len(list(made.iterdir()))), author="Zoe") as case:
        level = Level.NEITHER
        case.reports.write(opinion=replace(CONCLUDED, level=level, reasons=""))
        expected.wrote.add("Zoe")
        for kind, who, what in acts:
            assert act(case, kind, who, what) == getattr(expected, kind)(who, what), (kind, who, what)
        case.audit()
        seen = case.reports.issues()
    with CaseSession.open(case.folder, author="Zoe", read_only=True) as again:
        assert again.reports.issues() == seen
    assert [each.issue.number for each in seen] == list(range(1, len(seen) + 1))
    assert [_plain(each) for each in seen] == expected.revisions


def _plain(revision: IssuedRevision) -> tuple[frozenset[str], list[tuple[str, Outcome]]]:
    return frozenset(revision.issue.authors), [(each.reviewer, each.outcome) for each in revision.reviews]
