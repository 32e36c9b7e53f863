"""What the hand's gestures and the mask commands make of an annotation. No Qt; runs beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from forensic_gui.domain.annotation import Annotation, Region
from forensic_gui.domain.edits import Edit
from forensic_gui.domain.geometry import Box, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.annotating import composing, morphology, raster
from forensic_gui.services.annotating.composing import Draft, Signature
from forensic_gui.views.annotating.sheet import Compose
from forensic_gui.views.core.gestures import BoxDrawn, OutlineDrawn, PointPlaced, ScribbleDrawn, StrokeDrawn, Tool

MakeMask = Callable[[], Mask]

SPECK_SHARE = 0.01
"""A part of a region with a smaller share of its pixels is a speck. Our choice."""
_STEP_SHARE = 0.001


class MaskOperation(StrEnum):
    """Operations on the mask of a region; each value is the label of its edit."""

    FILL_HOLES = "Fill Holes"
    GROW = "Grow"
    SHRINK = "Shrink"
    REMOVE_SPECKS = "Remove Specks"


_OUTLINES = {Tool.POLYGON: "Polygon", Tool.LASSO: "Lasso"}


def step_px(size: Size) -> int:
    """How far a region grows or shrinks at a time: a thousandth of the image's longer side, a pixel at least."""
    return max(1, round(_STEP_SHARE * max(size.width, size.height)))


def label_of(gesture: StrokeDrawn | OutlineDrawn) -> str:
    """What an edit made of a gesture is called."""
    if isinstance(gesture, StrokeDrawn):
        return "Eraser" if gesture.erases else "Brush"
    return f"{_OUTLINES[gesture.by]} (Erase)" if gesture.erases else _OUTLINES[gesture.by]


def mask_of(gesture: StrokeDrawn | OutlineDrawn, *, size: Size) -> Mask:
    """The pixels that a gesture covers."""
    if isinstance(gesture, StrokeDrawn):
        return raster.stroke(gesture.points, width_px=gesture.width_px, size=size)
    return raster.polygon(gesture.points, size=size)


def prompted(before: Prompts, gesture: BoxDrawn | PointPlaced | ScribbleDrawn) -> Prompts:
    """Everything told of a region, a gesture included; a box begins anew."""
    match gesture:
        case BoxDrawn(box=box):
            return Prompts(box=box)
        case PointPlaced(prompt=prompt):
            return Prompts(before.box, (*before.points, prompt), before.scribbles)
        case ScribbleDrawn(scribble=scribble):
            return Prompts(before.box, before.points, (*before.scribbles, scribble))


def says_what_belongs(prompts: Prompts) -> bool:
    """Whether prompts name anything that is in the region, and not only what is not."""
    points = any(each.positive for each in prompts.points)
    return prompts.box is not None or points or any(each.positive for each in prompts.scribbles)


def painted(make: MakeMask, *, region_id: str | None, new_id: str) -> Compose:
    """Adds pixels to a region, or makes a new one of them where there is none of this id."""

    def compose(annotation: Annotation, by: Signature) -> Edit | None:
        mask = make()
        if _region(annotation, region_id) is None:
            return composing.add(annotation, [Draft(new_id, mask)], by=by)
        assert region_id is not None
        return composing.paint(annotation, region_id, mask, by=by)

    return compose


def erased(make: MakeMask, *, region_id: str | None) -> Compose:
    """Takes pixels away from a region, or from all of them."""

    def compose(annotation: Annotation, by: Signature) -> Edit | None:
        ids = [region.id for region in annotation.regions] if region_id is None else [region_id]
        return composing.erase(annotation, ids, make(), by=by)

    return compose


def on_region(region_id: str, change: Callable[[Annotation, Region, Signature], Edit | None]) -> Compose:
    """Changes a region; nothing happens where it has gone in the meantime."""

    def compose(annotation: Annotation, by: Signature) -> Edit | None:
        region = _region(annotation, region_id)
        return None if region is None else change(annotation, region, by)

    return compose


def operated(operation: MaskOperation, *, region_id: str) -> Compose:
    """Applies an operation to the mask of a region."""

    def change(annotation: Annotation, region: Region, by: Signature) -> Edit | None:
        return composing.reshape(annotation, region.id, _OPERATIONS[operation](region.mask), by=by)

    return on_region(region_id, change)


def kept_within(box: Box, *, region_id: str) -> Compose:
    """Takes away what lies outside a box."""

    def change(annotation: Annotation, region: Region, by: Signature) -> Edit | None:
        return composing.reshape(annotation, region.id, morphology.within(region.mask, box), by=by)

    return on_region(region_id, change)


def sourced(make: MakeMask, *, region_id: str) -> Compose:
    """Says where a copy-move was taken from."""
    return on_region(
        region_id, lambda annotation, region, by: composing.set_source(annotation, region.id, make(), by=by)
    )


def removed(region_id: str) -> Compose:
    """Deletes a region."""
    return on_region(region_id, lambda annotation, region, _: composing.remove(annotation, region.id))


def _region(annotation: Annotation, region_id: str | None) -> Region | None:
    return next((region for region in annotation.regions if region.id == region_id), None)


_OPERATIONS: dict[MaskOperation, Callable[[Mask], Mask]] = {
    MaskOperation.FILL_HOLES: morphology.fill_holes,
    MaskOperation.GROW: lambda mask: morphology.grow(mask, radius_px=step_px(mask.size)),
    MaskOperation.SHRINK: lambda mask: morphology.shrink(mask, radius_px=step_px(mask.size)),
    MaskOperation.REMOVE_SPECKS: lambda mask: morphology.remove_specks(
        mask, smaller_than_px=round(SPECK_SHARE * mask.area)
    ),
}
