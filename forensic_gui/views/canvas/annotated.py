"""What the analyst drew, prepared for painting. Pure functions of arrays, no Qt; made beside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import NO_PROMPTS, Prompts

MOST_REGIONS = 255

MOST_PLANES = 8
"""Regions of which so many lie over each other are each outlined whole; of more, the later cover the earlier."""

_Part: TypeAlias = tuple[tuple[slice, slice], NDArray[np.bool_]]
"""Rows and columns of what is inside a mask, stored orientation, and the mask there, contiguous."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Where the number of a region belongs.

    Attributes:
        number: the region's place in the order plus 1, as in the list of regions.
        top: centre of a pixel of its highest row, view pixels.
        bounds: smallest box around it, view pixels.
    """

    number: int
    top: Point
    bounds: Box


@dataclass(frozen=True, slots=True, eq=False)
class AnnotationLayer:
    """The analyst's regions as the canvas paints them.

    Attributes:
        labels: uint8 (H, W) in view orientation: 0 outside every region, else the region's place in the order plus 1
            (later regions cover earlier ones; regions beyond the 255th share the last number).
        selected: number of the selected region in `labels`; 0 for none.
        source: bool (H, W) in view orientation, where the selected copy-move was taken from; None for none.
        prompts: what the segmenter was told of the selected region, evidence pixels, stored orientation.
        apart: the same numbers, uint8 (H, W) each, in planes within which no region covers another; empty where
            none does so in `labels` either.
        tags: where the regions' numbers belong; none of regions without a pixel, and of those beyond the 255th.
    """

    labels: NDArray[np.uint8]
    selected: int = 0
    source: NDArray[np.bool_] | None = None
    prompts: Prompts = NO_PROMPTS
    apart: tuple[NDArray[np.uint8], ...] = ()
    tags: tuple[Tag, ...] = ()

    @property
    def planes(self) -> tuple[NDArray[np.uint8], ...]:
        """Numbers of the regions, each region whole in one plane, the lowest first."""
        return self.apart or (self.labels,)


@dataclass(frozen=True, slots=True, eq=False)
class PreviewLayer:
    """A segmenter's proposal that nothing has been made of yet.

    Attributes:
        mask: bool (H, W) in view orientation.
        prompts: what the segmenter was told, evidence pixels, stored orientation.
    """

    mask: NDArray[np.bool_]
    prompts: Prompts = NO_PROMPTS


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything that the analyst's hand has put over an image.

    Attributes:
        annotation: the regions; None where there is no case to keep any.
        preview: what a segmenter proposes.
    """

    annotation: AnnotationLayer | None = None
    preview: PreviewLayer | None = None

    @property
    def prompts(self) -> Prompts:
        """What the segmenter was told: of the proposal, or else of the selected region."""
        if self.preview is not None:
            return self.preview.prompts
        return NO_PROMPTS if self.annotation is None else self.annotation.prompts

    def require_size(self, view: Size) -> None:
        """Make sure that it was prepared for an image of this size, view orientation.

        Raises:
            ValueError: it was not.
        """
        annotation, preview = self.annotation, self.preview
        arrays = [] if annotation is None else [annotation.labels, annotation.source, *annotation.apart]
        arrays += [] if preview is None else [preview.mask]
        if any(array is not None and array.shape != view.shape for array in arrays):
            raise ValueError(f"what is drawn is not of an image of {view.width}x{view.height} pixels")


NOTHING_DRAWN = Drawn()


def annotation_layer(annotation: Annotation, *, orientation: Orientation, selected: str | None) -> AnnotationLayer:
    """Prepare an annotation; `selected` is the id of a region, or None."""
    labels = np.zeros(annotation.size.shape, np.uint8)
    planes = [labels]
    source: Mask | None = None
    tags: list[Tag] = []
    number, prompts = 0, NO_PROMPTS
    for place, region in enumerate(annotation.regions, start=1):
        part = _part(region.mask)
        if part is not None:
            _lay(planes, labels, part, min(place, MOST_REGIONS))
            if place <= MOST_REGIONS:
                tags.append(_tag(place, part, orientation=orientation, stored=annotation.size))
        if region.id == selected:
            number, source, prompts = min(place, MOST_REGIONS), region.source, region.details.prompts
    return AnnotationLayer(
        labels=np.ascontiguousarray(orientation.apply(labels)),
        selected=number,
        source=None if source is None else _turned(source, orientation).view(np.bool_),
        prompts=prompts,
        apart=tuple(np.ascontiguousarray(orientation.apply(plane)) for plane in planes if plane is not labels),
        tags=tuple(tags),
    )


def preview_layer(mask: Mask, *, orientation: Orientation, prompts: Prompts) -> PreviewLayer:
    """Prepare a proposal."""
    return PreviewLayer(_turned(mask, orientation).view(np.bool_), prompts)


def _turned(mask: Mask, orientation: Orientation) -> NDArray[np.uint8]:
    """The mask in view orientation, uint8 (H, W), 1 inside."""
    inside = np.zeros(mask.size.shape, np.uint8)
    _mark(inside, mask, 1)
    return np.ascontiguousarray(orientation.apply(inside))


def _lay(planes: list[NDArray[np.uint8]], labels: NDArray[np.uint8], part: _Part, number: int) -> None:
    """Write a number into the labels, and into the first plane where it covers nothing.

    The labels are the only plane for as long as nothing covers anything, so that this costs nothing then.
    """
    where, inside = part
    free = next((plane for plane in planes if not cv2.minMaxLoc(plane[where], mask=inside.view(np.uint8))[1]), None)
    if free is None:
        if planes[0] is labels:
            planes[0] = labels.copy()
        if len(planes) < MOST_PLANES:
            planes.append(np.zeros_like(labels))
        free = planes[-1]
    np.copyto(labels[where], np.uint8(number), where=inside)
    if free is not labels:
        np.copyto(free[where], np.uint8(number), where=inside)


def _tag(number: int, part: _Part, *, orientation: Orientation, stored: Size) -> Tag:
    (rows, columns), inside = part
    corners = (Point(columns.start, rows.start), Point(columns.stop, rows.stop))
    one, other = (orientation.to_view(corner, stored=stored) for corner in corners)
    bounds = Box(min(one.x, other.x), min(one.y, other.y), max(one.x, other.x), max(one.y, other.y))
    highest = np.flatnonzero(orientation.apply(inside)[0])
    # One that is inside, in the middle of them: of two horns of equal height the number is on the one or the other.
    column = int(highest[highest.size // 2])
    return Tag(number, Point(bounds.x0 + column + 0.5, bounds.y0 + 0.5), bounds)


def _mark(labels: NDArray[np.uint8], mask: Mask, number: int) -> None:
    """Write a number where the mask is inside."""
    part = _part(mask)
    if part is not None:
        where, inside = part
        np.copyto(labels[where], np.uint8(number), where=inside)


def _part(mask: Mask) -> _Part | None:
    """Rows and columns of what is inside, and the mask there, at the cost of the columns that it takes up."""
    bounds = mask.bounds
    if bounds is None:
        return None
    height = mask.size.height
    first, last = bounds.left * height, (bounds.left + bounds.width) * height
    edges = np.clip(np.cumsum(mask.lengths, dtype=np.int64), first, last)
    values = (np.arange(edges.size) % 2).astype(np.uint8)
    columns = np.repeat(values, np.diff(edges, prepend=first)).reshape(bounds.width, height)
    rows = bounds.slices[0]
    return bounds.slices, cv2.transpose(np.ascontiguousarray(columns[:, rows])).view(np.bool_)
