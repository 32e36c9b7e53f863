"""What is painted, as arrays: colours, alignment and mask agree with the domain's definitions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forensic_gui.domain.errors import Cancelled
from forensic_gui.domain.geometry import Point, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.rendering import evidence_scores, threshold_mask
from forensic_gui.views.canvas.camera import Camera, fitted
from forensic_gui.views.canvas.colour import colormap_lut, colormap_names, colour_scores
from forensic_gui.views.canvas.compose import FILL_RGB, LINE_INSIDE_RGB, LINE_OUTSIDE_RGB, Planes, compose
from forensic_gui.views.canvas.pyramid import Pyramid, build_pyramid, preview_pyramid
from forensic_gui.views.canvas.sampling import Window, sample_grid, seen_by
from forensic_gui.views.canvas.scene import LayerSettings

HEATMAP_ONLY = LayerSettings(contour_visible=False, heatmap_opacity=1.0)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def grid_of(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((rows, columns), dtype=np.float32)


def planes_of(image: np.ndarray, grid: np.ndarray | None = None) -> Planes:
    return Planes(build_pyramid(image), grid, grid)


def rgb_of(painted: np.ndarray) -> np.ndarray:
    return painted[..., 2::-1].astype(int)


def whole(image: np.ndarray, scale: float = 1.0) -> Window:
    return Window(0, 0, scale, Size(round(image.shape[1] * scale), round(image.shape[0] * scale)))


@pytest.mark.parametrize(
    ("size", "cells"), [((61, 47), (9, 7)), ((64, 48), (8, 8)), ((5, 3), (14, 14)), ((1, 1), (1, 1))]
)
def test_samples_of_a_grid_are_the_scores_of_the_definition(size: tuple[int, int], cells: tuple[int, int]) -> None:
    heatmap = Heatmap(grid_of(*cells), Size(*size))
    sampled = sample_grid(heatmap.grid, image=heatmap.size, window=Window(0, 0, 1.0, heatmap.size))
    expected = [[heatmap.score_at(Point(x, y)) for x in range(size[0])] for y in range(size[1])]
    assert np.abs(sampled - expected).max() < 1 / 255


@pytest.mark.parametrize("scale", [1.0, 1.7, 3.0, 16.0])
def test_the_painted_heatmap_is_within_two_levels_of_the_scores_at_and_above_one_to_one(scale: float) -> None:
    image = noise(37, 53)
    heatmap = Heatmap(grid_of(6, 8), Size.of(image))
    window = whole(image, scale)
    painted = rgb_of(compose(planes_of(image, heatmap.grid), HEATMAP_ONLY, window=window))
    lut = colormap_lut("inferno").astype(int)
    step = 1 + int(scale)  # some samples of every pixel
    for row, y in list(enumerate(window.rows(37)))[::step]:
        for column, x in list(enumerate(window.columns(53)))[::step]:
            level = round(255 * heatmap.score_at(Point(x, y)))
            near = lut[max(0, level - 2) : level + 3]
            assert np.abs(near - painted[row, column]).max(axis=1).min() <= 1


def test_below_one_to_one_the_heatmap_is_the_score_in_the_middle_of_each_screen_pixel() -> None:
    image = noise(480, 640)
    grid = grid_of(12, 16)
    window = whole(image, 0.25)
    painted = rgb_of(compose(planes_of(image, grid), HEATMAP_ONLY, window=window))
    scores = sample_grid(grid, image=Size.of(image), window=window)
    heatmap = Heatmap(grid, Size.of(image))
    assert scores[30, 40] == pytest.approx(heatmap.score_at(Point(162, 122)), abs=0.02)
    assert np.abs(painted - colour_scores(scores, colormap="inferno")[..., :3].astype(int)).max() <= 1


def test_scores_are_interpolated_before_they_are_coloured() -> None:
    """Between 0 and 1 lies the middle of the colour scale, not the mean of its ends."""
    image = np.zeros((1, 101, 3), np.uint8)
    painted = rgb_of(compose(planes_of(image, np.array([[0, 1]], np.float32)), HEATMAP_ONLY, window=whole(image)))
    assert np.abs(painted[0, 50] - colormap_lut("inferno")[128].astype(int)).max() <= 3


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.5, 64.0])
def test_the_bare_image_is_shown_value_for_value_at_and_above_one_to_one(scale: float) -> None:
    image = noise(13, 17)
    window = whole(image, scale)
    painted = rgb_of(compose(planes_of(image), None, window=window))
    assert np.array_equal(painted, image[window.rows(13)][:, window.columns(17)])


def test_between_whole_pixels_the_nearest_is_shown() -> None:
    image = noise(20, 20)
    placed = seen_by(Camera(Point(10.3, 9.8), 1.0), pane=Size(8, 8), image=Size(20, 20))
    assert placed is not None
    painted = rgb_of(compose(planes_of(image), None, window=placed.window))
    assert np.array_equal(painted, image[6:14, 6:14])


def test_a_checkerboard_shown_small_is_grey_and_not_a_pattern() -> None:
    image = np.zeros((1000, 1400, 3), np.uint8)
    image[::2, ::2] = image[1::2, 1::2] = 255
    for scale in (0.45, 0.3, 0.13):
        painted = rgb_of(compose(planes_of(image), None, window=whole(image, scale)))
        assert np.abs(painted - 127.5).max() < 4


@pytest.mark.parametrize("scale", [0.1, 0.26, 0.5, 0.77])
def test_an_edge_lies_at_the_same_place_at_every_level(scale: float) -> None:
    """Half-pixel centres: the edge between black and white is at 60 % of the width, on odd sizes too."""
    image = np.zeros((301, 1001, 3), np.uint8)
    image[:, 600:] = 255
    painted = rgb_of(compose(planes_of(image), None, window=whole(image, scale)))
    edge = np.interp(127.5, painted[painted.shape[0] // 2, :, 0], np.arange(painted.shape[1]) + 0.5)
    assert edge / scale == pytest.approx(600, abs=1.0)


FILL_ONLY = LayerSettings(heatmap_visible=False, contour_visible=False, fill_visible=True, fill_opacity=1.0)


@pytest.mark.parametrize("scale", [1.0, 1.5, 4.0])
def test_the_mask_on_screen_is_the_saved_mask_to_the_pixel(scale: float) -> None:
    image = np.zeros((67, 91, 3), np.uint8)
    heatmap = Heatmap(grid_of(14, 11), Size.of(image))
    window = whole(image, scale)
    for threshold in (0.25, 0.5, 0.731):
        painted = rgb_of(
            compose(planes_of(image, heatmap.grid), replace(FILL_ONLY, threshold=threshold), window=window)
        )
        saved = threshold_mask(evidence_scores(heatmap), threshold)[window.rows(67)][:, window.columns(91)]
        assert np.array_equal((painted == FILL_RGB).all(axis=2), saved)
        assert 0 < saved.mean() < 1


def test_the_mask_shown_small_has_the_same_share_of_the_image() -> None:
    image = np.zeros((670, 910, 3), np.uint8)
    heatmap = Heatmap(grid_of(14, 11), Size.of(image))
    painted = rgb_of(
        compose(planes_of(image, heatmap.grid), replace(FILL_ONLY, threshold=0.6), window=whole(image, 0.4))
    )
    share = threshold_mask(evidence_scores(heatmap), 0.6).mean()
    assert (painted == FILL_RGB).all(axis=2).mean() == pytest.approx(share, abs=0.003)


def test_a_constant_map_exactly_at_the_threshold_is_not_over_it() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    for score in np.array([0.1, 0.3, 0.7], np.float32):
        planes = planes_of(image, np.full((2, 2), score))
        at = compose(planes, replace(FILL_ONLY, threshold=float(score)), window=whole(image))
        below = compose(
            planes, replace(FILL_ONLY, threshold=float(np.nextafter(score, np.float32(0)))), window=whole(image)
        )
        assert (rgb_of(at) == 0).all()
        assert (rgb_of(below) == FILL_RGB).all()


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_the_contour_is_light_within_and_dark_without_on_any_ground(ground: int) -> None:
    image = np.full((60, 60, 3), ground, np.uint8)
    grid = np.zeros((60, 60), np.float32)
    grid[20:40, 20:40] = 1
    painted = rgb_of(compose(planes_of(image, grid), LayerSettings(heatmap_visible=False), window=whole(image)))
    assert tuple(painted[30, 20]) == LINE_INSIDE_RGB
    assert tuple(painted[30, 19]) == LINE_OUTSIDE_RGB
    assert tuple(painted[30, 30]) == tuple(painted[5, 5]) == (ground,) * 3


def test_a_hole_of_the_mask_has_a_contour_of_its_own() -> None:
    image = np.full((60, 60, 3), 128, np.uint8)
    grid = np.zeros((60, 60), np.float32)
    grid[10:50, 10:50] = 1
    grid[25:35, 25:35] = 0
    painted = rgb_of(compose(planes_of(image, grid), LayerSettings(heatmap_visible=False), window=whole(image)))
    assert tuple(painted[30, 24]) == LINE_INSIDE_RGB
    assert tuple(painted[30, 25]) == LINE_OUTSIDE_RGB


def test_a_wide_line_stays_out_of_the_pane_and_of_the_image() -> None:
    image = np.full((30, 30, 3), 128, np.uint8)
    grid = np.zeros((30, 30), np.float32)
    grid[:, :10] = 1
    painted = rgb_of(
        compose(planes_of(image, grid), LayerSettings(heatmap_visible=False), window=whole(image), line_px=3)
    )
    assert (painted[:, 7:10] == LINE_INSIDE_RGB).all()
    assert (painted[:, 10:13] == LINE_OUTSIDE_RGB).all()
    assert (painted[:, :7] == 128).all()


def test_an_inspected_map_is_painted_in_place_of_the_scores_and_the_mask_stays() -> None:
    image = np.zeros((20, 20, 3), np.uint8)
    scores, gate = np.zeros((20, 20), np.float32), np.ones((5, 5), np.float32)
    scores[:10] = 1
    settings = LayerSettings(heatmap_opacity=1.0, contour_visible=True)
    painted = rgb_of(compose(Planes(build_pyramid(image), scores, gate), settings, window=whole(image)))
    assert tuple(painted[2, 2]) == tuple(painted[18, 2]) == tuple(colormap_lut("inferno")[255])
    assert tuple(painted[9, 5]) == LINE_INSIDE_RGB


def test_opacity_mixes_map_and_image() -> None:
    image = np.full((8, 8, 3), 200, np.uint8)
    settings = LayerSettings(contour_visible=False, heatmap_opacity=0.25)
    painted = rgb_of(compose(planes_of(image, np.zeros((2, 2), np.float32)), settings, window=whole(image)))
    expected = 0.75 * 200 + 0.25 * colormap_lut("inferno")[0]
    assert np.abs(painted - expected).max() <= 1


def test_every_colormap_grows_lighter_with_the_score() -> None:
    for name in colormap_names():
        luma = colormap_lut(name) @ np.array([0.2126, 0.7152, 0.0722])
        assert np.diff(luma[::8]).min() > 0


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (3000, 1), (2, 20_000), (257, 255)])
def test_pyramids_cover_images_of_any_shape(size: tuple[int, int]) -> None:
    width, height = size
    image = np.full((height, width, 3), 77, np.uint8)
    for pyramid in (build_pyramid(image), preview_pyramid(image)):
        placed = seen_by(
            fitted(Size(width, height), pane=Size(640, 480)), pane=Size(640, 480), image=Size(width, height)
        )
        assert placed is not None
        painted = compose(Planes(pyramid, None, None), None, window=placed.window)
        assert min(painted.shape[:2]) >= 1
        assert (rgb_of(painted) == 77).all()


def test_the_level_has_a_pixel_for_every_screen_pixel_and_not_much_more() -> None:
    pyramid = build_pyramid(noise(3000, 4001))
    assert Size.of(pyramid.levels[-1]).width <= 256
    for scale in (1.0, 0.9, 0.51, 0.5, 0.3, 0.1):
        ratio = pyramid.level_for(scale).shape[1] / 4001 / scale
        assert 0.99 <= ratio <= 2.05


def test_a_preview_is_shown_coarse_rather_than_sampled_finely_and_slowly() -> None:
    preview = preview_pyramid(noise(3000, 4000))
    assert preview.level_for(0.3).shape[1] <= 512
    assert preview.level_for(1.0).shape[1] == 4000


def test_a_cancelled_pyramid_is_not_built_to_its_end() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        build_pyramid(noise(600, 600), cancel=cancel)


def test_a_turned_image_is_kept_in_the_order_of_its_rows() -> None:
    turned = noise(30, 40).swapaxes(0, 1)[:, ::-1]
    pyramid = build_pyramid(turned)
    assert pyramid.levels[0].flags.c_contiguous
    assert np.array_equal(pyramid.levels[0], turned)


def test_nothing_is_seen_of_an_image_outside_the_pane() -> None:
    assert seen_by(Camera(Point(5000, 5000), 1.0), pane=Size(100, 100), image=Size(10, 10)) is None


def test_a_pyramid_knows_the_size_of_its_image() -> None:
    assert Pyramid((noise(3, 5),)).size == Size(width=5, height=3)
