"""Edits of an annotation, composed of what a hand, a segmenter or a model did. Pure functions of values.

An edit that would change nothing is None. A region is never left without a pixel: what takes its last one away removes
it. Drawing on an image that was marked «no manipulation found» takes the mark back in the same edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forensic_gui.domain.annotation import (
    DRAWN_BY_HAND,
    Annotation,
    Conclusion,
    Confidence,
    Kind,
    MaskMaker,
    MaskOrigin,
    Region,
    RegionDetails,
)
from forensic_gui.domain.edits import AddRegion, ChangeRegion, Edit, MaskPart, RemoveRegion, SetConclusion, Several
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.mask import Mask, MaskPatch, PixelBox
from forensic_gui.domain.prompt import NO_PROMPTS, Prompts
from forensic_gui.services.annotating import morphology, patches

Single = AddRegion | RemoveRegion | ChangeRegion | SetConclusion


@dataclass(frozen=True, slots=True)
class Signature:
    """Who makes an edit, and when.

    Attributes:
        author: name.
        time: ISO 8601 in UTC with offset.
    """

    author: str
    time: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A region to be.

    Attributes:
        id: unique within the case.
        mask: its pixels.
        origin: where they come from.
        prompts: what the segmenter was told.
        kind: what was done there.
    """

    id: str
    mask: Mask
    origin: MaskOrigin = DRAWN_BY_HAND
    prompts: Prompts = NO_PROMPTS
    kind: Kind = Kind.UNKNOWN


def add(annotation: Annotation, drafts: Sequence[Draft], *, by: Signature) -> Edit | None:
    """New regions, in order; drafts without a pixel are left out."""
    edits: list[Single] = []
    if annotation.conclusion is not Conclusion.OPEN:
        edits.append(SetConclusion(annotation.conclusion, Conclusion.OPEN))
    filled = [draft for draft in drafts if not draft.mask.is_empty]
    for index, draft in enumerate(filled, start=len(annotation.regions)):
        details = RegionDetails(by.author, by.time, kind=draft.kind, origin=draft.origin, prompts=draft.prompts)
        edits.append(AddRegion(Region(draft.id, draft.mask, details), index))
    return _together(edits) if filled else None


def paint(annotation: Annotation, region_id: str, mask: Mask, *, by: Signature) -> Edit | None:
    """Add pixels to a region by hand."""
    region = annotation.region(region_id)
    return _repainted(annotation, region, mask, erases=False, by=by)


def erase(annotation: Annotation, region_ids: Sequence[str], mask: Mask, *, by: Signature) -> Edit | None:
    """Take pixels away from regions by hand."""
    edits: list[Single] = []
    # From the last one, so that a region that goes leaves the places of those still to come as they are.
    for region in reversed(annotation.regions):
        edit = _repainted(annotation, region, mask, erases=True, by=by) if region.id in region_ids else None
        if edit is not None:
            edits.append(edit)
    return _together(edits)


def resegment(
    annotation: Annotation, region_id: str, mask: Mask, *, origin: MaskOrigin, prompts: Prompts, by: Signature
) -> Edit | None:
    """Put a segmenter's mask in the place of a region's."""
    region = annotation.region(region_id)
    details = replace(region.details, origin=origin, prompts=prompts)
    return _changed(annotation, region, _difference(region.mask, mask), details=details, by=by)


def reshape(annotation: Annotation, region_id: str, mask: Mask, *, by: Signature) -> Edit | None:
    """Put what an operation made of a region's mask in its place: the analyst's doing, so the origin stays."""
    region = annotation.region(region_id)
    patch = _difference(region.mask, mask)
    return None if patch is None else _changed(annotation, region, patch, details=_edited(region.details), by=by)


def describe(
    annotation: Annotation,
    region_id: str,
    *,
    kind: Kind | None = None,
    confidence: Confidence | None = None,
    note: str | None = None,
    by: Signature,
) -> Edit | None:
    """Change what is said of a region; None leaves a field as it is. The source of a copy-move goes with that kind."""
    region = annotation.region(region_id)
    before = region.details
    after = replace(
        before,
        kind=before.kind if kind is None else kind,
        confidence=before.confidence if confidence is None else confidence,
        note=before.note if note is None else note,
    )
    if after == before:
        return None
    keeps_source = after.kind is Kind.COPY_MOVE or region.source is None
    patch = None if keeps_source else _source_patch(region, Mask.empty(annotation.size))
    return ChangeRegion(region_id, before, _signed(after, by), MaskPart.SOURCE if patch else MaskPart.REGION, patch)


def set_source(annotation: Annotation, region_id: str, source: Mask, *, by: Signature) -> Edit | None:
    """Say where a copy-move was taken from; an empty mask says that this is not known.

    Raises:
        RequestError: the region is of another kind.
    """
    region = annotation.region(region_id)
    if region.details.kind is not Kind.COPY_MOVE:
        raise RequestError("Only a copy-move has a source; make the region a copy-move first.")
    patch = _source_patch(region, source)
    if patch is None:
        return None
    return ChangeRegion(region_id, region.details, _signed(region.details, by), MaskPart.SOURCE, patch)


def remove(annotation: Annotation, region_id: str) -> Edit:
    """Take a region away."""
    return _removal(annotation, annotation.region(region_id))


def split(annotation: Annotation, region_id: str, new_ids: Sequence[str], *, by: Signature) -> Edit | None:
    """Make regions of a region's parts: the largest stays, each of the others becomes a region of its own.

    Args:
        annotation: as it stands.
        region_id: what is split.
        new_ids: ids for the other parts, the larger first; parts beyond them stay with the region.
        by: whose doing.
    """
    region = annotation.region(region_id)
    others = morphology.parts(region.mask)[1:][: len(new_ids)]
    if not others:
        return None
    left = region.mask
    for part in others:
        left = left - part
    details = _signed(_edited(region.details), by)
    edits: list[Single] = [ChangeRegion(region_id, region.details, details, patch=_difference(region.mask, left))]
    for index, (new_id, part) in enumerate(zip(new_ids, others, strict=False), start=len(annotation.regions)):
        edits.append(AddRegion(Region(new_id, part, details), index))
    return _together(edits)


def conclude(annotation: Annotation, conclusion: Conclusion) -> Edit | None:
    """Mark the whole image.

    Raises:
        RequestError: no manipulation was found, and yet there are regions.
    """
    if conclusion is annotation.conclusion:
        return None
    if conclusion is Conclusion.NO_MANIPULATION_FOUND and annotation.regions:
        raise RequestError(
            "Regions are marked on this image; delete them before you mark it as one without a manipulation found."
        )
    return SetConclusion(annotation.conclusion, conclusion)


def keep_corrections(now: Mask, *, told_before: Mask, told_now: Mask) -> Mask:
    """A segmenter's new answer with what the hand had changed of its answer before.

    Args:
        now: the region's mask: the answer before, and the hand's corrections.
        told_before: the segmenter's answer to the prompts before.
        told_now: its answer to the prompts as they are now.
    """
    return (told_now | (now - told_before)) - (told_before - now)


def _repainted(
    annotation: Annotation, region: Region, mask: Mask, *, erases: bool, by: Signature
) -> ChangeRegion | RemoveRegion | None:
    box = mask.bounds
    if box is None:
        return None
    before, painted = patches.cut(region.mask, box), patches.cut(mask, box)
    patch = patches.patch(region.mask, box, before & ~painted if erases else before | painted)
    if patch is None:
        return None
    return _changed(annotation, region, patch, details=_edited(region.details), by=by)


def _changed(
    annotation: Annotation, region: Region, patch: MaskPatch | None, *, details: RegionDetails, by: Signature
) -> ChangeRegion | RemoveRegion | None:
    if patch is None and details == region.details:
        return None
    if patch is not None and region.mask.area - patch.before.area + patch.after.area == 0:
        return _removal(annotation, region)
    return ChangeRegion(region.id, region.details, _signed(details, by), patch=patch)


def _edited(details: RegionDetails) -> RegionDetails:
    """A mask drawn by hand stays just that; any other is now one that a hand has changed."""
    if details.origin.maker is MaskMaker.ANALYST or details.origin.edited:
        return details
    return replace(details, origin=replace(details.origin, edited=True))


def _signed(details: RegionDetails, by: Signature) -> RegionDetails:
    return replace(details, author=by.author, time=by.time)


def _removal(annotation: Annotation, region: Region) -> RemoveRegion:
    return RemoveRegion(region, annotation.regions.index(region))


def _source_patch(region: Region, source: Mask) -> MaskPatch | None:
    return _difference(region.source or Mask.empty(region.mask.size), source)


def _difference(before: Mask, after: Mask) -> MaskPatch | None:
    """As `MaskPatch.between`, at the cost of the boxes of the two masks."""
    boxes = [box for box in (before.bounds, after.bounds) if box is not None]
    if not boxes:
        return None
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.left + box.width for box in boxes), max(box.top + box.height for box in boxes)
    box = PixelBox(left, top, right - left, bottom - top)
    return patches.patch(before, box, patches.cut(after, box))


def _together(edits: Sequence[Single]) -> Edit | None:
    if len(edits) < 2:
        return edits[0] if edits else None
    return Several(tuple(edits))
