"""The hand: a click picks what is under it. That a drag pans is the pane's affair."""

from __future__ import annotations

from forensic_gui.views.canvas.tools.base import NONE, CanvasTool, Gestures, Touch, within
from forensic_gui.views.core.gestures import RegionPicked


class HandTool(CanvasTool):
    """Tells a click from a drag."""

    _pressed: Touch | None = None
    _moved = False

    def press(self, touch: Touch) -> Gestures:
        """It may become a click."""
        self._pressed, self._moved = (None if touch.secondary else touch), False
        return NONE

    def drag(self, touch: Touch) -> Gestures:
        """A hand that once moved does not click, wherever it ends."""
        self._moved = self._moved or (self._pressed is not None and touch.far_from(self._pressed))
        return NONE

    def release(self, touch: Touch) -> Gestures:
        """Pick, if it was a click on the image."""
        pressed, self._pressed = self._pressed, None
        clicked = pressed is not None and not self._moved and within(self.image, touch.point)
        return (RegionPicked(touch.point),) if clicked else NONE

    def reset(self) -> None:
        """Forget the press."""
        self._pressed = None
