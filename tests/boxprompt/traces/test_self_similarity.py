"""Copies within an image are found, located and told from what is alike by nature."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from PIL import Image

from boxprompt.errors import StoppedError
from boxprompt.traces.self_similarity import Repeat, Search, find_repeats, self_similarity
from boxprompt.traces.self_similarity.planes import band_of, shift
from boxprompt.traces.self_similarity.verify import Demands, matches_under

ROWS, COLUMNS = 208, 296


def texture(rows: int = ROWS, columns: int = COLUMNS, *, seed: int = 0) -> np.ndarray:
    """Noise with detail at every scale, as photographs have it: uint8 (rows, columns, 3)."""
    rng = np.random.default_rng(seed)
    total = np.zeros((rows, columns, 3), dtype=np.float32)
    for sigma in (0.8, 1.6, 3.2, 6.4, 12.8):
        layer = cv2.GaussianBlur(rng.normal(size=(rows, columns, 3)).astype(np.float32), (0, 0), sigma)
        total += layer / layer.std()
    return (128 + 18 * total).clip(0, 255).astype(np.uint8)


def as_jpeg(image: np.ndarray, *, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


@dataclass(frozen=True)
class Forgery:
    image: np.ndarray
    original: np.ndarray
    copy: np.ndarray


def forged(matrix: np.ndarray, *, radius_px: int = 34, centre: tuple[int, int] = (85, 90), seed: int = 0) -> Forgery:
    """An image with a disc around `centre` (x, y) copied to where `matrix` sends it."""
    image = texture(seed=seed)
    original = np.zeros((ROWS, COLUMNS), dtype=np.uint8)
    cv2.circle(original, centre, radius_px, 1, thickness=-1)
    moved = cv2.warpAffine(image, matrix, (COLUMNS, ROWS), flags=cv2.INTER_CUBIC)
    copy = cv2.warpAffine(original, matrix, (COLUMNS, ROWS), flags=cv2.INTER_NEAREST) > 0
    return Forgery(np.where(copy[..., None], moved, image), original > 0, copy)


def about(
    centre: tuple[float, float], *, degrees: float, scale: float, to: tuple[float, float], mirrored: bool = False
) -> np.ndarray:
    turn = np.deg2rad(degrees)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    if mirrored:
        linear = linear @ np.diag([-1.0, 1.0])
    return np.column_stack([linear, np.array(to) - linear @ np.array(centre)])


def iou(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.count_nonzero(found & truth) / np.count_nonzero(found | truth))


def strongest(image: np.ndarray) -> Repeat:
    found = find_repeats(image).repeats
    assert found, "nothing was found"
    return found[0]


CENTRE = (85, 90)
MOVES = {
    "moved": about(CENTRE, degrees=0, scale=1, to=(221, 148)),
    "turned": about(CENTRE, degrees=35, scale=1, to=(225, 145)),
    "enlarged": about(CENTRE, degrees=0, scale=1.5, to=(235, 140)),
    "shrunk": about(CENTRE, degrees=0, scale=0.7, to=(235, 140)),
    "mirrored": about(CENTRE, degrees=0, scale=1, to=(225, 150), mirrored=True),
    "turned, enlarged and mirrored": about(CENTRE, degrees=-20, scale=1.2, to=(230, 150), mirrored=True),
}


@pytest.mark.parametrize("move", list(MOVES))
def test_a_copy_is_found_where_it_lies_and_where_it_came_from(move):
    forgery = forged(MOVES[move])
    repeat = strongest(forgery.image)
    assert repeat.strength > 0.9
    sides = (repeat.copy, repeat.original)
    assert max(iou(side, forgery.copy) for side in sides) > 0.75
    assert max(iou(side, forgery.original) for side in sides) > 0.75


@pytest.mark.parametrize("move", ["moved", "turned", "mirrored"])
def test_a_copy_is_found_after_jpeg_compression(move):
    forgery = forged(MOVES[move])
    repeat = strongest(as_jpeg(forgery.image, quality=75))
    assert max(iou(repeat.copy, forgery.copy), iou(repeat.original, forgery.copy)) > 0.7


def test_the_side_whose_outline_cuts_through_the_picture_is_called_the_copy():
    right = 0
    for seed in range(6):
        forgery = forged(MOVES["moved"], seed=seed)
        right += iou(strongest(forgery.image).copy, forgery.copy) > 0.5
    assert right >= 5


def test_the_map_sends_points_of_the_original_to_the_copy():
    forgery = forged(MOVES["turned"])
    repeat = strongest(forgery.image)
    rows, columns = np.nonzero(repeat.original)
    sent = repeat.matrix @ np.array([columns.mean() + 0.5, rows.mean() + 0.5, 1])
    rows, columns = np.nonzero(repeat.copy)
    assert np.hypot(*(sent - (columns.mean() + 0.5, rows.mean() + 0.5))) < 1.5


def test_the_map_is_in_pixels_of_the_image_when_the_search_was_on_a_smaller_one():
    forgery = forged(MOVES["moved"])
    large = cv2.resize(forgery.image, (3 * COLUMNS, 3 * ROWS), interpolation=cv2.INTER_CUBIC)
    found = find_repeats(large, search=Search(longest_px=COLUMNS))
    assert found.heatmap().shape == (3 * ROWS, 3 * COLUMNS)
    shift = found.repeats[0].matrix[:, 2]
    assert np.allclose(np.abs(shift), (3 * 136, 3 * 58), atol=1.5)


def test_the_copy_is_brighter_than_the_original_and_all_else_is_dark():
    forgery = forged(MOVES["moved"])
    heatmap = self_similarity(forgery.image)
    assert (heatmap.dtype, heatmap.shape) == (np.float32, (ROWS, COLUMNS))
    assert heatmap[forgery.copy].mean() > heatmap[forgery.original].mean()
    elsewhere = ~(cv2.dilate((forgery.copy | forgery.original).view(np.uint8), np.ones((9, 9))) > 0)
    assert heatmap[elsewhere].max() == 0


def plain_texture() -> np.ndarray:
    return texture(seed=5)


def flat() -> np.ndarray:
    return np.full((ROWS, COLUMNS, 3), 90, dtype=np.uint8)


def grid() -> np.ndarray:
    """Tiles in rows and columns, all alike."""
    tile = np.full((24, 24, 3), 200, dtype=np.uint8)
    tile[4:20, 6:18] = (60, 80, 120)
    return np.tile(tile, (ROWS // 24, COLUMNS // 24, 1))


def ramp() -> np.ndarray:
    """A smooth sky over a straight horizon."""
    rows = np.linspace(80, 220, ROWS)[:, None, None] * np.ones((1, COLUMNS, 3))
    rows[160:] = 70
    return rows.astype(np.uint8)


@pytest.mark.parametrize("make", [plain_texture, flat, grid, ramp], ids=lambda make: make.__name__)
@pytest.mark.parametrize("quality", [None, 80])
def test_nothing_is_claimed_where_nothing_was_copied(make, quality):
    image = make() if quality is None else as_jpeg(make(), quality=quality)
    assert self_similarity(image).max() < 0.5


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (47, 300), (49, 61), (131, 257)])
def test_images_of_any_size_are_searched(shape):
    heatmap = self_similarity(texture(*shape))
    assert heatmap.shape == shape
    assert heatmap.max() < 0.5


def test_an_image_searched_twice_gives_the_same_map_and_is_not_altered():
    image = forged(MOVES["turned"]).image
    before = image.copy()
    assert np.array_equal(self_similarity(image), self_similarity(image))
    assert np.array_equal(image, before)


@pytest.mark.parametrize(("windows_a_side", "regions"), [(2, 2), (8, 16)])
def test_of_regions_that_match_under_one_map_so_many_are_followed_and_no_more(windows_a_side: int, regions: int):
    facade = np.full((256, 256), 128, dtype=np.float32)
    window = np.random.default_rng(0).integers(0, 256, (14, 14))
    for row in range(windows_a_side):
        for column in range(windows_a_side):
            facade[32 * row + 8 : 32 * row + 22, 32 * column + 8 : 32 * column + 22] = window
    band = band_of(facade, finest_px=0, coarsest_px=2, window_px=9, beside_px=4)
    assert len(matches_under(facade, band, shift(32, 0), Demands(smallest_seeds_px=100))) == regions


def test_a_search_stops_when_it_is_told_to():
    with pytest.raises(StoppedError):
        find_repeats(texture(), should_stop=lambda: True)


def test_what_is_no_rgb_image_is_refused():
    with pytest.raises(ValueError, match="RGB"):
        find_repeats(np.zeros((60, 60), dtype=np.uint8))
