"""Maps at the evidence's size: the fast path is the definition, and no scale is ever stretched."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.geometry import Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.services import rendering
from forensic_gui.services.progress import CancelToken

sides = st.integers(1, 41)


def heatmap_of(grid_shape: tuple[int, int], size: Size, seed: int) -> Heatmap:
    grid = np.random.default_rng(seed).random(grid_shape, dtype=np.float32)
    return Heatmap(grid, size)


@settings(max_examples=60, deadline=None)
@given(st.tuples(sides, sides), st.builds(Size, sides, sides), st.integers(0, 2**32 - 1), st.integers(1, 500))
def test_every_pixel_has_the_score_of_the_definition(
    grid_shape: tuple[int, int], size: Size, seed: int, strip_pixels: int
) -> None:
    heatmap = heatmap_of(grid_shape, size, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "STRIP_PIXELS", strip_pixels)
        scores = rendering.evidence_scores(heatmap)
    assert scores.dtype == np.float32 and scores.shape == size.shape
    for row, column in itertools.product(range(size.height), range(size.width)):
        expected = heatmap.score_at(Point(column + 0.5, row + 0.5))
        assert abs(scores[row, column] - expected) <= 1e-5


def test_a_fine_grid_on_a_large_image_is_exact_too() -> None:
    heatmap = heatmap_of((501, 777), Size(4001, 3001), seed=5)
    scores = rendering.evidence_scores(heatmap)
    for row, column in np.random.default_rng(6).integers(0, (3001, 4001), (500, 2)).tolist():
        assert abs(scores[row, column] - heatmap.score_at(Point(column + 0.5, row + 0.5))) <= 1e-5


def test_strips_are_the_same_however_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    heatmap = heatmap_of((13, 17), Size(333, 251), seed=1)
    whole = rendering.evidence_scores(heatmap)
    monkeypatch.setattr(rendering, "STRIP_PIXELS", 1000)
    assert len(list(rendering.strips(heatmap))) > 10
    assert np.array_equal(rendering.evidence_scores(heatmap), whole)


def test_the_threshold_is_strict() -> None:
    scores = np.array([[0.3, np.nextafter(np.float32(0.3), np.float32(1)), 0.2]], np.float32)
    assert rendering.threshold_mask(scores, 0.3).tolist() == [[False, True, False]]
    assert not rendering.threshold_mask(np.ones((2, 2), np.float32), 1.0).any()
    assert not rendering.threshold_mask(np.zeros((2, 2), np.float32), 0.0).any()


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50))
def test_16_bits_are_the_nearest_step(values: list[float]) -> None:
    scores = np.array([values], np.float32)
    steps = rendering.to_16_bit(scores)
    assert steps.dtype == np.uint16 and steps.shape == scores.shape
    assert np.abs(steps.astype(float) - scores.astype(float) * 65535).max() <= 0.5 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.tuples(sides, sides), st.builds(Size, sides, sides), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_the_summary_is_of_all_pixels(grid_shape: tuple[int, int], size: Size, seed: int, threshold: float) -> None:
    heatmap = heatmap_of(grid_shape, size, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "STRIP_PIXELS", 100)
        summary, share = rendering.summarize(heatmap, threshold=threshold)
    scores = rendering.evidence_scores(heatmap)
    assert summary.minimum == pytest.approx(float(scores.min()), abs=1e-7)
    assert summary.maximum == pytest.approx(float(scores.max()), abs=1e-7)
    assert summary.mean == pytest.approx(float(scores.mean(dtype=np.float64)), abs=1e-7)
    for quantile, value in ((0.5, summary.median), (0.95, summary.p95), (0.99, summary.p99)):
        exact = np.quantile(scores, quantile, method="inverted_cdf")
        assert value == pytest.approx(float(exact), abs=0.5 / 65535 + 1e-7)
    assert share == rendering.threshold_mask(scores, threshold).mean()


@pytest.mark.parametrize("colormap", list(rendering.Colormap))
def test_colours_grow_lighter_with_the_score(colormap: rendering.Colormap) -> None:
    table = rendering.colormap_table(colormap).astype(float)
    luma = table @ (0.2126, 0.7152, 0.0722)
    assert table.shape == (256, 3)
    assert (np.diff(luma) > -1.5).all() and luma[-1] - luma[0] > 120


def test_inferno_is_red_green_blue_and_not_the_reverse() -> None:
    red, _green, blue = rendering.colormap_table(rendering.Colormap.INFERNO)[160].tolist()
    assert red > 200 and blue < 100


def blank(score: float) -> NDArray[np.uint8]:
    heatmap = Heatmap(np.full((3, 3), score, np.float32), Size(8, 6))
    image = np.full((6, 8, 3), 90, np.uint8)
    return rendering.overlay(image, heatmap, colormap=rendering.Colormap.INFERNO, opacity=1.0)


def test_a_weak_response_is_never_stretched_into_a_hot_picture() -> None:
    table = rendering.colormap_table(rendering.Colormap.INFERNO)
    assert (blank(0.0) == table[0]).all()
    assert (blank(0.02) == table[5]).all()
    assert (blank(1.0) == table[255]).all()


def test_an_overlay_at_no_opacity_is_the_image_and_half_is_half_way() -> None:
    image = np.random.default_rng(2).integers(0, 256, (21, 33, 3), dtype=np.uint8)
    heatmap = heatmap_of((5, 5), Size(33, 21), seed=3)
    arguments = {"colormap": rendering.Colormap.VIRIDIS}
    assert np.array_equal(rendering.overlay(image, heatmap, opacity=0.0, **arguments), image)
    coloured = rendering.overlay(image, heatmap, opacity=1.0, **arguments)
    half = rendering.overlay(image, heatmap, opacity=0.5, **arguments)
    assert np.abs(half - (image.astype(float) + coloured) / 2).max() <= 1


def test_an_overlay_over_another_image_is_refused() -> None:
    with pytest.raises(ValueError, match="does not lie over"):
        rendering.overlay(
            np.zeros((5, 5, 3), np.uint8),
            heatmap_of((2, 2), Size(6, 5), 0),
            colormap=rendering.Colormap.INFERNO,
            opacity=0.5,
        )


def test_drawing_stops_when_asked_to() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        rendering.summarize(heatmap_of((2, 2), Size(4, 4), 0), threshold=0.5, cancel=cancel)
