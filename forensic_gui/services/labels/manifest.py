"""The manifest of an export: which evidence each label is of, and who or what made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from forensic_gui.domain.annotation import Region
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.labels import ExportImage, FileRecord, LabelSet, WrittenLabels
from forensic_gui.domain.mask import Mask
from forensic_gui.services.labels.formats import FORMATS, LabelFormat
from forensic_gui.services.labels.splits import Part
from forensic_gui.services.labels.staging import StagedFolder

MANIFEST_NAME = "manifest.json"
SCHEMA = "forensic-gui labels manifest 1"


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What a manifest says of the export as a whole.

    Attributes:
        format: of the labels.
        parts: of the split; none where it is not split.
        seed: of the split.
        author: who exported.
        time: when, ISO 8601 in UTC with offset.
        tool_version: of this program.
    """

    format: LabelFormat
    parts: tuple[Part, ...]
    seed: int
    author: str
    time: str
    tool_version: str


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """An image with everything that was written for it.

    Attributes:
        image: the image.
        labels: what its format wrote.
        scribbles: its map of strokes, where one was asked for and drawn.
    """

    image: ExportImage
    labels: WrittenLabels
    scribbles: FileRecord | None = None


def manifest_record(
    facts: ExportFacts,
    labels: LabelSet,
    entries: Sequence[ManifestEntry],
    *,
    failures: Sequence[Failure],
    shared: Sequence[FileRecord],
) -> dict[str, Any]:
    """The manifest as JSON values.

    Args:
        facts: of the export as a whole.
        labels: what the case holds.
        entries: what was written, in order.
        failures: images that were refused.
        shared: files that are of no single image.
    """
    return {
        "schema": SCHEMA,
        "tool": "forensic-gui",
        "tool_version": facts.tool_version,
        "case_id": labels.case_id,
        "case_name": labels.case_name,
        "time": facts.time,
        "author": facts.author,
        "format": facts.format.value,
        "lost_in_this_format": list(FORMATS[facts.format].losses.values()),
        "split": {"seed": facts.seed, "parts": {part.name: part.share for part in facts.parts}}
        if facts.parts
        else None,
        "files": [_file_record(file) for file in shared],
        "images": [_image_record(entry) for entry in entries],
        "images_without_label": labels.left_out,
        "refused": [
            {"name": failure.path.name, "sha256": failure.sha256, "reason": failure.message} for failure in failures
        ],
    }


def mask_sha256(mask: Mask) -> str:
    """SHA-256 of a mask, whatever file holds it: of its size and COCO's run lengths, as `640x480 <counts>` in ASCII."""
    return hashlib.sha256(f"{mask.size.width}x{mask.size.height} {mask.to_text()}".encode("ascii")).hexdigest()


def write_split_lists(
    folder: StagedFolder, entries: Iterable[ManifestEntry], parts: Iterable[str]
) -> tuple[FileRecord, ...]:
    """splits/<part>.txt: the images of a part, a path a line, relative to the export's folder."""
    paths: dict[str, list[str]] = {part: [] for part in parts}
    for entry in entries:
        paths[entry.image.part].append(entry.image.exported.file.path)
    return tuple(
        folder.write(PurePosixPath("splits", f"{part}.txt"), "".join(f"{path}\n" for path in listed).encode("utf-8"))
        for part, listed in paths.items()
    )


def write_manifest(folder: StagedFolder, record: Mapping[str, Any]) -> FileRecord:
    """Write the manifest into the export's folder."""
    text = json.dumps(record, ensure_ascii=True, allow_nan=False, indent=1)
    return folder.write(PurePosixPath(MANIFEST_NAME), text.encode("ascii"))


def _image_record(entry: ManifestEntry) -> dict[str, Any]:
    image, labelled = entry.image, entry.image.labelled
    size = labelled.annotation.size
    return {
        "item": labelled.item_id,
        "name": labelled.name,
        "evidence_sha256": labelled.sha256,
        "width": size.width,
        "height": size.height,
        "part": image.part,
        "group": labelled.group,
        "conclusion": labelled.annotation.conclusion.value,
        "image": {
            **_file_record(image.exported.file),
            "copied_byte_by_byte": image.exported.copied,
            "why_not": image.exported.reason,
            "orientation": "stored pixels, no orientation tag",
            "decoder_warnings": list(image.exported.warnings),
        },
        "mask_sha256": mask_sha256(labelled.mask),
        "labels": [_file_record(file) for file in entry.labels.files],
        "scribbles": None if entry.scribbles is None else _file_record(entry.scribbles),
        "regions": [_region_record(region, entry.labels) for region in labelled.regions],
        "empty_regions_left_out": len(labelled.annotation.regions) - len(labelled.regions),
    }


def _region_record(region: Region, written: WrittenLabels) -> dict[str, Any]:
    details = region.details.to_record()
    file = written.region_files.get(region.id)
    return {
        "id": region.id,
        "mask_sha256": mask_sha256(region.mask),
        "area": region.mask.area,
        "source_mask_sha256": None if region.source is None else mask_sha256(region.source),
        "file": None if file is None else _file_record(file),
        "iou_of_what_was_written": written.overlap.get(region.id, 1.0),
        **details,
    }


def _file_record(file: FileRecord) -> dict[str, Any]:
    return {"path": file.path, "sha256": file.sha256}
