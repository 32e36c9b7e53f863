"""Who is whom in a report, and when a revision is signed off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.reports.people import same_name, same_person
from forensic_gui.domain.reports.revision import Issue, IssuedRevision, Outcome, Review, joined_by

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
    assert same_name(one, other)
    assert same_person(one, other)
    assert joined_by((one,), other) == (one,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "\u0410da Lovelace"),  # Cyrillic
        ("Ada Lovelace", "Ad\u03b1 L\u03bfvelace"),  # Greek
        ("Helen", "\u0397elen"),
        ("Ada Lovelace", "\u00c0da Lovelace"),
        ("José", "Jose"),
        ("Bjørn Łoś", "Bjorn Los"),
        ("Ada Lovelace", "Lovelace, Ada"),
        ("Ada Lovelace", "Dr. Ada Lovelace"),
        ("Ada Lovelace", "Frau Prof. Dr.-Ing. Ada Lovelace"),
        ("Ada Lovelace", "Ada Lovelace, Ph.D."),
        ("Ada Lovelace", "ada.lovelace"),
        ("Ada Lovelace", "A. Lovelace"),
        ("Ada Lovelace", "Lovelace A"),
        ("Ada Lovelace", "Ada L."),
        ("Alan Alexander Milne", "A. A. Milne"),
        ("Ada Lovelace", "Ada B. Lovelace"),
        ("Борис Иванов", "Б. Иванов"),
    ],
)
def test_a_name_that_may_be_the_same_persons_is_taken_for_it_and_stays_in_the_list_of_authors(
    one: str, other: str
) -> None:
    assert same_person(one, other)
    assert same_person(other, one)
    assert joined_by((one,), other) == (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Ada", "Eve"), ("Jo Ann", "Joann"), ("Ada", ""), ("", "Ada"), ("Ada Lovelace", "Ada Byron")),
        *(("A. Lovelace", "B. Lovelace"), ("Lovelace", "B. Lovelace"), ("Ada Lovelace", "Ada King Lovelace")),
        *(("Dr. Ada", "Dr. Eve"), ("Herr", "Frau"), ("Νίκος", "Vίκος Παππάς"), ("李 明", "李 明华")),
        *(("किरण राव", "कारण राव"), ("Nan Ray", "Van Ray")),
    ],
)
def test_other_names_are_other_people(one: str, other: str) -> None:
    assert not same_person(one, other)
    assert not same_person(other, one)
    assert joined_by((one,), other) == (one, other)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "...", "«»"])
def test_a_name_without_a_letter_is_nobodys(name: str) -> None:
    assert same_person(name, "")


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
