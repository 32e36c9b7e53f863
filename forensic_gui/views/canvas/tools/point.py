"""Points: placed with a click, tried out before."""

from __future__ import annotations

from forensic_gui.domain.prompt import PointPrompt
from forensic_gui.views.canvas.tools.base import NONE, CanvasTool, Gestures, Touch, within
from forensic_gui.views.core.gestures import PointHovering, PointPlaced


class PointTool(CanvasTool):
    """Tells where a point would be, and where it is put."""

    _hovering: PointPrompt | None = None

    def press(self, touch: Touch) -> Gestures:
        """Put a point; beside the image there is none to put."""
        prompt = self._prompt(touch)
        self._hovering = None
        return NONE if prompt is None else (PointPlaced(prompt),)

    def hover(self, touch: Touch) -> Gestures:
        """Where a point would be; said once when there is none any more."""
        return self._hover(self._prompt(touch))

    def leave(self) -> Gestures:
        """No point, the hand is away."""
        return self._hover(None)

    def cancel(self) -> Gestures:
        """No point is tried out any more."""
        return self._hover(None)

    def reset(self) -> None:
        """Nothing is under way."""
        self._hovering = None

    def _hover(self, prompt: PointPrompt | None) -> Gestures:
        if prompt == self._hovering:
            return NONE
        self._hovering = prompt
        return (PointHovering(prompt),)

    def _prompt(self, touch: Touch) -> PointPrompt | None:
        return PointPrompt(touch.point, positive=not touch.negative) if within(self.image, touch.point) else None
