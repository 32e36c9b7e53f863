"""What is known of items, told once and looked up: whose word counts, and what a change of the setup leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.views.core.items import (
    NOT_ANALYZED,
    WAITING,
    Analyzed,
    Analyzing,
    CaseEntry,
    CouldNot,
    Item,
)
from forensic_gui.views.core.states import States

KEPT = Analyzed(0.1, 0.5, 0.4, is_kept=True)
FOUND = Analyzed(0.2, 0.6, 0.4)
TOLD = Analyzed(0.3, 0.7, 0.4)
LOOSE = Item(1, Path("/a.jpg"), sha256="aa")
IN_CASE = Item(2, Path("/vault/b.jpg"), KEPT, "bb", CaseEntry(7, "b.jpg", "/b.jpg", kept=KEPT))


@pytest.fixture
def states():
    return States()


def test_without_a_word_an_item_is_what_its_case_knows_of_it(states):
    assert states.of(LOOSE) is NOT_ANALYZED
    assert states.of(IN_CASE) is KEPT


def test_a_result_in_the_setup_chosen_now_counts_more_than_one_kept_in_the_case(states):
    states.look_up({"bb": FOUND}.get)
    assert states.of(IN_CASE) is FOUND
    assert states.of(LOOSE) is NOT_ANALYZED


def test_another_setup_drops_what_was_told_of_the_one_before_and_keeps_what_could_not_be_read(states):
    states.tell(LOOSE.id, TOLD)
    states.tell(IN_CASE.id, CouldNot("It is damaged."))
    states.look_up(lambda _: None)
    assert states.of(LOOSE) is NOT_ANALYZED
    assert states.of(IN_CASE) == CouldNot("It is damaged.")


def test_an_analysis_that_is_given_up_leaves_what_an_earlier_one_found(states):
    states.tell(LOOSE.id, TOLD)
    states.tell(LOOSE.id, Analyzing())
    assert states.of(LOOSE) == Analyzing()
    states.tell(LOOSE.id, NOT_ANALYZED)
    assert states.of(LOOSE) is TOLD


def test_who_waits_is_said_to_wait_until_it_is_his_turn(states):
    states.tell(LOOSE.id, CouldNot("It is damaged."))
    states.queue({LOOSE.id, IN_CASE.id})
    assert states.of(LOOSE) is states.of(IN_CASE) is WAITING
    states.tell(LOOSE.id, Analyzing())
    states.tell(LOOSE.id, TOLD)
    assert states.of(LOOSE) is TOLD
    assert states.of(IN_CASE) is WAITING


def test_released_items_neither_wait_nor_work_any_more(states):
    states.queue({LOOSE.id, IN_CASE.id})
    states.tell(LOOSE.id, Analyzing())
    states.release({LOOSE.id, IN_CASE.id})
    assert states.of(LOOSE) is NOT_ANALYZED
    assert states.of(IN_CASE) is KEPT
