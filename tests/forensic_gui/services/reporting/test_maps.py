"""Masks, hashes and coarse maps of a heatmap: the same as of the whole map, whatever is passed over."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask
from forensic_gui.services.rendering import evidence_scores, threshold_mask
from forensic_gui.services.reporting.maps import coarse_rows, difference_of, grid_sha256, mask_over, record_of_mask


@given(
    seed=st.integers(0, 2**32 - 1),
    grid=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    size=st.builds(Size, st.integers(1, 70), st.integers(1, 70)),
    threshold=st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0]),
    share=st.floats(0, 1),
)
def test_the_mask_is_that_of_all_scores(seed, grid, size, threshold, share):
    random = np.random.default_rng(seed)
    # Values on the threshold itself are what rounding is about.
    values = random.choice([0.0, threshold, 1.0, random.random()], grid) * (random.random(grid) < share)
    heatmap = Heatmap(values.astype(np.float32), size)
    assert mask_over(heatmap, threshold=threshold) == Mask.of(threshold_mask(evidence_scores(heatmap), threshold))


def test_a_mask_in_one_corner_of_a_large_image_is_found_without_the_rest():
    grid = np.zeros((75, 100), np.float32)
    grid[70:, 95:] = 1
    heatmap = Heatmap(grid, Size(4000, 3000))
    mask = mask_over(heatmap, threshold=0.5)
    box = mask.bounds
    assert (box.left + box.width, box.top + box.height) == (4000, 3000)
    assert mask.area == pytest.approx(200 * 200, rel=0.05)


def test_the_hash_is_of_little_endian_values_row_by_row():
    grid = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    expected = hashlib.sha256(b"".join(np.float32(value).tobytes() for value in range(6))).hexdigest()
    assert grid_sha256(grid) == expected
    assert grid_sha256(grid.astype(">f4")) == expected


def test_the_coarse_map_averages_cells_that_belong_together():
    grid = np.zeros((64, 96), np.float32)
    grid[:2, :3] = 0.5
    grid[2:4, :3] = [[1, 0, 0], [0, 0, 0]]
    rows = coarse_rows(grid)
    assert (len(rows), {len(row) for row in rows}) == (32, {32})
    assert rows[0][0] == round(0.5 * 65535)
    assert rows[1][0] == pytest.approx(65535 / 6, abs=1)
    assert sum(map(sum, rows)) == rows[0][0] + rows[1][0]


def test_a_small_grid_is_its_own_coarse_map():
    assert coarse_rows(np.array([[0, 1], [0.25, 0.75], [0, 0]], np.float32)) == ((0, 65535), (16384, 49151), (0, 0))


def test_what_is_recorded_of_a_mask_gives_it_back():
    heatmap = Heatmap(np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5), Size(50, 40))
    record, mask = record_of_mask(heatmap, threshold=0.4)
    assert Mask.from_text(heatmap.size, record.runs) == mask
    assert (record.area_px, record.heatmap_grid, record.threshold) == (mask.area, (4, 5), 0.4)


def test_two_empty_masks_do_not_differ():
    empty = Mask.empty(Size(4, 3))
    found = difference_of(empty, empty)
    assert (found.model_only_px, found.analyst_only_px, found.both_px, found.neither_px, found.iou) == (
        0,
        0,
        0,
        12,
        1.0,
    )
