"""Where the hand's positions lie on the evidence, for every orientation, odd sizes and dense screens."""

from __future__ import annotations

import numpy as np
import pytest

from forensic_gui.domain.geometry import Orientation, Point, Size
from forensic_gui.views.canvas.camera import Camera
from forensic_gui.views.canvas.pointer import Act, Pointer
from forensic_gui.views.canvas.projection import Projection, Sheet

STORED = Size(401, 299)


def projection(orientation: Orientation, *, scale: float = 1.7, ratio: float = 1.0) -> Projection:
    return Projection(Sheet(STORED, orientation), Camera(Point(120.25, 90.5), scale), Size(643, 481), ratio)


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("scale", [0.03, 1.0, 1.7, 64.0])
def test_a_position_comes_back_from_the_evidence(orientation: Orientation, scale: float) -> None:
    shown = projection(orientation, scale=scale)
    for position in (Point(0.5, 0.5), Point(642.5, 13.5), Point(300, 200)):
        back = shown.to_screen(shown.to_evidence(position))
        assert (back.x, back.y) == pytest.approx((position.x, position.y), abs=1e-4)


def test_turned_evidence_is_touched_where_it_is_stored() -> None:
    """Orientation 6: the stored top left corner is seen at the top right."""
    orientation = Orientation.ROTATED_90_CW
    sheet = Sheet(STORED, orientation)
    seen = orientation.size_in_view(STORED)
    shown = Projection(sheet, Camera(Point(seen.width / 2, seen.height / 2), 1.0), seen)
    corner = shown.to_evidence(Point(seen.width - 0.5, 0.5))
    assert (corner.x, corner.y) == pytest.approx((0.5, 0.5), abs=1e-6)
    other = shown.to_evidence(Point(0.5, 0.5))
    assert (other.x, other.y) == pytest.approx((0.5, STORED.height - 0.5), abs=1e-6)


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_border_between_two_pixels_belongs_to_the_pixel_painted_there(orientation: Orientation) -> None:
    seen = orientation.size_in_view(STORED)
    shown = Projection(Sheet(STORED, orientation), Camera(Point(seen.width / 2, seen.height / 2), 1.0), seen)
    row, column = shown.to_evidence(Point(20.0, 30.0)).pixel
    numbers = np.arange(STORED.pixels).reshape(STORED.shape)
    assert numbers[row, column] == orientation.apply(numbers)[30, 20]


def test_on_a_dense_screen_distances_are_those_that_a_person_sees() -> None:
    pointer = Pointer(Act.DRAG, Point(300, 200), alt=True)
    plain = projection(Orientation.UPRIGHT, scale=4.0).touch(pointer)
    dense = projection(Orientation.UPRIGHT, scale=4.0, ratio=2.0).touch(pointer)
    assert plain.point == dense.point
    assert (plain.pixel, dense.pixel) == (0.25, 0.5)
    assert dense.screen == Point(150, 100)
    assert dense.alt
    assert dense.negative
