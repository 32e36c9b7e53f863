"""Where the canvas looks: one frozen camera that every pane follows, so that linked panes cannot disagree.

A *screen pixel* is a device pixel: at a device pixel ratio of 2, one logical pixel of Qt is two of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from forensic_gui.domain.geometry import Box, Point, Size

_LARGEST_SCALE = 64.0
_SMALLEST_PART_OF_FIT = 0.5


@dataclass(frozen=True, slots=True)
class Camera:
    """A look at an image.

    Attributes:
        centre: view pixel position in the middle of the pane.
        scale: screen pixels per view pixel.
    """

    centre: Point
    scale: float

    def to_view(self, position: Point, *, pane: Size) -> Point:
        """View pixel position under a position in the pane (screen pixels)."""
        return Point(
            self.centre.x + (position.x - pane.width / 2) / self.scale,
            self.centre.y + (position.y - pane.height / 2) / self.scale,
        )

    def to_pane(self, point: Point, *, pane: Size) -> Point:
        """Position in the pane (screen pixels) of a view pixel position."""
        return Point(
            (point.x - self.centre.x) * self.scale + pane.width / 2,
            (point.y - self.centre.y) * self.scale + pane.height / 2,
        )


def seen(camera: Camera, *, image: Size, pane: Size) -> Box | None:
    """The part of the image that a pane shows, view pixels; None where it shows none of it."""
    first, last = camera.to_view(Point(0, 0), pane=pane), camera.to_view(Point(pane.width, pane.height), pane=pane)
    x0, y0 = max(first.x, 0.0), max(first.y, 0.0)
    x1, y1 = min(last.x, float(image.width)), min(last.y, float(image.height))
    return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def fit_scale(image: Size, *, pane: Size) -> float:
    """Largest scale at which the whole image is seen."""
    return min(pane.width / image.width, pane.height / image.height)


def fitted(image: Size, *, pane: Size) -> Camera:
    """Show the whole image, as large as it goes."""
    return Camera(Point(image.width / 2, image.height / 2), fit_scale(image, pane=pane))


def panned(camera: Camera, *, right: float, down: float, image: Size) -> Camera:
    """Move the look by so many screen pixels; its centre never leaves the image."""
    x = camera.centre.x + right / camera.scale
    y = camera.centre.y + down / camera.scale
    return replace(camera, centre=Point(_clamp(x, 0, image.width), _clamp(y, 0, image.height)))


def zoomed(camera: Camera, scale: float, *, anchor: Point, image: Size, pane: Size) -> Camera:
    """Change the scale within its limits, keeping what lies under `anchor` (screen pixels) where it is."""
    fit = fit_scale(image, pane=pane)
    limited = _clamp(scale, min(fit, 1.0) * _SMALLEST_PART_OF_FIT, max(fit, _LARGEST_SCALE))
    fixed = camera.to_view(anchor, pane=pane)
    x = fixed.x - (anchor.x - pane.width / 2) / limited
    y = fixed.y - (anchor.y - pane.height / 2) / limited
    return Camera(Point(_clamp(x, 0, image.width), _clamp(y, 0, image.height)), limited)


def next_scale(scale: float, *, direction: int) -> float:
    """The next power of the square root of two above (`direction` 1) or below (-1): 1:1 is always met."""
    step = 2 * math.log2(scale)
    nearest = round(step)
    if abs(step - nearest) < 1e-6:
        return math.pow(2.0, (nearest + direction) / 2)
    return math.pow(2.0, (math.ceil(step) if direction > 0 else math.floor(step)) / 2)


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
