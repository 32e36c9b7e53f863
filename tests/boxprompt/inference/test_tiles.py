"""Tiles cover every pixel and blend without seams."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxprompt.inference.tiles import TileBlend, plan_tiles


@given(st.integers(32, 300), st.integers(32, 300), st.integers(0, 31))
def test_tiles_cover_every_pixel_and_stay_inside(height: int, width: int, overlap: int) -> None:
    covered = np.zeros((height, width), dtype=bool)
    for top, left in plan_tiles(height, width, side_px=32, overlap_px=overlap).origins:
        assert 0 <= top <= height - 32 and 0 <= left <= width - 32
        covered[top : top + 32, left : left + 32] = True
    assert covered.all()


def test_neighbouring_tiles_overlap_by_at_least_what_was_asked() -> None:
    lefts = [left for _, left in plan_tiles(64, 1000, side_px=64, overlap_px=16).origins]
    assert max(np.diff(lefts)) <= 64 - 16


def test_an_image_smaller_than_a_tile_has_no_tiles() -> None:
    assert plan_tiles(31, 500, side_px=32, overlap_px=8).origins == ()


def test_an_overlap_as_large_as_a_tile_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        plan_tiles(64, 64, side_px=32, overlap_px=32)


@given(st.integers(32, 150), st.integers(32, 150))
def test_equal_tiles_blend_to_themselves(height: int, width: int) -> None:
    blend = TileBlend(height, width, side_px=32, stride_px=4)
    for origin in plan_tiles(height, width, side_px=32, overlap_px=8).origins:
        blend.add(np.full((8, 8), 0.25, dtype=np.float32), origin)
    result = blend.result()
    assert result.shape == (max(8, round(height / 4)), max(8, round(width / 4)))
    assert result.dtype == np.float32
    assert np.allclose(result, 0.25, atol=1e-6)


def test_a_tiles_centre_outweighs_its_neighbours_border() -> None:
    blend = TileBlend(32, 56, side_px=32, stride_px=4)
    blend.add(np.zeros((8, 8), dtype=np.float32), (0, 0))
    blend.add(np.ones((8, 8), dtype=np.float32), (0, 24))
    row = blend.result()[4]
    assert row[5] < 0.01 and row[-1] == 1.0
    assert np.all(np.diff(row) >= 0)


def test_a_blend_that_leaves_a_gap_is_refused() -> None:
    blend = TileBlend(32, 64, side_px=32, stride_px=4)
    blend.add(np.zeros((8, 8), dtype=np.float32), (0, 0))
    with pytest.raises(ValueError, match="do not cover"):
        blend.result()
