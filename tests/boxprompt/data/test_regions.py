"""COCO's outlines and run lengths become the pixels that pycocotools and the centre rule say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from boxprompt.data.regions import CocoRegions, fill_outlines, mask_of_runs

sizes = st.tuples(st.integers(1, 12), st.integers(1, 12))


def random_mask(size: tuple[int, int], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.random(size) < rng.random()


@given(size=sizes, seed=st.integers(0, 2**32 - 1))
def test_run_lengths_are_read_as_pycocotools_writes_them(size: tuple[int, int], seed: int) -> None:
    mask = random_mask(size, seed)
    compressed = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode("ascii")
    assert np.array_equal(mask_of_runs(compressed, size), mask)


def test_long_runs_of_a_large_image_are_read_too() -> None:
    mask = np.zeros((700, 900), bool)
    mask[100:650, 50:800] = True
    mask[300:310, 300:310] = False
    compressed = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode("ascii")
    assert np.array_equal(mask_of_runs(compressed, mask.shape), mask)


def test_run_lengths_as_numbers_go_down_the_columns_and_begin_outside() -> None:
    assert mask_of_runs((1, 3, 2), (2, 3)).tolist() == [[False, True, False], [True, True, False]]


@pytest.mark.parametrize(
    ("runs", "sentence"),
    [
        ((5,), "cover 5 of 6"),
        ((7, -1), "negative"),
        ("\x20", "damaged"),
        ("o", "end within"),
        ("o" * 9 + "0", "damaged"),
        ("1", "cover 1 of 6"),
    ],
)
def test_damaged_run_lengths_are_refused(runs: str | tuple[int, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        mask_of_runs(runs, (2, 3))


def test_an_outline_covers_the_pixels_whose_centre_it_encloses() -> None:
    square = np.array([[1.0, 1.0], [3.0, 1.0], [3.0, 2.4], [1.0, 2.4]])
    expected = np.zeros((4, 5), bool)
    expected[1, 1:3] = True
    assert np.array_equal(fill_outlines([square], (4, 5)), expected)


def test_the_regions_of_an_image_are_united() -> None:
    runs = (0, 2, 10)
    regions = CocoRegions(size=(3, 4), outlines=((2.0, 0.0, 4.0, 0.0, 4.0, 1.0, 2.0, 1.0),), runs=(runs,))
    assert regions.mask().tolist() == [
        [True, False, True, True],
        [True, False, False, False],
        [False, False, False, False],
    ]


def test_an_outline_that_crosses_far_more_rows_than_any_real_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boxprompt.data.regions.MAX_CROSSINGS", 10)
    with pytest.raises(ValueError, match="crosses rows"):
        CocoRegions(size=(20, 4), outlines=((0.0, 0.0, 3.0, 0.0, 3.0, 19.0),)).mask()
