"""Annotations: what the analyst says of one evidence file, apart from what any model says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import NO_PROMPTS, Prompts

MOST_PIXELS = 1 << 28
"""Most pixels of an image that can be annotated; the decoder's limit is below it, and a mask in memory takes as many
bytes."""


class Kind(StrEnum):
    """What was done in a region, as far as the analyst can say."""

    SPLICE = "splice"
    COPY_MOVE = "copy-move"
    REMOVAL = "removal"
    RETOUCHING = "retouching"
    GENERATED = "generated"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure the analyst is of a region. Levels of a person, no numbers of a model."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    UNSTATED = "unstated"


class Conclusion(StrEnum):
    """What the analyst has marked the whole image as."""

    OPEN = "open"
    NO_MANIPULATION_FOUND = "no manipulation found"


class MaskMaker(StrEnum):
    """Who or what drew a mask last."""

    ANALYST = "analyst"  # brush, polygon and the like, wholly by hand
    SEGMENTER = "segmenter"  # of the analyst's prompts
    MODEL = "model"  # the localizer's mask, taken over
    MODEL_REFINED = "model refined"  # a segmenter, prompted by the localizer's heatmap
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class MaskOrigin:
    """Where a mask comes from, for the record.

    Attributes:
        maker: who or what made it.
        tool_id: id of segmenter or weights, or the format it was imported from; "" for a mask drawn by hand.
        tool_sha256: hash of the segmenter's or localizer's weights; "" where there are none.
        parameters: what else determined it, as the threshold.
        edited: whether the analyst's hand changed it afterwards.
    """

    maker: MaskMaker = MaskMaker.ANALYST
    tool_id: str = ""
    tool_sha256: str = ""
    parameters: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    edited: bool = False

    def __post_init__(self) -> None:
        if not all(isinstance(each, str) or math.isfinite(each) for each in self.parameters.values()):
            raise ValueError("numbers that determined a mask are finite")


DRAWN_BY_HAND = MaskOrigin()


@dataclass(frozen=True, slots=True)
class RegionDetails:
    """Everything about a region but its pixels.

    Attributes:
        kind: what was done.
        confidence: how sure the analyst is.
        note: the analyst's words.
        origin: where the mask comes from.
        prompts: what the segmenter was told last; empty where none was.
        author: who changed the region last.
        time: when, ISO 8601 in UTC with offset.
    """

    author: str
    time: str
    kind: Kind = Kind.UNKNOWN
    confidence: Confidence = Confidence.UNSTATED
    note: str = ""
    origin: MaskOrigin = DRAWN_BY_HAND
    prompts: Prompts = NO_PROMPTS

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "author": self.author,
            "time": self.time,
            "kind": self.kind.value,
            "confidence": self.confidence.value,
            "note": self.note,
            "origin": {
                "maker": self.origin.maker.value,
                "tool_id": self.origin.tool_id,
                "tool_sha256": self.origin.tool_sha256,
                "parameters": dict(sorted(self.origin.parameters.items())),
                "edited": self.origin.edited,
            },
            "prompts": self.prompts.to_record(),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RegionDetails:
        """The details of JSON values of `to_record`; KeyError, TypeError or ValueError where they are not."""
        origin = record["origin"]
        return cls(
            author=record["author"],
            time=record["time"],
            kind=Kind(record["kind"]),
            confidence=Confidence(record["confidence"]),
            note=record["note"],
            origin=MaskOrigin(
                MaskMaker(origin["maker"]),
                origin["tool_id"],
                origin["tool_sha256"],
                dict(origin["parameters"]),
                bool(origin["edited"]),
            ),
            prompts=Prompts.from_record(record["prompts"]),
        )


@dataclass(frozen=True, slots=True)
class Region:
    """One region of an image.

    Attributes:
        id: unique within the case; never used twice.
        mask: its pixels, in stored orientation.
        source: for a copy-move, where the pixels were taken from; None where unknown or of another kind.
        details: the rest.
    """

    id: str
    mask: Mask
    details: RegionDetails
    source: Mask | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """Everything the analyst says of one image.

    Attributes:
        size: of the evidence in evidence pixels, stored orientation.
        regions: in the order of drawing.
        conclusion: what the image is marked as.
    """

    size: Size
    regions: tuple[Region, ...] = ()
    conclusion: Conclusion = Conclusion.OPEN

    def __post_init__(self) -> None:
        if self.size.pixels > MOST_PIXELS:
            raise ValueError(f"{self.size.width}x{self.size.height} pixels; more than {MOST_PIXELS} cannot be drawn on")

    @property
    def mask(self) -> Mask:
        """Pixels of any region: the analyst's mask."""
        united = Mask.empty(self.size)
        for region in self.regions:
            united = united | region.mask
        return united

    def region(self, region_id: str) -> Region:
        """The region of this id; a KeyError where there is none."""
        for region in self.regions:
            if region.id == region_id:
                return region
        raise KeyError(region_id)
