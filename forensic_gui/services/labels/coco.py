"""COCO instances: one annotation a region, its mask as compressed run lengths.

`iscrowd` is 0 throughout. In COCO's own files run lengths come with 1, because there only crowds are kept that way; yet
what 1 says is that a mask covers a group of objects that nobody separated, and trainers (Detectron2, MMDetection,
torchvision) leave such masks out. A region with several parts is one region, and pycocotools decodes run lengths
whatever `iscrowd` says.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from forensic_gui.domain.annotation import Kind, Region
from forensic_gui.domain.labels import ExportImage, FileRecord, WrittenLabels
from forensic_gui.domain.mask import Mask
from forensic_gui.services.labels.writer import ExportContext, ImageLayout, json_bytes

CATEGORY_IDS = {kind: number for number, kind in enumerate(Kind, start=1)}


class CocoWriter:
    """`images` for all parts together, and annotations/instances_<part>.json for each."""

    def __init__(self, context: ExportContext) -> None:
        self.layout = ImageLayout()
        self._context = context
        self._images: dict[str, list[dict[str, Any]]] = {part: [] for part in context.parts}
        self._annotations: dict[str, list[dict[str, Any]]] = {part: [] for part in context.parts}
        self._last_annotation = 0

    def add(self, image: ExportImage) -> WrittenLabels:
        """Remember the image and its annotations."""
        self._images[image.part].append(_image_record(image))
        for region in image.labelled.regions:
            self._last_annotation += 1
            record = _annotation_record(region, number=self._last_annotation, image_id=image.labelled.item_id)
            self._annotations[image.part].append(record)
        return WrittenLabels()

    def finish(self) -> tuple[FileRecord, ...]:
        """Write the files."""
        return tuple(
            self._context.folder.write(
                PurePosixPath("annotations", f"instances_{part}.json"), json_bytes(self._record(part))
            )
            for part in self._context.parts
        )

    def _record(self, part: str) -> dict[str, Any]:
        context = self._context
        return {
            "info": {
                "description": "Manipulated regions",
                "version": context.tool_version,
                "contributor": context.author,
                "date_created": context.time,
                "case_id": context.case_id,
            },
            "licenses": [],
            "images": self._images[part],
            "annotations": self._annotations[part],
            "categories": [
                {"id": number, "name": kind.value, "supercategory": "manipulation"}
                for kind, number in CATEGORY_IDS.items()
            ],
        }


def rle_record(mask: Mask) -> dict[str, Any]:
    """A mask as COCO's compressed run lengths, its size as [height, width]."""
    return {"size": [mask.size.height, mask.size.width], "counts": mask.to_text()}


def _image_record(image: ExportImage) -> dict[str, Any]:
    size = image.labelled.annotation.size
    return {
        "id": image.labelled.item_id,
        "width": size.width,
        "height": size.height,
        "file_name": PurePosixPath(image.exported.file.path).name,
        "sha256": image.exported.file.sha256,
        "evidence_sha256": image.labelled.sha256,
        "conclusion": image.labelled.annotation.conclusion.value,
    }


def _annotation_record(region: Region, *, number: int, image_id: int) -> dict[str, Any]:
    bounds = region.mask.bounds
    assert bounds is not None, "an empty region is no annotation"
    details = region.details
    return {
        "id": number,
        "image_id": image_id,
        "category_id": CATEGORY_IDS[details.kind],
        "segmentation": rle_record(region.mask),
        "bbox": [bounds.left, bounds.top, bounds.width, bounds.height],
        "area": region.mask.area,
        "iscrowd": 0,
        "attributes": {
            "kind": details.kind.value,
            "confidence": details.confidence.value,
            "note": details.note,
            "author": details.author,
            "time": details.time,
            "source": None if region.source is None else rle_record(region.source),
        },
    }
