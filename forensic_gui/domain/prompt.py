"""Prompts: what the analyst's hand tells a segmenter. All coordinates are evidence pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forensic_gui.domain.geometry import Box, Point


@dataclass(frozen=True, slots=True)
class PointPrompt:
    """A pixel that belongs to the region, or does not."""

    point: Point
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Scribble:
    """A stroke through the region, or through what does not belong to it.

    Attributes:
        points: the stroke's corners in order, at least one.
        width_px: width of the stroke, at least 1.
        positive: whether what it covers belongs to the region.
    """

    points: tuple[Point, ...]
    width_px: float
    positive: bool = True

    def __post_init__(self) -> None:
        if not self.points or not 1 <= self.width_px < math.inf:
            raise ValueError("a scribble has at least one point and is at least one pixel wide, at a finite width")


@dataclass(frozen=True, slots=True)
class Prompts:
    """Everything told about one region.

    Attributes:
        box: coarse box around it, or None.
        points: single pixels, in order of telling.
        scribbles: strokes, in order of telling.
    """

    box: Box | None = None
    points: tuple[PointPrompt, ...] = ()
    scribbles: tuple[Scribble, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was told."""
        return self.box is None and not self.points and not self.scribbles

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "box": None if self.box is None else [self.box.x0, self.box.y0, self.box.x1, self.box.y1],
            "points": [[each.point.x, each.point.y, each.positive] for each in self.points],
            "scribbles": [
                {
                    "points": [[point.x, point.y] for point in each.points],
                    "width_px": each.width_px,
                    "positive": each.positive,
                }
                for each in self.scribbles
            ],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Prompts:
        """The prompts of JSON values written by `to_record`; KeyError, TypeError or ValueError where they are not."""
        return cls(
            box=None if record["box"] is None else Box(*record["box"]),
            points=tuple(PointPrompt(Point(x, y), bool(positive)) for x, y, positive in record["points"]),
            scribbles=tuple(
                Scribble(tuple(Point(x, y) for x, y in each["points"]), each["width_px"], bool(each["positive"]))
                for each in record["scribbles"]
            ),
        )


NO_PROMPTS = Prompts()
