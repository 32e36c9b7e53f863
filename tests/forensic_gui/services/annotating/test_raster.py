"""Strokes and outlines against their definition, pixel by pixel."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.domain.mask import Mask, MaskPatch, PixelBox
from forensic_gui.services.annotating import patches, raster

coordinates = st.floats(-8, 24, allow_nan=False).map(lambda value: round(value, 2))
points = st.builds(Point, coordinates, coordinates)
sizes = st.builds(Size, st.integers(1, 19), st.integers(1, 17))
TWELVE_MEGAPIXELS = Size(4001, 2999)


def pixels(draw, size: Size) -> np.ndarray:
    return np.array(draw(st.lists(st.booleans(), min_size=size.pixels, max_size=size.pixels))).reshape(size.shape)


def distance_to_way(centre: Point, way: list[Point]) -> float:
    ends = list(itertools.pairwise(way)) or [(way[0], way[0])]
    return min(_distance_to_segment(centre, start, end) for start, end in ends)


def _distance_to_segment(centre: Point, start: Point, end: Point) -> float:
    along = (end.x - start.x, end.y - start.y)
    squared = along[0] ** 2 + along[1] ** 2
    share = 0.0
    if squared:
        share = ((centre.x - start.x) * along[0] + (centre.y - start.y) * along[1]) / squared
        share = min(1.0, max(0.0, share))
    return math.hypot(centre.x - start.x - share * along[0], centre.y - start.y - share * along[1])


def winding_number(centre: Point, corners: list[Point]) -> int:
    turns = 0
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        side = (end.x - start.x) * (centre.y - start.y) - (centre.x - start.x) * (end.y - start.y)
        if start.y <= centre.y < end.y and side > 0:
            turns += 1
        elif end.y <= centre.y < start.y and side < 0:
            turns -= 1
    return turns


def on_an_edge(centre: Point, corners: list[Point]) -> bool:
    return distance_to_way(centre, [*corners, corners[0]]) < 1e-6


@given(st.lists(points, min_size=1, max_size=5), st.floats(0.5, 9), sizes)
def test_a_stroke_covers_the_pixels_whose_centres_are_within_half_its_width_of_its_way(way, width_px, size):
    covered = raster.stroke(way, width_px=width_px, size=size).to_array()
    corners = {point.pixel for point in way}
    for (row, column), inside in np.ndenumerate(covered):
        distance = distance_to_way(Point(column + 0.5, row + 0.5), way)
        if (row, column) in corners:
            assert inside
        elif abs(distance - width_px / 2) > 1e-6:
            assert inside == (distance < width_px / 2), (row, column)


@given(st.lists(points, min_size=3, max_size=7), sizes)
def test_an_outline_encloses_the_pixels_whose_centres_it_winds_around(corners, size):
    enclosed = raster.polygon(corners, size=size).to_array()
    for (row, column), inside in np.ndenumerate(enclosed):
        centre = Point(column + 0.5, row + 0.5)
        if not on_an_edge(centre, corners):
            assert inside == (winding_number(centre, corners) != 0), (row, column)


def test_a_rectangle_on_whole_pixels_has_exactly_its_pixels():
    corners = [Point(1, 2), Point(4, 2), Point(4, 7), Point(1, 7)]
    expected = np.zeros((9, 5), np.bool_)
    expected[2:7, 1:4] = True
    assert raster.polygon(corners, size=Size(5, 9)) == Mask.of(expected)
    assert raster.polygon(corners[::-1], size=Size(5, 9)) == Mask.of(expected)


def test_two_outlines_that_share_an_edge_leave_no_gap_and_share_no_pixel():
    size = Size(31, 29)
    cut = [Point(0.3, 11.7), Point(30.6, 17.1)]
    above = raster.polygon([Point(0, 0), Point(31, 0), cut[1], cut[0]], size=size)
    below = raster.polygon([cut[0], cut[1], Point(31, 29), Point(0, 29)], size=size)
    assert (above & below).is_empty
    assert above.area + below.area == (above | below).area


def test_a_lasso_that_crosses_itself_has_no_hole_where_it_lies_twice():
    twice = [Point(2, 2), Point(12, 2), Point(12, 12), Point(2, 12)] * 2
    assert raster.polygon(twice, size=Size(15, 15)).area == 100


def test_the_thinnest_brush_paints_where_it_touches():
    assert raster.stroke([Point(3.01, 4.99)], width_px=1, size=Size(9, 9)).area == 1


@pytest.mark.parametrize("off", [Point(-50, 3), Point(3, -50), Point(90, 3), Point(3, 90)])
def test_a_stroke_off_the_image_covers_nothing(off):
    assert raster.stroke([off], width_px=8, size=Size(9, 11)).is_empty
    beside = [off, Point(off.x + 0.1, off.y), Point(off.x, off.y + 0.1)]
    assert raster.polygon(beside, size=Size(9, 11)).is_empty


def test_no_points_no_width_and_no_area_are_refused():
    with pytest.raises(ValueError, match="at least one point"):
        raster.stroke([], width_px=3, size=Size(9, 9))
    with pytest.raises(ValueError, match="some width"):
        raster.stroke([Point(1, 1)], width_px=0, size=Size(9, 9))
    with pytest.raises(ValueError, match="three corners"):
        raster.polygon([Point(1, 1), Point(2, 2)], size=Size(9, 9))


def test_a_stroke_across_twelve_megapixels_takes_a_moment():
    way = [Point(100, 100), Point(3900, 2900)]
    start = time.perf_counter()
    covered = raster.stroke(way, width_px=40, size=TWELVE_MEGAPIXELS)
    # A tenth of it on a machine at rest; with the whole image looked at for every piece of the way it would be minutes.
    assert time.perf_counter() - start < 3
    assert covered.area == pytest.approx(40 * math.dist((100, 100), (3900, 2900)) + math.pi * 400, rel=1e-3)


@given(st.data(), sizes)
def test_a_small_array_is_placed_in_a_large_image(data, size):
    left, top = data.draw(st.integers(0, size.width - 1)), data.draw(st.integers(0, size.height - 1))
    box = Size(data.draw(st.integers(1, size.width - left)), data.draw(st.integers(1, size.height - top)))
    inside = pixels(data.draw, box)
    whole = np.zeros(size.shape, np.bool_)
    whole[top : top + box.height, left : left + box.width] = inside
    mask = patches.placed(inside, left=left, top=top, size=size)
    assert mask == Mask.of(whole)
    assert np.array_equal(patches.cut(mask, PixelBox(left, top, box.width, box.height)), inside)


@given(st.data(), sizes)
def test_a_patch_is_the_one_between_the_mask_before_and_after(data, size):
    before, after = pixels(data.draw, size), pixels(data.draw, size)
    made = patches.patch(Mask.of(before), PixelBox(0, 0, size.width, size.height), after)
    assert made == MaskPatch.between(Mask.of(before), Mask.of(after))


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(0, 0, 9, 7), PixelBox(0, 0, 9, 7)),
        (Box(-4, 1.4, 3.6, 99), PixelBox(0, 1, 4, 6)),
        (Box(1.5, 1.5, 2.5, 2.5), PixelBox(1, 1, 1, 1)),
        (Box(1.6, 1.6, 2.4, 2.4), None),
        (Box(20, 0, 30, 7), None),
    ],
)
def test_a_box_has_the_pixels_whose_centres_lie_in_it(box, expected):
    assert patches.pixels_of(box, size=Size(9, 7)) == expected
