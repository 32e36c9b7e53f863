"""The box: dragged from corner to corner."""

from __future__ import annotations

import math

from forensic_gui.domain.geometry import Box, Size
from forensic_gui.views.canvas.tools.base import NONE, CanvasTool, Gestures, Touch
from forensic_gui.views.canvas.tools.live import LiveBox
from forensic_gui.views.core.gestures import BoxDragging, BoxDrawn, GestureCancelled


class BoxTool(CanvasTool):
    """Draws boxes of whole evidence pixels: both corners' pixels are in."""

    _start: Touch | None = None
    _box: Box | None = None
    _dragging = False

    @property
    def live(self) -> LiveBox | None:
        """The rubber band."""
        return None if self._box is None else LiveBox(self._box)

    @property
    def busy(self) -> bool:
        """Whether a band is stretched."""
        return self._dragging

    def press(self, touch: Touch) -> Gestures:
        """The first corner."""
        self.reset()
        self._start = None if touch.secondary else touch
        return NONE

    def drag(self, touch: Touch) -> Gestures:
        """The opposite corner, for now."""
        if self._start is None or not (self._dragging or touch.far_from(self._start)):
            return NONE
        self._dragging = True
        self._box = _box_between(self._start, touch, image=self.image)
        return NONE if self._box is None else (BoxDragging(self._box),)

    def release(self, touch: Touch) -> Gestures:
        """The opposite corner; a click is no box, and neither is a band beside the image."""
        self.drag(touch)
        box, dragging = self._box, self._dragging
        self.reset()
        if box is None:
            return (GestureCancelled(),) if dragging else NONE
        return (BoxDrawn(box),)

    def reset(self) -> None:
        """Let the band go."""
        self._start, self._box, self._dragging = None, None, False


def _box_between(first: Touch, second: Touch, *, image: Size) -> Box | None:
    """The pixels that hold two corners, and all between; None where none of them is of the image."""
    x0, x1 = _span(first.point.x, second.point.x, length=image.width)
    y0, y1 = _span(first.point.y, second.point.y, length=image.height)
    return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _span(one: float, other: float, *, length: int) -> tuple[int, int]:
    return max(0, math.floor(min(one, other))), min(length, math.floor(max(one, other)) + 1)
