"""Which items a report shows, and in what order: marks and moves without a window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.case import CaseItem
from forensic_gui.views.reportroom.choosing import Choice, Sieve

KNOWN = (1, 2, 3, 4, 5)


def item(
    item_id: int, name: str = "a.jpg", *, share: float | None = None, regions: int = 0, **more: object
) -> CaseItem:
    return CaseItem(item_id, f"{item_id:064x}", name, "", 1, "", "", "", share=share, regions=regions, **more)


def test_a_plan_that_names_nothing_shows_all_and_stays_open_for_what_is_added_later():
    choice = Choice.of(KNOWN, ())
    assert choice.shown == KNOWN
    assert choice.item_ids(KNOWN) == ()


def test_a_plan_that_names_all_in_another_order_is_kept_as_it_is():
    choice = Choice.of(KNOWN, (5, 4, 3, 2, 1))
    assert choice.item_ids(KNOWN) == (5, 4, 3, 2, 1)


def test_what_a_plan_shows_comes_first_and_items_that_are_gone_are_left_out():
    choice = Choice.of(KNOWN, (4, 9, 2))
    assert choice.order == (4, 2, 1, 3, 5)
    assert choice.shown == (4, 2)


def test_rows_stay_where_they_are_when_they_are_marked():
    choice = Choice.of(KNOWN, (4, 2)).with_picked([3], True).with_picked([4], False)
    assert choice.order == (4, 2, 1, 3, 5)
    assert choice.shown == (2, 3)


def test_several_rows_move_together_and_keep_their_order():
    choice = Choice.of(KNOWN, ())
    assert choice.moved([4, 2], before=1).order == (2, 4, 1, 3, 5)
    assert choice.moved([1, 2], before=None).order == (3, 4, 5, 1, 2)
    assert choice.moved([2, 3], before=3).order == KNOWN


def test_a_row_steps_past_the_next_one_that_is_seen():
    choice = Choice.of(KNOWN, ())
    seen = (1, 3, 5)
    assert choice.stepped([5], step=-1, seen=seen).order == (1, 2, 5, 3, 4)
    assert choice.stepped([1], step=1, seen=seen).order == (2, 3, 1, 4, 5)


def test_rows_at_the_edge_do_not_step_over_it():
    choice = Choice.of(KNOWN, ())
    assert choice.stepped([1], step=-1, seen=KNOWN) == choice
    assert choice.stepped([5], step=1, seen=KNOWN) == choice
    assert choice.stepped([], step=1, seen=KNOWN) == choice


@given(st.sets(st.sampled_from(KNOWN)), st.sampled_from((*KNOWN, None)), st.permutations(KNOWN))
def test_no_move_loses_or_doubles_an_item(moving, before, order):
    moved = Choice(tuple(order), frozenset(KNOWN)).moved(moving, before=before)
    assert sorted(moved.order) == sorted(KNOWN)
    assert [each for each in moved.order if each in moving] == [each for each in order if each in moving]


@given(st.sets(st.sampled_from(KNOWN), min_size=1), st.sampled_from((-1, 1)), st.permutations(KNOWN))
def test_a_step_down_after_a_step_up_loses_nothing(moving, step, order):
    choice = Choice(tuple(order), frozenset(KNOWN))
    assert sorted(choice.stepped(moving, step=step, seen=tuple(order)).order) == sorted(KNOWN)


def test_the_filter_looks_into_name_group_tags_and_the_start_of_the_hash():
    harbour = item(10, "Harbour.JPG", group="Night", tags=("crane",))
    for text in ("harb", "NIGHT", "cran", f"{10:064x}"[:12], ""):
        assert Sieve(text).passes(harbour, picked=False), text
    assert not Sieve("bridge").passes(harbour, picked=False)


def test_only_items_with_findings_with_regions_or_in_the_report_are_seen_where_asked_for():
    bare, found, drawn = item(1), item(2, share=0.0), item(3, regions=2)
    assert [Sieve(with_finding=True).passes(each, picked=False) for each in (bare, found, drawn)] == [
        False,
        True,
        False,
    ]
    assert [Sieve(with_regions=True).passes(each, picked=False) for each in (bare, found, drawn)] == [
        False,
        False,
        True,
    ]
    assert [Sieve(picked_only=True).passes(bare, picked=picked) for picked in (True, False)] == [True, False]
