"""labelme files: one JSON a image beside it, one shape of type mask a region, so that holes and parts survive.

A mask shape holds the region within its bounding box as a PNG in base64; its two points are the box's first and last
pixel, both within it.
"""

from __future__ import annotations

import base64
from pathlib import PurePosixPath
from typing import Any

from forensic_gui.domain.labels import ExportImage, FileRecord, LabelledImage, WrittenLabels
from forensic_gui.domain.mask import Mask
from forensic_gui.services.labels.images import mask_png_bytes
from forensic_gui.services.labels.writer import ExportContext, ImageLayout, json_bytes

FORMAT_VERSION = "5.5.0"  # of the first labelme line that opens mask shapes everywhere
SOURCE_LABEL = "copy-move source"
OWN_FIELDS = "forensic_gui"
UNTOUCHED_FLAG = "no manipulation found"


class LabelmeWriter:
    """`images` for all parts together, with a JSON file beside each image."""

    def __init__(self, context: ExportContext) -> None:
        self.layout = ImageLayout()
        self._context = context

    def add(self, image: ExportImage) -> WrittenLabels:
        """Write the file beside the image."""
        path = PurePosixPath("images", f"{image.stem}.json")
        return WrittenLabels(files=(self._context.folder.write(path, json_bytes(_record(image), indent=2)),))

    def finish(self) -> tuple[FileRecord, ...]:
        """Nothing is shared."""
        return ()


def _record(image: ExportImage) -> dict[str, Any]:
    size = image.labelled.annotation.size
    return {
        "version": FORMAT_VERSION,
        "flags": {UNTOUCHED_FLAG: image.labelled.is_marked_untouched},
        "shapes": _shapes(image.labelled),
        "imagePath": PurePosixPath(image.exported.file.path).name,
        "imageData": None,
        "imageHeight": size.height,
        "imageWidth": size.width,
        OWN_FIELDS: {"evidence_sha256": image.labelled.sha256, "sha256": image.exported.file.sha256},
    }


def _shapes(image: LabelledImage) -> list[dict[str, Any]]:
    shapes = []
    for number, region in enumerate(image.regions, start=1):
        details = region.details
        own = {"confidence": details.confidence.value, "author": details.author, "time": details.time}
        shapes.append(_shape(region.mask, label=details.kind.value, group=number, description=details.note, own=own))
        if region.source is not None:
            shapes.append(_shape(region.source, label=SOURCE_LABEL, group=number))
    return shapes


def _shape(
    mask: Mask, *, label: str, group: int, description: str = "", own: dict[str, str] | None = None
) -> dict[str, Any]:
    box = mask.bounds
    assert box is not None, "an empty mask is no shape"
    record = {
        "label": label,
        "points": [
            [float(box.left), float(box.top)],
            [float(box.left + box.width - 1), float(box.top + box.height - 1)],
        ],
        "group_id": group,
        "description": description,
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(mask_png_bytes(mask.crop(box).to_array())).decode("ascii"),
    }
    return record if own is None else {**record, OWN_FIELDS: own}
