"""The camera: pure arithmetic of pan and zoom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.camera import Camera, fitted, next_scale, panned, zoomed

PANE = Size(800, 600)
sides = st.integers(1, 20_000)
images = st.builds(Size, sides, sides)


@given(images)
def test_a_fitted_image_touches_two_borders_and_crosses_none(image: Size) -> None:
    camera = fitted(image, pane=PANE)
    corner = camera.to_pane(Point(0, 0), pane=PANE)
    width, height = image.width * camera.scale, image.height * camera.scale
    assert corner.x >= -1e-6
    assert corner.y >= -1e-6
    assert width == pytest.approx(PANE.width) or height == pytest.approx(PANE.height)


@given(images, st.floats(0.05, 64), st.floats(0, 800), st.floats(0, 600), st.floats(0.01, 100))
def test_what_lies_under_the_cursor_stays_there_while_zooming(
    image: Size, scale: float, x: float, y: float, factor: float
) -> None:
    camera = Camera(Point(image.width / 2, image.height / 2), scale)
    anchor = Point(x, y)
    before = camera.to_view(anchor, pane=PANE)
    after = zoomed(camera, scale * factor, anchor=anchor, image=image, pane=PANE)
    kept = after.to_view(anchor, pane=PANE)
    stopped_at_border = after.centre.x in (0, image.width) or after.centre.y in (0, image.height)
    assert stopped_at_border or (kept.x, kept.y) == pytest.approx((before.x, before.y), abs=1e-6 * max(image.shape))


@given(images, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_panning_never_loses_the_image(image: Size, right: float, down: float) -> None:
    camera = panned(fitted(image, pane=PANE), right=right, down=down, image=image)
    assert 0 <= camera.centre.x <= image.width
    assert 0 <= camera.centre.y <= image.height


def test_zoom_stops_at_single_pixels_and_at_half_of_the_whole() -> None:
    image = Size(4000, 3000)
    camera = fitted(image, pane=PANE)
    middle = Point(400, 300)
    assert zoomed(camera, 1e9, anchor=middle, image=image, pane=PANE).scale == 64
    assert zoomed(camera, 1e-9, anchor=middle, image=image, pane=PANE).scale == pytest.approx(0.1)


def test_an_image_of_one_pixel_can_fill_the_pane() -> None:
    image = Size(1, 1)
    camera = fitted(image, pane=PANE)
    assert camera.scale == 600
    assert zoomed(camera, 1e9, anchor=Point(400, 300), image=image, pane=PANE).scale == 600


@given(st.floats(0.001, 0.999) | st.floats(1.001, 64))
def test_steps_of_zoom_meet_one_to_one_from_either_side(scale: float) -> None:
    direction = 1 if scale < 1 else -1
    for _ in range(40):
        scale = next_scale(scale, direction=direction)
        if scale == 1.0:
            return
    pytest.fail("1:1 was passed over")


def test_zooming_in_and_out_again_comes_back() -> None:
    assert next_scale(next_scale(2.0, direction=1), direction=-1) == 2.0


@given(images, st.floats(0.01, 64), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_a_place_in_the_pane_and_the_pixel_under_it_name_each_other(
    image: Size, scale: float, x: float, y: float
) -> None:
    camera = Camera(Point(image.width / 2, image.height / 2), scale)
    back = camera.to_pane(camera.to_view(Point(x, y), pane=PANE), pane=PANE)
    assert (back.x, back.y) == pytest.approx((x, y), abs=1e-6)
