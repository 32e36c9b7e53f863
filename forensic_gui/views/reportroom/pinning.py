"""What of the canvas a report would show. No Qt."""

from __future__ import annotations

import math

from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.views.canvas.scene import LayerSettings


def picture_of(layers: LayerSettings, *, has_heatmap: bool, has_regions: bool) -> PictureKind:
    """The kind of picture that says what the layers show.

    Args:
        layers: as they are set.
        has_heatmap: whether the model's result is on the canvas.
        has_regions: whether the analyst's regions are.
    """
    if layers.difference_visible and has_heatmap and has_regions:
        return PictureKind.DIFFERENCE
    if layers.heatmap_visible and has_heatmap:
        return PictureKind.OVERLAY
    if (layers.regions_visible or layers.difference_visible) and has_regions:
        return PictureKind.REGIONS
    return PictureKind.ORIGINAL


def stored_part(seen: Box, *, orientation: Orientation, stored: Size) -> Box:
    """The whole pixels that hold a part of the view, in stored orientation and within the image.

    Args:
        seen: view pixels; may reach beyond the image.
        orientation: of the view.
        stored: size as stored.

    Raises:
        ValueError: no pixel of the image is in it.
    """
    one = orientation.to_stored(Point(seen.x0, seen.y0), stored=stored)
    other = orientation.to_stored(Point(seen.x1, seen.y1), stored=stored)
    return Box(
        max(0.0, float(math.floor(min(one.x, other.x)))),
        max(0.0, float(math.floor(min(one.y, other.y)))),
        min(float(stored.width), float(math.ceil(max(one.x, other.x)))),
        min(float(stored.height), float(math.ceil(max(one.y, other.y)))),
    )
