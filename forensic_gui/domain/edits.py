"""Edits of an annotation: values with an inverse. What one gesture of the hand did is one edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from forensic_gui.domain.annotation import Annotation, Conclusion, Region, RegionDetails
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask, MaskPatch


class MaskPart(StrEnum):
    """Which mask of a region is meant."""

    REGION = "region"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class AddRegion:
    """Put a region at a place in the order."""

    region: Region
    index: int

    @property
    def inverse(self) -> RemoveRegion:
        """Takes the region away again."""
        return RemoveRegion(self.region, self.index)


@dataclass(frozen=True, slots=True)
class RemoveRegion:
    """Take a region away."""

    region: Region
    index: int

    @property
    def inverse(self) -> AddRegion:
        """Puts the region back where it was."""
        return AddRegion(self.region, self.index)


@dataclass(frozen=True, slots=True)
class ChangeRegion:
    """Change a region's details, and the box of its mask that changed.

    Attributes:
        region_id: which region.
        before: details before.
        after: details after.
        part: which mask `patch` is of.
        patch: change of that mask; None where the mask stays. A source that was not there counts as empty, and an
            empty one as not there.
    """

    region_id: str
    before: RegionDetails
    after: RegionDetails
    part: MaskPart = MaskPart.REGION
    patch: MaskPatch | None = None

    @property
    def inverse(self) -> ChangeRegion:
        """Brings details and mask back."""
        patch = None if self.patch is None else self.patch.inverse
        return ChangeRegion(self.region_id, self.after, self.before, self.part, patch)


@dataclass(frozen=True, slots=True)
class SetConclusion:
    """Mark the image."""

    before: Conclusion
    after: Conclusion

    @property
    def inverse(self) -> SetConclusion:
        """Brings the former mark back."""
        return SetConclusion(self.after, self.before)


@dataclass(frozen=True, slots=True)
class Several:
    """Edits that belong together, in order: one undo takes all of them back."""

    edits: tuple[AddRegion | RemoveRegion | ChangeRegion | SetConclusion, ...]

    @property
    def inverse(self) -> Several:
        """Takes them back, last first."""
        return Several(tuple(edit.inverse for edit in reversed(self.edits)))


Edit: TypeAlias = AddRegion | RemoveRegion | ChangeRegion | SetConclusion | Several


def apply(edit: Edit, annotation: Annotation) -> Annotation:
    """The annotation after an edit.

    Raises:
        ValueError: the edit was made on another state of the annotation.
    """
    match edit:
        case AddRegion():
            return _add(edit, annotation)
        case RemoveRegion():
            return _remove(edit, annotation)
        case ChangeRegion():
            return _change(edit, annotation)
        case SetConclusion():
            _require(annotation.conclusion is edit.before, "the image is marked otherwise")
            return replace(annotation, conclusion=edit.after)
        case Several():
            for each in edit.edits:
                annotation = apply(each, annotation)
            return annotation


def _add(edit: AddRegion, annotation: Annotation) -> Annotation:
    regions = annotation.regions
    _require(0 <= edit.index <= len(regions), "no such place")
    _require(all(region.id != edit.region.id for region in regions), "the region is there already")
    source = edit.region.source
    _require(edit.region.mask.size == annotation.size, "the region is of an image of another size")
    _require(source is None or source.size == annotation.size, "the source is of an image of another size")
    _require(source is None or not source.is_empty, "a source without a pixel is no source")
    return replace(annotation, regions=(*regions[: edit.index], edit.region, *regions[edit.index :]))


def _remove(edit: RemoveRegion, annotation: Annotation) -> Annotation:
    regions = annotation.regions
    _require(0 <= edit.index < len(regions) and regions[edit.index] == edit.region, "the region is not there as it was")
    return replace(annotation, regions=regions[: edit.index] + regions[edit.index + 1 :])


def _change(edit: ChangeRegion, annotation: Annotation) -> Annotation:
    index = next((i for i, region in enumerate(annotation.regions) if region.id == edit.region_id), None)
    _require(index is not None, "the region is not there")
    assert index is not None
    region = annotation.regions[index]
    _require(region.details == edit.before, "the region's details are not as they were")
    changed = replace(region, details=edit.after)
    if edit.patch is not None and edit.part is MaskPart.REGION:
        changed = replace(changed, mask=edit.patch.apply(region.mask))
    elif edit.patch is not None:
        source = edit.patch.apply(region.source or Mask.empty(annotation.size))
        changed = replace(changed, source=None if source.is_empty else source)
    regions = (*annotation.regions[:index], changed, *annotation.regions[index + 1 :])
    return replace(annotation, regions=regions)


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ValueError(f"The edit does not fit: {otherwise}.")


def region_to_record(region: Region) -> dict[str, Any]:
    """A region as JSON values."""
    return {
        "id": region.id,
        "width": region.mask.size.width,
        "height": region.mask.size.height,
        "mask": region.mask.to_text(),
        "source": None if region.source is None else region.source.to_text(),
        "details": region.details.to_record(),
    }


def region_from_record(record: Mapping[str, Any]) -> Region:
    """The region of JSON values; KeyError, TypeError or ValueError where they are none."""
    size = _size_from_record(record)
    return Region(
        id=record["id"],
        mask=Mask.from_text(size, record["mask"]),
        source=None if record["source"] is None else Mask.from_text(size, record["source"]),
        details=RegionDetails.from_record(record["details"]),
    )


def annotation_to_record(annotation: Annotation) -> dict[str, Any]:
    """An annotation as JSON values."""
    return {
        "width": annotation.size.width,
        "height": annotation.size.height,
        "conclusion": annotation.conclusion.value,
        "regions": [region_to_record(region) for region in annotation.regions],
    }


def annotation_from_record(record: Mapping[str, Any]) -> Annotation:
    """The annotation of JSON values; KeyError, TypeError or ValueError where they are none."""
    annotation = Annotation(_size_from_record(record), conclusion=Conclusion(record["conclusion"]))
    for index, region in enumerate(record["regions"]):
        annotation = _add(AddRegion(region_from_record(region), index), annotation)
    return annotation


def _size_from_record(record: Mapping[str, Any]) -> Size:
    width, height = record["width"], record["height"]
    if type(width) is not int or type(height) is not int:  # 8.0 equals 8, and is no number of pixels
        raise TypeError("a size is in whole pixels")
    return Size(width, height)


def edit_to_record(edit: Edit) -> dict[str, Any]:
    """An edit as JSON values."""
    match edit:
        case AddRegion() | RemoveRegion():
            name = "add region" if isinstance(edit, AddRegion) else "remove region"
            return {"edit": name, "index": edit.index, "region": region_to_record(edit.region)}
        case ChangeRegion():
            return {
                "edit": "change region",
                "region_id": edit.region_id,
                "before": edit.before.to_record(),
                "after": edit.after.to_record(),
                "part": edit.part.value,
                "patch": None if edit.patch is None else _patch_to_record(edit.patch),
            }
        case SetConclusion():
            return {"edit": "set conclusion", "before": edit.before.value, "after": edit.after.value}
        case Several():
            return {"edit": "several", "edits": [edit_to_record(each) for each in edit.edits]}


def edit_from_record(record: Mapping[str, Any]) -> Edit:
    """The edit of JSON values; KeyError, TypeError or ValueError where they are none."""
    name = record["edit"]
    if name == "several":
        return Several(tuple(_single_from_record(each) for each in record["edits"]))
    return _single_from_record(record)


def _single_from_record(record: Mapping[str, Any]) -> AddRegion | RemoveRegion | ChangeRegion | SetConclusion:
    match record["edit"]:
        case "add region":
            return AddRegion(region_from_record(record["region"]), record["index"])
        case "remove region":
            return RemoveRegion(region_from_record(record["region"]), record["index"])
        case "change region":
            return ChangeRegion(
                record["region_id"],
                RegionDetails.from_record(record["before"]),
                RegionDetails.from_record(record["after"]),
                MaskPart(record["part"]),
                None if record["patch"] is None else _patch_from_record(record["patch"]),
            )
        case "set conclusion":
            return SetConclusion(Conclusion(record["before"]), Conclusion(record["after"]))
        case other:
            raise ValueError(f"there is no edit {other!r}")


def _patch_to_record(patch: MaskPatch) -> dict[str, Any]:
    box = patch.box
    return {
        "left": box.left,
        "top": box.top,
        "width": box.width,
        "height": box.height,
        "before": patch.before.to_text(),
        "after": patch.after.to_text(),
    }


def _patch_from_record(record: Mapping[str, Any]) -> MaskPatch:
    size = _size_from_record(record)
    return MaskPatch(
        record["left"],
        record["top"],
        Mask.from_text(size, record["before"]),
        Mask.from_text(size, record["after"]),
    )
