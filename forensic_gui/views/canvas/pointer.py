"""What the mouse does on a pane, as a value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from forensic_gui.domain.geometry import Point


class Act(Enum):
    """What the mouse does."""

    PRESS = auto()
    DOUBLE_PRESS = auto()  # in place of the second press of two quick ones
    DRAG = auto()
    HOVER = auto()
    RELEASE = auto()


@dataclass(frozen=True, slots=True)
class Pointer:
    """The mouse at one moment.

    Attributes:
        act: what it does.
        position: screen (device) pixels from the pane's top-left corner.
        shift: whether Shift is held.
        alt: whether Alt is held.
        secondary: whether it is the right button that is pressed, held or let go.
    """

    act: Act
    position: Point
    shift: bool = False
    alt: bool = False
    secondary: bool = False
