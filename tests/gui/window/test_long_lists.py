"""A list of fifty thousand items: sorted and filtered beside the window's thread, the last wish counts."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex

from forensic_gui.views.browser.list_view import ItemListView
from forensic_gui.views.browser.model import CatalogModel
from forensic_gui.views.core.arranging import Plan, Prepared, Rows
from forensic_gui.views.core.items import Analyzed, CaseEntry, Item, Order, Waiting
from forensic_gui.workers.lane import Lane

MANY = 50_000


def item(number: int) -> Item:
    kept = Analyzed((number * 7919 % 1000) / 1000, 0.9, 0.4, is_kept=True)
    entry = CaseEntry(number, f"IMG_{number * 7919 % 1_000_003}.jpg", f"/device {number % 37}/x.jpg", kept=kept)
    return Item(number, Path(f"/A.case/originals/{number:064x}.jpg"), kept, f"{number:064x}", entry)


@pytest.fixture
def lane(qtbot):
    lane = Lane("arranging")
    yield lane
    lane.close()
    lane.deleteLater()


@pytest.fixture
def model(lane):
    model = CatalogModel()
    model.replace(Prepared.of(Plan(Rows.of(map(item, range(MANY))))))
    model.arrange_on(lane)
    return model


def test_asking_for_another_order_returns_at_once_and_the_last_wish_is_shown(model, lane, qtbot):
    catalog = model.catalog
    before = list(catalog.shown)
    arranged = []
    model.layoutChanged.connect(lambda: arranged.append(len(catalog.shown)))
    model.sort_by(Order.SHARE)
    model.filter_by("img_12")
    model.filter_by("device 7/")
    assert list(catalog.shown) == before
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    shown = [catalog.item(each) for each in catalog.shown]
    assert {each.entry.source for each in shown} == {"/device 7/x.jpg"}
    shares = [each.state.share_over_threshold for each in shown]
    assert shares == sorted(shares, reverse=True)
    assert len(shown) == len([number for number in range(MANY) if number % 37 == 7])
    assert arranged[-1] == len(shown)


def test_items_that_come_while_the_list_is_sorted_are_in_it(model, lane, qtbot):
    model.filter_by("jpg")
    model.take_in(Rows.of([item(MANY), item(MANY + 1)]))
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    assert len(model.catalog.shown) == MANY + 2
    assert model.index_of(MANY + 1).isValid()


def test_the_selection_stays_with_its_items(model, lane, qtbot):
    chosen = QPersistentModelIndex(model.index_of(4321))
    model.sort_by(Order.SHARE)
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    assert model.item_at(chosen).id == 4321


@pytest.fixture
def selected_list(model, qtbot):
    view = ItemListView(model)
    qtbot.addWidget(view)
    view.resize(300, 600)
    view.show()
    return view


def test_a_filter_leaves_selected_what_it_leaves_listed_also_when_it_is_lifted(selected_list, model, lane, qtbot):
    """Qt would forget the selection where everything listed is selected and the number of rows changes."""
    selected_list.selectAll()
    model.filter_by("device 7/")
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    left = list(model.catalog.shown)
    assert len(left) < MANY
    assert selected_list.selected_ids() == left
    model.filter_by("")
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    assert len(model.catalog.shown) == MANY
    assert sorted(selected_list.selected_ids()) == sorted(left)


def test_no_row_needs_an_index_of_its_own_for_its_selection_to_follow(selected_list, model, lane, qtbot):
    selected_list.selectAll()
    without = QItemSelectionModel.SelectionFlag.Deselect
    selected_list.selectionModel().select(model.index(100, 0), without)
    indexes = []
    model.layoutAboutToBeChanged.connect(lambda: indexes.append(len(model.persistentIndexList())))
    chosen = set(selected_list.selected_ids())
    assert len(chosen) == MANY - 1
    model.sort_by(Order.SHARE)
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    assert set(selected_list.selected_ids()) == chosen
    assert max(indexes) < 10


def test_other_weights_look_nothing_up_for_rows_that_are_not_seen(selected_list, model, qtbot):
    asked = []

    def found(sha256):
        asked.append(sha256)

    model.look_up(found)
    qtbot.waitUntil(lambda: bool(asked), timeout=5000)
    assert len(set(asked)) < 30


def test_all_of_them_wait_and_are_released_without_a_step_for_each(model):
    model.queue(frozenset(range(MANY)))
    assert model.item_at(model.index(40_000, 0)).state == Waiting()
    model.release(frozenset(range(MANY)))
    assert isinstance(model.item_at(model.index(40_000, 0)).state, Analyzed)


def test_a_list_that_is_replaced_is_thrown_away_beside_the_windows_thread(model, lane, qtbot):
    items = model.catalog.plan.rows.items
    model.replace(Prepared.of(Plan(Rows.of([item(MANY + 5)]))))
    assert len(items) > MANY // 2
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    assert not items
    assert len(model.catalog.shown) == 1


def test_what_is_found_beyond_the_rows_is_listed_too_and_looked_for_beside_the_windows_thread(model, lane, qtbot):
    searched_on = []

    def search(text):
        searched_on.append((text, threading.current_thread() is threading.main_thread()))
        return [17, 4321]

    model.search_with(search)
    model.filter_by("device 7/")
    qtbot.waitUntil(lambda: lane.is_idle, timeout=20_000)
    assert searched_on == [("device 7/", False)]
    found = {number for number in range(MANY) if number % 37 == 7}
    assert set(model.catalog.shown) == found | {17, 4321}
