"""What every tool has in common: touches go in, gestures come out, and what is under way can be seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

from forensic_gui.domain.geometry import Point, Size
from forensic_gui.views.canvas.tools.live import Live
from forensic_gui.views.core.gestures import Gesture, GestureCancelled

Gestures = tuple[Gesture, ...]
NONE: Gestures = ()

STILL_PX = 3.0
"""A hand that has moved no more than so many screen pixels has not moved. Here a screen pixel is a logical one."""


class Key(Enum):
    """The keys that a tool may take."""

    ESCAPE = auto()
    ENTER = auto()
    BACKSPACE = auto()


@dataclass(frozen=True, slots=True)
class Touch:
    """Where the hand is, and what it holds.

    Attributes:
        point: evidence pixels, stored orientation; may lie outside the image.
        screen: where that is on the screen, screen pixels; tells whether the hand itself has moved.
        pixel: evidence pixels per screen pixel, for distances that a person judges on the screen.
        shift: whether Shift is held.
        alt: whether Alt is held.
        secondary: whether it is the right button.
    """

    point: Point
    screen: Point
    pixel: float = 1.0
    shift: bool = False
    alt: bool = False
    secondary: bool = False

    @property
    def negative(self) -> bool:
        """Whether something is taken away, or said not to belong."""
        return self.alt or self.secondary

    def far_from(self, other: Touch) -> bool:
        """Whether the hand has moved, rather than trembled, since `other`."""
        return math.dist((self.screen.x, self.screen.y), (other.screen.x, other.screen.y)) > STILL_PX


class CanvasTool:
    """A tool on one image. Every method tells what has come of it; one that a tool does not override does nothing."""

    def __init__(self, image: Size, *, width_px: float = 1.0) -> None:
        """Begin at rest.

        Args:
            image: size of the evidence, stored orientation.
            width_px: diameter of a stroke in evidence pixels, for tools that draw strokes; may be set at any time.
        """
        self.image = image
        self.width_px = width_px

    @property
    def live(self) -> Live | None:
        """What is under way, to be shown."""
        return None

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way that Escape would cancel."""
        return False

    @property
    def keys(self) -> frozenset[Key]:
        """Keys that it takes now, before any shortcut."""
        return frozenset({Key.ESCAPE}) if self.busy else frozenset()

    def press(self, touch: Touch) -> Gestures:
        """A button goes down."""
        del touch
        return NONE

    def drag(self, touch: Touch) -> Gestures:
        """The hand moves, the button held."""
        del touch
        return NONE

    def release(self, touch: Touch) -> Gestures:
        """The button goes up."""
        del touch
        return NONE

    def hover(self, touch: Touch) -> Gestures:
        """The hand moves, no button held."""
        del touch
        return NONE

    def leave(self) -> Gestures:
        """The hand leaves the canvas, no button held."""
        return NONE

    def double_click(self, touch: Touch) -> Gestures:
        """A quick second press: another press, unless a tool knows better."""
        return self.press(touch)

    def key(self, key: Key) -> Gestures:
        """One of `keys` is pressed."""
        return self.cancel() if key is Key.ESCAPE else NONE

    def cancel(self) -> Gestures:
        """Let go of what is under way."""
        busy = self.busy
        self.reset()
        return (GestureCancelled(),) if busy else NONE

    def reset(self) -> None:
        """Forget what is under way, without a word."""


def within(image: Size, point: Point) -> bool:
    """Whether a point lies on the image."""
    return 0 <= point.x < image.width and 0 <= point.y < image.height


def clamped(image: Size, point: Point, *, margin: float = 0.0) -> Point:
    """The nearest point on the image, or within `margin` pixels around it."""
    return Point(
        min(max(point.x, -margin), image.width + margin),
        min(max(point.y, -margin), image.height + margin),
    )
