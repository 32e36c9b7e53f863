"""Coordinates survive every orientation; sizes and boxes refuse what cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from forensic_gui.domain.geometry import Box, Orientation, Point, Size

NOT_FINITE = [float("nan"), float("inf"), float("-inf")]
orientations = st.sampled_from(list(Orientation))
sides = st.integers(1, 40)


@given(orientations, sides, sides)
def test_orientation_agrees_with_pillow(orientation: Orientation, width: int, height: int) -> None:
    stored = np.arange(width * height, dtype=np.uint32).reshape(height, width)
    image = Image.fromarray(stored.astype(np.int32))
    image.getexif()[0x0112] = int(orientation)
    expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(orientation.apply(stored), expected)


@given(orientations, sides, sides)
def test_the_inverse_brings_stored_pixels_back(orientation: Orientation, width: int, height: int) -> None:
    stored = np.random.default_rng(0).random((height, width, 3))
    assert np.array_equal(orientation.inverse.apply(orientation.apply(stored)), stored)


@given(orientations, sides, sides, st.floats(0, 0.999), st.floats(0, 0.999))
def test_a_point_stays_on_its_pixel(orientation: Orientation, width: int, height: int, x: float, y: float) -> None:
    stored = Size(width, height)
    values = np.arange(stored.pixels).reshape(stored.shape)
    # Pixel centres: a point on the very border between two pixels belongs to either, depending on the direction.
    point = Point(int(x * width) + 0.5, int(y * height) + 0.5)
    seen = orientation.to_view(point, stored=stored)
    assert orientation.apply(values)[seen.pixel] == values[point.pixel]
    assert orientation.to_stored(seen, stored=stored) == point


@given(orientations, sides, sides, st.floats(0, 1), st.floats(0, 1))
def test_any_point_comes_back_from_the_view(
    orientation: Orientation, width: int, height: int, x: float, y: float
) -> None:
    stored = Size(width, height)
    point = Point(x * width, y * height)
    back = orientation.to_stored(orientation.to_view(point, stored=stored), stored=stored)
    assert (back.x, back.y) == pytest.approx((point.x, point.y), abs=1e-9)


@given(orientations, sides, sides)
def test_the_view_has_the_size_of_the_turned_array(orientation: Orientation, width: int, height: int) -> None:
    stored = Size(width, height)
    assert orientation.size_in_view(stored).shape == orientation.apply(np.empty(stored.shape)).shape


def test_turning_copies_nothing() -> None:
    stored = np.zeros((4, 6, 3))
    assert all(np.shares_memory(orientation.apply(stored), stored) for orientation in Orientation)


def test_the_size_of_an_array_is_columns_by_rows() -> None:
    assert Size.of(np.empty((3, 7, 3))) == Size(width=7, height=3)
    assert Size(7, 3).pixels == 21


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, 0), (-1, 1)])
def test_an_empty_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="at least 1x1"):
        Size(width, height)


@pytest.mark.parametrize("corners", [(0, 0, 0, 1), (0, 0, 1, 0), (2, 0, 1, 1), (0, float("nan"), 1, 1)])
def test_a_box_without_area_is_refused(corners: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="x0 < x1"):
        Box(*corners)


def test_a_box_with_area_keeps_its_corners() -> None:
    assert (Box(1, 2, 3.5, 4).x1, Box(1, 2, 3.5, 4).y0) == (3.5, 2)


@pytest.mark.parametrize("odd", NOT_FINITE)
def test_points_and_boxes_have_finite_coordinates(odd: float) -> None:
    for make in (lambda: Point(odd, 0), lambda: Point(0, odd)):
        with pytest.raises(ValueError, match="finite"):
            make()
    for corner in range(4):
        with pytest.raises(ValueError, match="finite"):
            Box(*(odd if index == corner else index for index in range(4)))
