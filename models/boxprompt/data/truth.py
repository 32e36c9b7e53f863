"""What may be known of an image: a mask, regions as COCO writes them, scribbles, or boxes alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from boxprompt.data.regions import CocoRegions

Box: TypeAlias = tuple[float, float, float, float]
"""(x0, y0, x1, y1), half-open, in image pixels with the origin at the top-left corner of the top-left pixel."""


@dataclass(frozen=True, slots=True)
class Scribbles:
    """A map of labels: 1 manipulated, 0 untouched, 255 where nobody said.

    Attributes:
        path: an image of 8 bits, grey or indexed, whose values are the labels.
    """

    path: Path


class Unknown(Enum):
    """No mask is known, although the image was manipulated: only its boxes are."""

    MASK = "mask"


Truth: TypeAlias = Path | CocoRegions | Scribbles | Unknown
"""What is known of a manipulated image; a path is that of a mask image, white where manipulated."""
