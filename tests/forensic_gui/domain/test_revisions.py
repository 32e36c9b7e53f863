"""Who is whom in a report, and when a revision is signed off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.reports.revision import Issue, IssuedRevision, Outcome, Review, joined_by, same_person

TIME = "2026-01-01T00:00:00+00:00"
ISSUE = Issue(1, None, "", "Ada", ("Ada",), TIME)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "ada  LOVELACE "),
        ("Ada Lovelace", "Ada\u00a0Lovelace"),
        ("Ada\tLovelace", "Ada Lovelace"),
        ("José", "Jose\u0301"),
        ("Ada", "\uff21\uff44\uff41"),
        ("Straße", "STRASSE"),
        ("Ada", "A\u200bd\u00ada\u202e"),
        ("\u0390", "\u1fd3"),
    ],
)
def test_a_name_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert same_person(one, other)
    assert joined_by((one,), other) == (one,)


@pytest.mark.parametrize(("one", "other"), [("Ada", "Eve"), ("Jo Ann", "Joann"), ("José", "Jose"), ("Ada", "")])
def test_other_names_are_other_people(one: str, other: str) -> None:
    assert not same_person(one, other)
    assert joined_by((one,), other) == (one, other)


@given(st.text(max_size=20))
def test_a_name_is_the_same_in_any_case_of_letters(name: str) -> None:
    assert same_person(name, name.casefold())
    assert same_person(name, f" {name}\u200b\n")


def reviewed(*outcomes: Outcome) -> IssuedRevision:
    return IssuedRevision(ISSUE, "0" * 64, tuple(Review(1, "Eve", outcome, "", TIME) for outcome in outcomes))


def test_the_newest_review_says_whether_a_revision_is_signed_off() -> None:
    assert not reviewed().is_signed_off
    assert reviewed(Outcome.APPROVED).is_signed_off
    assert not reviewed(Outcome.APPROVED, Outcome.RETURNED).is_signed_off
    assert reviewed(Outcome.RETURNED, Outcome.APPROVED).is_signed_off
