"""Items are sorted as people count, and a list that was read once never shows what has changed since."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.case import ItemOrder, ItemQuery
from forensic_gui.domain.errors import CaseDamaged, CaseError
from forensic_gui.storage.case import items
from forensic_gui.storage.case.folder import CaseFolder, vault_suffix
from forensic_gui.storage.case.items import NewItem
from forensic_gui.storage.case.opening import open_case
from forensic_gui.storage.case.shelf import Shelf
from forensic_gui.storage.case.text import haystack, natural_key, needle, storable

TIME = "2026-01-01T00:00:00+00:00"


@given(st.text(max_size=4), st.integers(0, 10**12), st.integers(0, 10**12))
def test_numbers_in_names_sort_as_numbers(stem: str, one: int, other: int) -> None:
    keys = [natural_key(f"{stem}_{number}.jpg") for number in (one, other)]
    assert (keys[0] < keys[1]) == (one < other)


def test_names_sort_as_people_count() -> None:
    wanted = ["9.jpg", "IMG_1.jpg", "img_2.JPG", "IMG_02b.jpg", "IMG_10.jpg", "Scan.tif", "scan 2.tif"]
    assert sorted(wanted, key=natural_key) == ["9.jpg", "IMG_1.jpg", "img_2.JPG", "IMG_02b.jpg", "IMG_10.jpg", "scan 2.tif", "Scan.tif"]  # fmt: skip  # noqa: E501


@given(st.lists(st.text(max_size=6)), st.text(max_size=4))
def test_a_part_of_any_text_is_found_in_any_case_of_letters(parts: list[str], other: str) -> None:
    searched = haystack(parts)
    for part in parts:
        assert needle(part) in searched
        assert needle(part.upper().lower()) in searched or part.upper().lower().casefold() != part.casefold()


def test_no_search_straddles_two_texts() -> None:
    assert needle("b\nc") not in haystack(["ab", "cd"])
    assert storable("a\udcffb") == "a\\udcffb"


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.JPG", ".jpg"),
        ("a.tar.gz", ".gz"),
        ("a", ""),
        (".hidden", ""),
        ("a.", ""),
        ("a.j/pg", ""),
        ("a.jp g", ""),
        ("a.jpé", ""),
        ("a.ｊｐｇ", ""),
        ("a.averyveryverylongsuffix", ""),
        ("a.jpg\n", ""),
    ],
)
def test_only_plain_suffixes_come_into_the_vault(name: str, suffix: str) -> None:
    assert vault_suffix(name) == suffix


def test_a_case_is_named_after_its_folder(tmp_path: Path) -> None:
    assert CaseFolder.named(tmp_path / "Pier 3").path.name == "Pier 3.case"
    assert CaseFolder.named(tmp_path / "Pier.CASE").name == "Pier"
    assert CaseFolder(tmp_path / "v1.2").name == "v1.2"


def test_scores_sort_first_and_what_has_none_comes_last_by_name(folder: Path) -> None:
    with open_case(folder, read_only=False) as case, case.database.changing() as connection:
        for number, share in ((2, 0.5), (3, None), (4, 0.75), (5, 0.5)):
            name = f"IMG_{20 - number}.jpg"
            new = NewItem(f"{number:02d}" * 32, ".jpg", name, f"/{name}", 4, TIME, TIME, "Ada", "Quay 10")
            item_id = items.insert(connection, new)
            scores = (share, None if share is None else 0.9, item_id)
            connection.execute("UPDATE item SET share = ?, highest_score = ? WHERE id = ?", scores)
        assert items.find_ids(connection, ItemQuery(order=ItemOrder.SCORE)) == [4, 5, 2, 1, 3]
        assert items.set_group(connection, [3], "") == [3]
        assert items.find_ids(connection, ItemQuery(order=ItemOrder.GROUP)) == [1, 5, 4, 2, 3]
        assert items.find_ids(connection, ItemQuery(group="")) == [3]


def test_a_list_is_read_anew_where_it_changed(folder: Path) -> None:
    with open_case(folder, read_only=False) as case:
        shelf = Shelf(watched=True)
        with case.database.reading() as connection:
            (first,) = shelf.find(connection, ItemQuery())
            (again,) = shelf.find(connection, ItemQuery())
        assert first is again
        with case.database.changing() as connection:
            items.change_tags(connection, [1], add=["seen"], remove=[])
        with case.database.reading() as connection:
            assert shelf.find(connection, ItemQuery())[0].tags == ("seen",)


def test_a_list_shows_what_another_connection_changed(folder: Path) -> None:
    with open_case(folder, read_only=True) as case:
        shelf = Shelf(watched=False)
        with case.database.reading() as connection:
            assert shelf.find(connection, ItemQuery())[0].regions == 0
        with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as foreign:
            foreign.execute("UPDATE item SET regions = 7")
        with case.database.reading() as connection:
            assert shelf.find(connection, ItemQuery())[0].regions == 7


def test_a_change_that_is_taken_back_is_not_shown(folder: Path) -> None:
    with open_case(folder, read_only=False) as case:
        shelf = Shelf(watched=True)

        def change_in_vain() -> None:
            with case.database.changing() as connection:
                connection.execute("UPDATE item SET regions = 7")
                raise KeyError

        with case.database.reading() as connection:
            assert shelf.find(connection, ItemQuery())[0].regions == 0
        with pytest.raises(KeyError):
            change_in_vain()
        with case.database.reading() as connection:
            assert shelf.find(connection, ItemQuery())[0].regions == 0


@pytest.mark.parametrize(
    "change",
    ["conclusion = 'guilty'", "tags = '{'", "tags = '[1]'", "tags = '7'", "width = 0, height = 0", "width = 4"],
)
def test_an_item_that_says_what_none_can_say_is_damage(folder: Path, change: str) -> None:
    with open_case(folder, read_only=False) as case:
        with case.database.changing() as connection:
            connection.execute(f"UPDATE item SET {change}")
        with case.database.reading() as connection, pytest.raises(CaseDamaged, match="item 1"):
            items.get(connection, 1)


def test_a_text_that_is_none_is_damage(folder: Path) -> None:
    with open_case(folder, read_only=False) as case:
        with case.database.changing() as connection:
            connection.execute("UPDATE item SET name = CAST(x'ff' AS TEXT)")
        with pytest.raises(CaseDamaged), case.database.reading() as connection:
            items.get(connection, 1)


def test_an_item_that_does_not_exist_is_refused(folder: Path) -> None:
    with open_case(folder, read_only=True) as case, case.database.reading() as connection:
        for ask in (items.get, items.kept_under):
            with pytest.raises(CaseError, match="no item 9"):
                ask(connection, 9)
        with pytest.raises(CaseError, match="no item 9"):
            items.require(connection, [1, 9])
        assert items.all_kept_under(connection) == [(1, "ab" * 32, ".jpg")]


@pytest.mark.parametrize(
    ("sha256", "suffix"), [("ab" * 32, "/../../x"), ("../" * 22, ".jpg"), ("ab" * 32, ".j\0g"), ("", "")]
)
def test_a_case_from_somebody_else_leads_nowhere_but_into_its_vault(tmp_path: Path, sha256: str, suffix: str) -> None:
    folder = CaseFolder(tmp_path / "A.case")
    with pytest.raises(CaseDamaged, match="no case keeps"):
        folder.original(sha256, suffix)
    if sha256 != "ab" * 32:
        with pytest.raises(CaseDamaged, match="no case keeps"):
            folder.maps(sha256)
