"""What the analyst drew, prepared for painting. Pure functions of arrays, no Qt; made beside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.annotation import Annotation
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import NO_PROMPTS, Prompts

MOST_REGIONS = 255

MOST_PLANES = 8
"""Regions of which so many lie over each other are each outlined whole; of more, the later cover the earlier."""


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
    """

    labels: NDArray[np.uint8]
    selected: int = 0
    source: NDArray[np.bool_] | None = None
    prompts: Prompts = NO_PROMPTS
    apart: tuple[NDArray[np.uint8], ...] = ()

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
    number, prompts = 0, NO_PROMPTS
    for place, region in enumerate(annotation.regions, start=1):
        _lay(planes, labels, region.mask, min(place, MOST_REGIONS))
        if region.id == selected:
            number, source, prompts = min(place, MOST_REGIONS), region.source, region.details.prompts
    return AnnotationLayer(
        labels=np.ascontiguousarray(orientation.apply(labels)),
        selected=number,
        source=None if source is None else _turned(source, orientation).view(np.bool_),
        prompts=prompts,
        apart=tuple(np.ascontiguousarray(orientation.apply(plane)) for plane in planes if plane is not labels),
    )


def preview_layer(mask: Mask, *, orientation: Orientation, prompts: Prompts) -> PreviewLayer:
    """Prepare a proposal."""
    return PreviewLayer(_turned(mask, orientation).view(np.bool_), prompts)


def _turned(mask: Mask, orientation: Orientation) -> NDArray[np.uint8]:
    """The mask in view orientation, uint8 (H, W), 1 inside."""
    inside = np.zeros(mask.size.shape, np.uint8)
    _mark(inside, mask, 1)
    return np.ascontiguousarray(orientation.apply(inside))


def _lay(planes: list[NDArray[np.uint8]], labels: NDArray[np.uint8], mask: Mask, number: int) -> None:
    """Write a number into the labels, and into the first plane where it covers nothing.

    The labels are the only plane for as long as nothing covers anything, so that this costs nothing then.
    """
    part = _part(mask)
    if part is None:
        return
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


def _mark(labels: NDArray[np.uint8], mask: Mask, number: int) -> None:
    """Write a number where the mask is inside."""
    part = _part(mask)
    if part is not None:
        where, inside = part
        np.copyto(labels[where], np.uint8(number), where=inside)


def _part(mask: Mask) -> tuple[tuple[slice, slice], NDArray[np.bool_]] | None:
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
