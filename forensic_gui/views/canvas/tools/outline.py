"""Outlines: a polygon of clicks, and a lasso."""

from __future__ import annotations

import math

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.tools.base import NONE, CanvasTool, Gestures, Key, Touch, clamped
from forensic_gui.views.canvas.tools.live import Ink, LiveOutline
from forensic_gui.views.core.gestures import GestureCancelled, OutlineDrawn, Tool

SNAP_PX = 9.0
"""A click within so many screen pixels of the first corner closes a polygon."""

_FEWEST_CORNERS = 3
# Screen pixels between two corners of a lasso.
_SPACING_PX = 1.5


class OutlineTool(CanvasTool):
    """Gathers corners; corners beside the image are moved to its edge."""

    def __init__(self, image: Size, *, width_px: float = 1.0) -> None:
        super().__init__(image, width_px=width_px)
        self._corners: list[Point] = []
        self._erases = False

    @property
    def busy(self) -> bool:
        """Whether there is a corner."""
        return bool(self._corners)

    def reset(self) -> None:
        """Forget the corners."""
        self._corners = []

    @property
    def _ink(self) -> Ink:
        return Ink.TAKES if self._erases else Ink.ADDS

    def _add(self, touch: Touch) -> None:
        if not self._corners:
            self._erases = touch.negative
        corner = clamped(self.image, touch.point)
        if not self._corners or corner != self._corners[-1]:
            self._corners.append(corner)


class PolygonTool(OutlineTool):
    """A click for each corner; Enter, a double click or a click on the first corner closes."""

    def __init__(self, image: Size, *, width_px: float = 1.0) -> None:
        super().__init__(image, width_px=width_px)
        self._hand: Touch | None = None

    @property
    def live(self) -> LiveOutline | None:
        """Corners, and the edge to where the hand is."""
        if not self._corners:
            return None
        end = None if self._hand is None else clamped(self.image, self._hand.point)
        return LiveOutline(tuple(self._corners), end, self._snaps(self._hand), self._ink, freehand=False)

    @property
    def keys(self) -> frozenset[Key]:
        """Escape, Enter and Backspace while there is a corner."""
        return frozenset(Key) if self._corners else frozenset()

    def press(self, touch: Touch) -> Gestures:
        """The next corner, or the first one again."""
        self._hand = touch
        if self._snaps(touch):
            return self._close()
        if not (self._corners and _near(self._corners[-1], touch, within_px=1.0)):
            self._add(touch)
        return NONE

    def drag(self, touch: Touch) -> Gestures:
        """Show the next edge."""
        return self.hover(touch)

    def hover(self, touch: Touch) -> Gestures:
        """Show the next edge."""
        self._hand = touch
        return NONE

    def leave(self) -> Gestures:
        """Show no next edge."""
        self._hand = None
        return NONE

    def double_click(self, touch: Touch) -> Gestures:
        """Close: the first of the two presses has set the last corner."""
        del touch
        return self._close()

    def key(self, key: Key) -> Gestures:
        """Cancel, close, or take the last corner back."""
        if key is Key.BACKSPACE:
            self._corners.pop()
            return NONE if self._corners else (GestureCancelled(),)
        return self._close() if key is Key.ENTER else self.cancel()

    def _snaps(self, touch: Touch | None) -> bool:
        enough = len(self._corners) >= _FEWEST_CORNERS
        return enough and touch is not None and _near(self._corners[0], touch, within_px=SNAP_PX)

    def _close(self) -> Gestures:
        if len(self._corners) < _FEWEST_CORNERS:
            return NONE
        outline = OutlineDrawn(tuple(self._corners), Tool.POLYGON, self._erases)
        self.reset()
        return (outline,)


class LassoTool(OutlineTool):
    """Drawn freehand; closes where the button is let go."""

    @property
    def live(self) -> LiveOutline | None:
        """The line so far, which closes by itself."""
        if not self._corners:
            return None
        return LiveOutline(tuple(self._corners), None, False, self._ink, freehand=True)

    def press(self, touch: Touch) -> Gestures:
        """Begin."""
        self.reset()
        self._add(touch)
        return NONE

    def drag(self, touch: Touch) -> Gestures:
        """Follow the hand."""
        if self._corners and not _near(self._corners[-1], touch, within_px=_SPACING_PX):
            self._add(touch)
        return NONE

    def release(self, touch: Touch) -> Gestures:
        """Close; a click, or a line there and back, encloses nothing."""
        if not self._corners:
            return NONE
        self._add(touch)
        corners = tuple(self._corners)
        self.reset()
        return (OutlineDrawn(corners, Tool.LASSO, self._erases),) if len(corners) >= _FEWEST_CORNERS else NONE


def _near(corner: Point, touch: Touch, *, within_px: float) -> bool:
    return math.dist((corner.x, corner.y), (touch.point.x, touch.point.y)) <= within_px * touch.pixel
