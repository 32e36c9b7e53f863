"""Which part of an image is pinned, and as which picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.views.canvas.camera import Camera, fitted, seen
from forensic_gui.views.canvas.scene import LayerSettings
from forensic_gui.views.reportroom.pinning import picture_of, stored_part

STORED = Size(400, 300)
LAYERS = LayerSettings()


@pytest.mark.parametrize(
    ("layers", "has_heatmap", "has_regions", "expected"),
    [
        (LAYERS, True, False, PictureKind.OVERLAY),
        (LAYERS, True, True, PictureKind.OVERLAY),
        (LAYERS, False, False, PictureKind.ORIGINAL),
        (LAYERS, False, True, PictureKind.REGIONS),
        (replace(LAYERS, heatmap_visible=False), True, True, PictureKind.REGIONS),
        (replace(LAYERS, heatmap_visible=False, regions_visible=False), True, True, PictureKind.ORIGINAL),
        (replace(LAYERS, difference_visible=True), True, True, PictureKind.DIFFERENCE),
        (replace(LAYERS, difference_visible=True), True, False, PictureKind.OVERLAY),
    ],
)
def test_the_picture_says_what_the_layers_show(layers, has_heatmap, has_regions, expected):
    assert picture_of(layers, has_heatmap=has_heatmap, has_regions=has_regions) is expected


def test_an_image_that_is_seen_as_a_whole_is_pinned_as_a_whole():
    image, pane = Size(400, 300), Size(1000, 500)
    part = seen(fitted(image, pane=pane), image=image, pane=pane)
    assert stored_part(part, orientation=Orientation.UPRIGHT, stored=STORED) == Box(0, 0, 400, 300)


def test_of_a_look_into_the_image_the_pixels_are_pinned_that_it_touches():
    part = seen(Camera(Point(100.25, 100), 4.0), image=Size(400, 300), pane=Size(200, 100))
    assert part == Box(75.25, 87.5, 125.25, 112.5)
    assert stored_part(part, orientation=Orientation.UPRIGHT, stored=STORED) == Box(75, 87, 126, 113)


def test_nothing_is_seen_of_an_image_that_lies_beside_the_pane():
    assert seen(Camera(Point(-300, 10), 1.0), image=Size(400, 300), pane=Size(100, 100)) is None


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_corner_of_the_view_is_the_right_corner_of_the_stored_pixels(orientation):
    view = orientation.size_in_view(STORED)
    part = stored_part(Box(0, 0, 10, 20), orientation=orientation, stored=STORED)
    corner = orientation.to_stored(Point(0.5, 0.5), stored=STORED)
    assert part.x0 <= corner.x <= part.x1 and part.y0 <= corner.y <= part.y1
    wide, high = (20, 10) if orientation.swaps_axes else (10, 20)
    assert (part.x1 - part.x0, part.y1 - part.y0) == (wide, high)
    whole = stored_part(Box(0, 0, view.width, view.height), orientation=orientation, stored=STORED)
    assert whole == Box(0, 0, STORED.width, STORED.height)
