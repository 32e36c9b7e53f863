"""What is shown of a gesture while it is under way, in evidence pixels, stored orientation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from forensic_gui.domain.geometry import Box, Point
from forensic_gui.views.core.gestures import BoxDrawn, Gesture, OutlineDrawn, ScribbleDrawn, StrokeDrawn


class Ink(Enum):
    """What a stroke or an outline will do."""

    ADDS = auto()
    TAKES = auto()
    BELONGS = auto()
    BELONGS_NOT = auto()


@dataclass(frozen=True, slots=True)
class LiveBox:
    """A rubber band."""

    box: Box


@dataclass(frozen=True, slots=True)
class LiveStroke:
    """A stroke so far.

    Attributes:
        points: where the hand went.
        width_px: diameter in evidence pixels.
        ink: what it does.
    """

    points: tuple[Point, ...]
    width_px: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class LiveOutline:
    """An outline so far.

    Attributes:
        corners: the corners that are fixed.
        end: where the next one would be; None where the hand is away, or the corners are the whole line.
        closes: whether a click would close the outline now.
        ink: what its inside does.
        freehand: whether the corners are too many to be marked.
    """

    corners: tuple[Point, ...]
    end: Point | None
    closes: bool
    ink: Ink
    freehand: bool


Live: TypeAlias = LiveBox | LiveStroke | LiveOutline


def trace_of(gesture: Gesture) -> Live | None:
    """What a gesture that is done leaves to be seen until something has come of it; None for one that draws nothing."""
    match gesture:
        case BoxDrawn(box=box):
            return LiveBox(box)
        case ScribbleDrawn(scribble=scribble):
            ink = Ink.BELONGS if scribble.positive else Ink.BELONGS_NOT
            return LiveStroke(scribble.points, scribble.width_px, ink)
        case StrokeDrawn(points=points, width_px=width_px, erases=erases):
            return LiveStroke(points, width_px, Ink.TAKES if erases else Ink.ADDS)
        case OutlineDrawn(points=points, erases=erases):
            return LiveOutline(points, None, closes=False, ink=Ink.TAKES if erases else Ink.ADDS, freehand=True)
        case _:
            return None
