"""What the hand does on the canvas, as values: tools, and the gestures that they make. No Qt.

All coordinates are evidence pixels in stored orientation; the canvas converts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from forensic_gui.domain.geometry import Box, Point
from forensic_gui.domain.prompt import PointPrompt, Scribble


class Tool(StrEnum):
    """What a press of the left button begins. The middle button, or the left one with Space held, always pans."""

    HAND = "hand"  # pan; a click selects the region under it
    BOX = "box"
    POINT = "point"  # Alt, or the right button: a point that does not belong
    SCRIBBLE = "scribble"  # Alt, or the right button: what does not belong
    BRUSH = "brush"  # Alt erases
    ERASER = "eraser"
    POLYGON = "polygon"  # clicks; double click, Enter or a click on the first corner closes, Backspace takes one back
    LASSO = "lasso"


@dataclass(frozen=True, slots=True)
class RegionPicked:
    """A click with the hand: select what is under it."""

    point: Point


@dataclass(frozen=True, slots=True)
class BoxDragging:
    """A box as it is now, while the button is held."""

    box: Box


@dataclass(frozen=True, slots=True)
class BoxDrawn:
    """A box, the button let go."""

    box: Box


@dataclass(frozen=True, slots=True)
class PointHovering:
    """The cursor rests or moves with the point tool; None when it leaves the image."""

    prompt: PointPrompt | None


@dataclass(frozen=True, slots=True)
class PointPlaced:
    """A click with the point tool."""

    prompt: PointPrompt


@dataclass(frozen=True, slots=True)
class ScribbleDrawn:
    """A stroke with the scribble tool."""

    scribble: Scribble


@dataclass(frozen=True, slots=True)
class StrokeDrawn:
    """A stroke with brush or eraser.

    Attributes:
        points: where the hand went, at least one point.
        width_px: diameter in evidence pixels.
        erases: whether pixels are taken away.
    """

    points: tuple[Point, ...]
    width_px: float
    erases: bool


@dataclass(frozen=True, slots=True)
class OutlineDrawn:
    """A closed outline of polygon or lasso, at least three corners.

    Attributes:
        points: the corners.
        by: which tool.
        erases: whether its inside is taken away (Alt).
    """

    points: tuple[Point, ...]
    by: Tool
    erases: bool


@dataclass(frozen=True, slots=True)
class GestureCancelled:
    """Escape, or the tool was changed in the middle of a gesture."""


Gesture: TypeAlias = (
    RegionPicked
    | BoxDragging
    | BoxDrawn
    | PointHovering
    | PointPlaced
    | ScribbleDrawn
    | StrokeDrawn
    | OutlineDrawn
    | GestureCancelled
)
