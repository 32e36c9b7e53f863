"""The list of opened evidence: order, filter, neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.views.core.arranging import natural_key
from forensic_gui.views.core.catalog import Catalog
from forensic_gui.views.core.items import Analyzed, CouldNot, Order


def listed(*names: str, folder: str = "/evidence") -> Catalog:
    catalog = Catalog()
    catalog.add(Path(folder) / name for name in names)
    return catalog


def shown(catalog: Catalog) -> list[str]:
    return [catalog.item(item_id).name for item_id in catalog.shown]


def test_names_are_in_natural_order_whatever_the_case():
    assert shown(listed("IMG_10.jpg", "img_9.jpg", "IMG_100.jpg", "a.jpg")) == [
        "a.jpg",
        "img_9.jpg",
        "IMG_10.jpg",
        "IMG_100.jpg",
    ]


def test_a_path_is_listed_once():
    catalog = listed("a.jpg")
    assert catalog.add([Path("/evidence/a.jpg"), Path("/evidence/b.jpg")]) == [1]
    assert len(catalog) == 2


def test_two_files_of_one_name_are_two_items():
    catalog = listed("a.jpg")
    catalog.add([Path("/other/a.jpg")])
    assert shown(catalog) == ["a.jpg", "a.jpg"]


def test_the_largest_share_comes_first_and_what_is_not_analyzed_last():
    catalog = listed("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    catalog.set_state(0, CouldNot("no"))
    catalog.set_state(1, Analyzed(0.1, 0.9, 0.5))
    catalog.set_state(2, Analyzed(0.3, 0.6, 0.5))
    catalog.set_state(3, Analyzed(0.1, 0.95, 0.5))
    catalog.sort_by(Order.SHARE)
    assert shown(catalog) == ["c.jpg", "d.jpg", "b.jpg", "a.jpg"]


def test_a_result_does_not_move_its_row_until_the_list_is_arranged():
    catalog = listed("a.jpg", "b.jpg")
    catalog.sort_by(Order.SHARE)
    catalog.set_state(1, Analyzed(0.5, 0.9, 0.5))
    assert shown(catalog) == ["a.jpg", "b.jpg"]
    catalog.arrange()
    assert shown(catalog) == ["b.jpg", "a.jpg"]


def test_the_filter_looks_at_the_whole_path_in_any_case():
    catalog = listed("a.jpg", "b.jpg")
    catalog.add([Path("/Holiday/c.jpg")])
    catalog.filter_by(" holiDAY ")
    assert shown(catalog) == ["c.jpg"]
    assert catalog.row_of(0) is None
    catalog.filter_by("")
    assert len(catalog.shown) == 3


def test_neighbours_end_at_the_ends():
    catalog = listed("a.jpg", "b.jpg", "c.jpg")
    assert [catalog.neighbour(0, 1), catalog.neighbour(2, 1), catalog.neighbour(0, -1)] == [1, 2, 0]
    assert [catalog.neighbour(None, 1), catalog.neighbour(None, -1)] == [0, 2]
    assert Catalog().neighbour(None, 1) is None


def test_the_neighbour_of_a_hidden_item_is_at_the_end_one_comes_from():
    catalog = listed("a.jpg", "b.jpg", "c.jpg")
    catalog.filter_by("c.jpg")
    assert catalog.neighbour(0, 1) == 2


def test_a_removed_item_is_gone_and_can_be_added_again():
    catalog = listed("a.jpg", "b.jpg")
    catalog.remove([0, 77])
    assert catalog.item(0) is None
    assert shown(catalog) == ["b.jpg"]
    assert catalog.add([Path("/evidence/a.jpg")]) == [2]
    assert not catalog.set_state(0, CouldNot("late"))


def test_the_hash_once_known_stays_with_the_item():
    catalog = listed("a.jpg")
    assert catalog.set_state(0, CouldNot("no"), sha256="ab")
    assert catalog.set_state(0, CouldNot("again"))
    assert catalog.item(0).sha256 == "ab"
    assert not catalog.set_state(0, CouldNot("again"))


@given(st.lists(st.text(max_size=12), max_size=12))
def test_any_names_can_be_ordered(names):
    assert len(sorted(map(natural_key, names))) == len(names)


@pytest.mark.parametrize("order", list(Order))
@given(
    names=st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=6), unique=True, max_size=9)
)
def test_every_order_shows_every_item_once(order, names):
    catalog = listed(*names)
    catalog.sort_by(order)
    assert sorted(catalog.shown) == list(range(len(catalog)))
    assert [catalog.row_of(item_id) for item_id in catalog.shown] == list(range(len(catalog)))
