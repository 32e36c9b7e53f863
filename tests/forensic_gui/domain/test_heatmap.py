"""A heatmap's score at a pixel is the bilinear interpolation of its grid at the pixel's centre."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.domain.heatmap import Heatmap

sides = st.integers(1, 30)


def test_a_grid_of_the_evidences_size_is_read_as_it_is() -> None:
    grid = np.random.default_rng(1).random((5, 7), dtype=np.float32)
    heatmap = Heatmap(grid, Size(7, 5))
    for row in range(5):
        for column in range(7):
            assert heatmap.score_at(Point(column + 0.3, row + 0.9)) == pytest.approx(float(grid[row, column]))


def test_between_grid_centres_scores_are_linear() -> None:
    heatmap = Heatmap(np.array([[0.0, 1.0]], dtype=np.float32), Size(8, 3))
    row = [heatmap.score_at(Point(x + 0.5, 1.5)) for x in range(8)]
    # Grid centres lie at x = 2 and x = 6; beyond them the border value holds.
    assert row == pytest.approx([0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1])


@given(sides, sides, sides, sides)
def test_a_constant_grid_is_constant_everywhere(rows: int, columns: int, width: int, height: int) -> None:
    heatmap = Heatmap(np.full((rows, columns), 0.25, dtype=np.float32), Size(width, height))
    corners = [Point(0, 0), Point(width - 0.01, 0), Point(0, height - 0.01), Point(width - 0.01, height - 0.01)]
    assert [heatmap.score_at(point) for point in corners] == pytest.approx([0.25] * 4)


@pytest.mark.parametrize("point", [Point(-0.1, 0), Point(0, -0.1), Point(8, 0), Point(0, 3)])
def test_a_point_outside_is_refused(point: Point) -> None:
    heatmap = Heatmap(np.zeros((2, 2), dtype=np.float32), Size(8, 3))
    with pytest.raises(ValueError, match="outside"):
        heatmap.score_at(point)


@pytest.mark.parametrize("grid", [np.zeros((2, 2)), np.zeros((2, 2, 1), dtype=np.float32)])
def test_a_grid_of_another_kind_is_refused(grid: np.ndarray) -> None:
    with pytest.raises(ValueError, match="float32"):
        Heatmap(grid, Size(8, 3))
