"""Sorting and searching what a case says of its items, apart from any window."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.views.core.arranging import Plan, Prepared, Rows, natural_key
from forensic_gui.views.core.catalog import Catalog
from forensic_gui.views.core.items import Analyzed, CaseEntry, Item, NotAnalyzed, Order


def item(
    number: int, name: str = "", *, group: str = "", tags: tuple[str, ...] = (), share: float | None = None
) -> Item:
    name = name or f"IMG_{number}.jpg"
    kept = None if share is None else Analyzed(share, share, 0.5, is_kept=True)
    entry = CaseEntry(number, name, f"/phone/{name}", group, tags, kept=kept)
    path = Path(f"/cases/A.case/originals/ab/{number:064x}.jpg")
    return Item(1000 + number, path, kept or NotAnalyzed(), f"{number:064x}", entry)


def shown(plan: Plan) -> list[int]:
    return [item_id - 1000 for item_id in plan.arranged().shown]


def test_an_item_of_a_case_is_known_by_its_own_name_and_place() -> None:
    one = item(7)
    assert (one.name, one.source) == ("IMG_7.jpg", Path("/phone/IMG_7.jpg"))
    assert one.path.name.startswith("0000")


def test_items_are_found_by_name_source_group_tag_and_hash() -> None:
    rows = Rows.of([item(1, group="Straße"), item(2, tags=("Night",)), item(0xABC), item(4, "harbour.tif")])
    for text, found in (
        ("STRASSE", [1]),
        ("night", [2]),
        ("abc", [0xABC]),
        ("harbour.TIF", [4]),
        ("phone/", [4, 1, 2, 0xABC]),
        ("jpgnight", []),  # where one text ends and the next begins
    ):
        assert shown(Plan(rows).filtered(text)) == found, text


def test_groups_come_in_natural_order_and_items_without_one_last() -> None:
    rows = Rows.of([item(1), item(2, group="Box 10"), item(3, group="Box 9"), item(4, group="Box 10", name="A.jpg")])
    assert shown(Plan(rows, Order.GROUP)) == [3, 4, 2, 1]


def test_one_group_is_shown_or_the_items_that_stand_in_none() -> None:
    rows = Rows.of([item(1), item(2, group="A"), item(3, group="B"), item(4, group="A")])
    assert shown(Plan(rows, group="A")) == [2, 4]
    assert shown(Plan(rows, group="")) == [1]
    assert shown(Plan(rows, group=None)) == [1, 2, 3, 4]


def test_the_largest_share_comes_first_and_names_decide_among_equals() -> None:
    rows = Rows.of([item(1), item(10, share=0.2), item(9, share=0.2), item(4, share=0.7)])
    assert shown(Plan(rows, Order.SHARE)) == [4, 9, 10, 1]


@given(st.lists(st.text(alphabet="ab19_", max_size=4), max_size=60), st.data())
def test_rows_taken_in_later_stand_where_sorting_all_of_them_would_put_them(
    names: list[str], data: st.DataObject
) -> None:
    items = [item(number, f"{name}.jpg") for number, name in enumerate(names)]
    cut = data.draw(st.integers(0, len(items)))
    rows = Rows.of(items[:cut])
    rows.merge(Rows.of(items[cut:]))
    assert rows.by_name == Rows.of(items).by_name
    assert rows.by_name == sorted(
        rows.items, key=lambda each: (natural_key(rows.items[each].name), str(rows.items[each].path))
    )


def test_prepared_items_take_the_place_of_all_there_were() -> None:
    catalog = Catalog()
    (loose,) = catalog.add([Path("/a.jpg")])
    catalog.filter_by("a")
    catalog.replace(Prepared.of(Plan(Rows.of([item(1), item(2, share=0.1)]), Order.SHARE)))
    assert catalog.item(loose) is None and catalog.id_of(Path("/a.jpg")) is None
    assert [catalog.item(each).entry.id for each in catalog.shown] == [2, 1]
    assert catalog.id_of_entry(2) == 1002
    assert catalog.filter_text == ""
    assert catalog.next_id > 1002


def test_what_the_case_says_anew_changes_the_row_and_what_it_is_found_by() -> None:
    catalog = Catalog()
    catalog.take_in(Rows.of([item(1), item(2)]))
    entry = catalog.item(1002).entry
    changed = replace(entry, tags=("night",), regions=3)
    assert catalog.set_entries([changed, catalog.item(1001).entry, replace(entry, id=99)]) == [1002]
    assert catalog.item(1002).entry.regions == 3
    catalog.filter_by("night")
    assert list(catalog.shown) == [1002]


def test_a_list_that_is_still_being_sorted_is_whole_for_whoever_sorts_it() -> None:
    catalog = Catalog()
    catalog.take_in(Rows.of([item(number) for number in range(1, 6)]))
    plan = catalog.plan
    catalog.remove([1002, 1004])
    assert shown(plan) == [1, 2, 3, 4, 5]
    assert [each - 1000 for each in catalog.shown] == [1, 3, 5]
    assert catalog.plan is not plan


@pytest.mark.parametrize("many", [1000, 50_000])
def test_showing_prepared_items_costs_no_more_for_many_than_for_few(many: int) -> None:
    prepared = Prepared.of(Plan(Rows.of(item(number) for number in range(many))))
    catalog = Catalog()
    started = time.thread_time()
    catalog.replace(prepared)
    assert time.thread_time() - started < 0.002
