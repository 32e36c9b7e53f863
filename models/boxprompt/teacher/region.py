"""Where prompts say that a region is: its box, or what the positive prompts span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boxprompt.errors import PromptError
from boxprompt.teacher.contracts import ImageSize, TeacherPrompts

WIDENING_SHARE = 0.5
"""Without a box, the extent of the positive prompts is widened on each side by this share of its longer side, ..."""
LEAST_WIDENING_SHARE = 0.1
"""... and by no less than this share of the image's longer side: a single point has no extent."""


@dataclass(frozen=True, slots=True)
class Region:
    """Whole pixels of the image: columns [left, left + width), rows [top, top + height); never empty."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, columns), for arrays."""
        return (slice(self.top, self.top + self.height), slice(self.left, self.left + self.width))


def find_region(prompts: TeacherPrompts, size: ImageSize) -> Region:
    """The box rounded outwards to whole pixels within the image, or else the widened extent of positive prompts.

    Raises:
        PromptError: nothing says where the region is, or that is outside the image.
    """
    corners = _widened(_extent(prompts), size) if prompts.box is None else np.asarray(prompts.box, dtype=np.float64)
    region = _whole_pixels(corners, size)
    if region is None:
        raise PromptError("The prompts lie outside the image; draw the box on the image.")
    return region


def find_reach(prompts: TeacherPrompts, region: Region, size: ImageSize) -> Region:
    """The region, widened to hold the positive prompts that lie on the image but outside the region's box."""
    if prompts.box is None or not _has_positive(prompts):
        return region
    around = np.array((region.left, region.top, region.left + region.width, region.top + region.height))
    told = _extent(prompts)
    corners = np.concatenate((np.minimum(around[:2], told[:2]), np.maximum(around[2:], told[2:])))
    return _whole_pixels(corners, size) or region


def _whole_pixels(corners: NDArray[np.float64], size: ImageSize) -> Region | None:
    """The part of (x0, y0, x1, y1) on the image, rounded outwards; None where there is none."""
    left, top = (max(0, int(each)) for each in np.floor(corners[:2]))
    right, bottom = (min(limit, int(each)) for limit, each in zip(size[::-1], np.ceil(corners[2:]), strict=True))
    if left >= right or top >= bottom:
        return None
    return Region(left=left, top=top, width=right - left, height=bottom - top)


def _has_positive(prompts: TeacherPrompts) -> bool:
    return bool(prompts.labels.any()) or any(stroke.positive for stroke in prompts.strokes)


def _extent(prompts: TeacherPrompts) -> NDArray[np.float64]:
    """(x0, y0, x1, y1) of the positive points and strokes, strokes with their width."""
    if not _has_positive(prompts):
        raise PromptError("Nothing says where the region is; draw a box, or a point or scribble on the region.")
    corners = [prompts.points[prompts.labels]]
    for stroke in prompts.strokes:
        if stroke.positive:
            corners += [stroke.points - stroke.width_px / 2, stroke.points + stroke.width_px / 2]
    told = np.concatenate(corners).astype(np.float64)
    return np.concatenate((told.min(axis=0), told.max(axis=0)))


def _widened(extent: NDArray[np.float64], size: ImageSize) -> NDArray[np.float64]:
    longer = max(extent[2] - extent[0], extent[3] - extent[1])
    by = max(WIDENING_SHARE * longer, LEAST_WIDENING_SHARE * max(size))
    return np.asarray(extent + np.array((-by, -by, by, by)), dtype=np.float64)
