"""Which rows of a summary are shown in what order, and what their cells say."""

from __future__ import annotations

from typing import Any

import pytest

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.summary import ItemActivity, SummaryRow
from forensic_gui.views.summary.arranging import Book, Wish, arranged
from forensic_gui.views.summary.columns import PLACES, TABLE, card_lines


def row(number: int, name: str = "", *, activity: ItemActivity | None = None, **more: Any) -> SummaryRow:
    item = CaseItem(number, f"{number:064x}", name or f"img_{number}.jpg", "/device/x.jpg", number * 1000, "", "", "")
    item = CaseItem(**{**{slot: getattr(item, slot) for slot in item.__dataclass_fields__}, **more})
    return SummaryRow(item, activity or ItemActivity())


def ids(rows: list[SummaryRow], wish: Wish) -> list[int]:
    shown = arranged(Book.of(tuple(rows)), wish)
    assert [shown.places[each.item.id] for each in shown.rows] == list(range(len(shown.rows)))
    assert shown.of == len(rows)
    return [each.item.id for each in shown.rows]


def test_names_are_sorted_as_people_count() -> None:
    rows = [row(1, "IMG_10.jpg"), row(2, "img_9.jpg"), row(3, "2 boats.jpg")]
    assert ids(rows, Wish(column="name")) == [3, 2, 1]
    assert ids(rows, Wish(column="name", descending=True)) == [1, 2, 3]


def test_what_is_not_known_comes_last_in_either_direction() -> None:
    rows = [row(1), row(2, share=0.0), row(3, share=0.7), row(4)]
    assert ids(rows, Wish(column="share")) == [2, 3, 1, 4]
    assert ids(rows, Wish(column="share", descending=True)) == [3, 2, 1, 4]


def test_equal_rows_stay_in_the_order_of_adding() -> None:
    rows = [row(1, regions=2), row(2, regions=1), row(3, regions=2)]
    assert ids(rows, Wish(column="regions", descending=True)) == [1, 3, 2]


def test_sizes_are_sorted_by_the_number_of_pixels() -> None:
    rows = [row(1, size=Size(1000, 10)), row(2, size=Size(200, 100)), row(3, size=Size(9, 9))]
    assert ids(rows, Wish(column="size")) == [3, 1, 2]


@pytest.mark.parametrize("column", [column.id for column in TABLE])
def test_every_column_sorts_rows_that_know_all_and_rows_that_know_nothing(column: str) -> None:
    activity = ItemActivity(1, 2, "w", "5" * 64, "fast", ("It is small.",), "2026-01-01T00:00:00+00:00", "JPEG")
    known = {"group": "Pier", "tags": ("a",), "share": 0.5, "highest_score": 0.9, "threshold": 0.4}
    rows = [row(1), row(2, activity=activity, size=Size(3, 4), unreadable="Why.", **known), row(3)]
    assert sorted(ids(rows, Wish(column=column, descending=True))) == [1, 2, 3]


def test_texts_are_found_in_any_case_and_not_across_their_ends() -> None:
    rows = [row(1, "Boat.jpg", group="Pier"), row(2, tags=("BOATS",)), row(3)]
    assert ids(rows, Wish(text=" boat ")) == [1, 2]
    assert ids(rows, Wish(text="jpgpier")) == []
    assert ids(rows, Wish(text="boat", group="Pier")) == [1]
    assert ids(rows, Wish(group="")) == [2, 3]


def test_hashes_are_found_by_six_digits_and_not_by_fewer() -> None:
    rows = [row(0xABCDEF), row(2, "b.jpg")]
    assert ids(rows, Wish(text="ABCDEF")) == [0xABCDEF]
    assert ids(rows, Wish(text="abcde")) == []


def test_cells_show_nothing_that_turns_the_writing_round() -> None:
    activity = ItemActivity(remarks=("\u202eIt",), weights_id="a\x07b")
    hostile = row(1, "a\u202e\n.jpg", activity=activity, group="\u2066g", tags=("\u200ft",), unreadable="\x1bw")
    for column in TABLE:
        text = column.text(hostile)
        assert all(character.isprintable() or character == "\u202f" for character in text), column.id


def test_a_share_is_never_rounded_to_nothing() -> None:
    share = TABLE[PLACES["share"]]
    assert share.text(row(1, share=0.0001)) == "< 0.1 %"
    assert share.text(row(1)) == ""


def test_a_share_says_over_which_threshold_and_by_which_views() -> None:
    shares = {views: row(1, activity=ItemActivity(views=views), share=0.036, threshold=threshold)
              for views, threshold in (("fast", 0.5), ("thorough", 0.31))}  # fmt: skip
    assert TABLE[PLACES["share"]].text(shares["fast"]) == "3.6 % over 0.5"
    assert TABLE[PLACES["share"]].text(shares["thorough"]) == "3.6 % over 0.31"
    assert PLACES["views"] == PLACES["share"] + 1
    assert card_lines(shares["fast"]) == ("3.6 % over 0.5, fast", "")
    assert card_lines(shares["thorough"]) == ("3.6 % over 0.31, thorough", "")
    assert "not comparable" in TABLE[PLACES["share"]].tip


def test_a_card_says_what_was_found_and_what_was_made_of_it() -> None:
    assert card_lines(row(1)) == ("not analyzed", "")
    assert card_lines(row(1, unreadable="It is cut off.", share=0.1)) == ("It is cut off.", "")
    assert card_lines(row(1, regions=2, conclusion=Conclusion.NO_MANIPULATION_FOUND))[1] == (
        "2 regions · no manipulation found"
    )
