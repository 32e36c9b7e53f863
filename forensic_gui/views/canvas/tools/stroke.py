"""Strokes: scribble, brush and eraser."""

from __future__ import annotations

import math

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.domain.prompt import Scribble
from forensic_gui.views.canvas.tools.base import NONE, CanvasTool, Gestures, Touch, clamped
from forensic_gui.views.canvas.tools.live import Ink, LiveStroke
from forensic_gui.views.core.gestures import ScribbleDrawn, StrokeDrawn

# Screen pixels, or parts of the width, between two points of a stroke: finer than a hand can mean or an eye can see,
# and far fewer than a mouse sends.
_SPACING_PX = 0.75
_SPACING_WIDTHS = 0.04


class StrokeTool(CanvasTool):
    """Follows the hand from press to release."""

    def __init__(self, image: Size, *, width_px: float = 1.0) -> None:
        super().__init__(image, width_px=width_px)
        self._points: list[Point] = []
        self._negative = False

    @property
    def live(self) -> LiveStroke | None:
        """The stroke so far."""
        return LiveStroke(tuple(self._points), self.width_px, self._ink) if self._points else None

    @property
    def busy(self) -> bool:
        """Whether the pen is down."""
        return bool(self._points)

    @property
    def _ink(self) -> Ink:
        return Ink.TAKES if self._negative else Ink.ADDS

    def press(self, touch: Touch) -> Gestures:
        """Put the pen down."""
        self._points = [self._followed(touch)]
        self._negative = touch.negative
        return NONE

    def drag(self, touch: Touch) -> Gestures:
        """Follow the hand."""
        spacing = max(_SPACING_PX * touch.pixel, _SPACING_WIDTHS * self.width_px)
        if self._points and _apart(self._points[-1], self._followed(touch)) >= spacing:
            self._points.append(self._followed(touch))
        return NONE

    def release(self, touch: Touch) -> Gestures:
        """Lift the pen, where it is."""
        if self._points and self._points[-1] != self._followed(touch):
            self._points.append(self._followed(touch))
        points = tuple(self._points)
        self.reset()
        return self._drawn(points) if self._meets_the_image(points) else NONE

    def reset(self) -> None:
        """Forget the stroke."""
        self._points = []

    def _drawn(self, points: tuple[Point, ...]) -> Gestures:
        raise NotImplementedError

    def _followed(self, touch: Touch) -> Point:
        return clamped(self.image, touch.point, margin=self._margin_px)

    @property
    def _margin_px(self) -> float:
        return 0.0

    def _meets_the_image(self, points: tuple[Point, ...]) -> bool:
        return bool(points)


class ScribbleTool(StrokeTool):
    """Scribbles through what belongs to a region, or does not: their points are prompts, and lie on the image."""

    @property
    def _ink(self) -> Ink:
        return Ink.BELONGS_NOT if self._negative else Ink.BELONGS

    def _drawn(self, points: tuple[Point, ...]) -> Gestures:
        return (ScribbleDrawn(Scribble(points, self.width_px, positive=not self._negative)),)


class BrushTool(StrokeTool):
    """Paints; with Alt, or the right button, takes away. Shift and a click draw a straight line from the last end.

    A brush reaches into the image from beside it, so its points may lie outside by as much as its radius and a pixel.
    """

    _erases = False

    def __init__(self, image: Size, *, width_px: float = 1.0) -> None:
        super().__init__(image, width_px=width_px)
        self._end: Point | None = None

    def press(self, touch: Touch) -> Gestures:
        """Put the brush down; with Shift, where the last stroke ended, and draw the line."""
        super().press(touch)
        self._negative = self._erases or touch.negative
        if touch.shift and self._end is not None:
            self._points.insert(0, self._end)
        return NONE

    def release(self, touch: Touch) -> Gestures:
        """Lift the brush, and remember where."""
        if self._points:
            self._end = self._followed(touch)
        return super().release(touch)

    @property
    def _margin_px(self) -> float:
        return self.width_px / 2 + 1

    def _drawn(self, points: tuple[Point, ...]) -> Gestures:
        return (StrokeDrawn(points, self.width_px, erases=self._negative),)

    def _meets_the_image(self, points: tuple[Point, ...]) -> bool:
        if not points:
            return False
        radius = self.width_px / 2
        across, down = [point.x for point in points], [point.y for point in points]
        return (
            max(across) > -radius
            and min(across) < self.image.width + radius
            and max(down) > -radius
            and min(down) < self.image.height + radius
        )


class EraserTool(BrushTool):
    """A brush that takes away, whatever is held."""

    _erases = True


def _apart(one: Point, other: Point) -> float:
    return math.dist((one.x, one.y), (other.x, other.y))
