"""COCO instances as other tools write them: run lengths, compressed or not, and polygons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.errors import LabelsError
from forensic_gui.domain.geometry import Size
from forensic_gui.services.labels.foreign import (
    MAX_IMAGES,
    MAX_POINTS,
    MAX_REGIONS,
    ForeignImage,
    ForeignRegion,
    confidence_of,
    kind_and_note,
    optional_text,
    regular,
    size_of,
)
from forensic_gui.services.labels.jsonfile import MAX_JSON_BYTES, Field, read_json
from forensic_gui.services.labels.shapes import Outlines, RunLengths, Shape

_MAX_CATEGORIES = 10_000
_LEAST_NUMBERS = 6  # of an outline: three corners


def read_coco(path: Path) -> tuple[ForeignImage, ...]:
    """Images of a COCO file, or of every such file in `annotations` of a folder.

    Raises:
        LabelsError: it is none.
    """
    if not path.is_dir():
        return _read_file(path)
    files = sorted((path / "annotations").glob("*.json"))
    if not files:
        raise LabelsError(f"{path} holds no annotations/*.json; name the COCO file itself.")
    return tuple(image for file in files for image in _read_file(file))


def _read_file(path: Path) -> tuple[ForeignImage, ...]:
    top, sha256 = read_json(path)
    categories = {
        each["id"].integer(least=-(2**53)): each["name"].text()
        for each in _optional_items(top, "categories", most=_MAX_CATEGORIES)
    }
    stated = _by_id(top["images"].items(most=MAX_IMAGES))
    regions: dict[int, list[ForeignRegion]] = {number: [] for number in stated}
    for annotation in _optional_items(top, "annotations", most=MAX_IMAGES * 10):
        number = annotation["image_id"].integer(least=-(2**53))
        if number not in stated:
            raise annotation["image_id"].refusal("the id of one of the images")
        if len(regions[number]) == MAX_REGIONS:
            raise annotation.refusal(f"one of at most {MAX_REGIONS:,} of its image")
        regions[number].append(_region(annotation, categories, _size(stated[number])))
    source = _Source(path.name, sha256, (path.parent, path.parent / "images", path.parent.parent / "images"))
    return tuple(_image(field, tuple(regions[number]), source) for number, field in stated.items())


def _by_id(images: list[Field]) -> dict[int, Field]:
    found: dict[int, Field] = {}
    for image in images:
        number = image["id"].integer(least=-(2**53))
        if number in found:
            raise image["id"].refusal("another one than that of the images before it")
        found[number] = image
    return found


@dataclass(frozen=True, slots=True)
class _Source:
    """The file read: its name, its hash, and where its images may lie."""

    name: str
    sha256: str
    folders: tuple[Path, ...]


def _image(image: Field, regions: tuple[ForeignRegion, ...], source: _Source) -> ForeignImage:
    name = image["file_name"].relative_path()
    return ForeignImage(
        name=name.name,
        labels=source.name,
        labels_sha256=source.sha256,
        regions=regions,
        size=_size(image),
        file=_find(name, source.folders),
        stated_sha256=optional_text(image.get("evidence_sha256")),
        untouched=optional_text(image.get("conclusion")) == Conclusion.NO_MANIPULATION_FOUND.value,
    )


def _find(name: PurePosixPath, folders: tuple[Path, ...]) -> Path | None:
    candidates = (regular(folder / name) for folder in folders)
    return next((found for found in candidates if found is not None), None)


def _size(image: Field) -> Size:
    return size_of(image["width"], image["height"])


def _region(annotation: Field, categories: Mapping[int, str], size: Size) -> ForeignRegion:
    number = annotation.get("category_id")
    label = "" if number is None else categories.get(number.integer(least=-(2**53)), f"category {number.value}")
    attributes = annotation.get("attributes") or Field(annotation.file, f"{annotation.where}.attributes", {})
    kind, note = kind_and_note(label or "unknown", optional_text(attributes.get("note")))
    source = attributes.get("source")
    return ForeignRegion(
        shape=_shape(annotation["segmentation"], size),
        where=annotation.where,
        kind=kind,
        confidence=confidence_of(attributes.get("confidence")),
        note=note,
        source=None if source is None else _shape(source, size),
        author=optional_text(attributes.get("author")),
        drawn=optional_text(attributes.get("time")),
    )


def _shape(segmentation: Field, size: Size) -> Shape:
    if isinstance(segmentation.value, list):
        return Outlines(
            tuple(_outline(each) for each in segmentation.items(most=MAX_REGIONS)),
        )
    height, width = _pair(segmentation["size"])
    counts = segmentation["counts"]
    if isinstance(counts.value, str):
        return RunLengths(Size(width, height), counts.text(most=MAX_JSON_BYTES))
    if not isinstance(counts.value, list) or len(counts.value) > size.pixels + 1:
        raise counts.refusal("run lengths, no more than the image has pixels")
    if not all(type(length) is int and 0 <= length <= size.pixels for length in counts.value):
        raise counts.refusal("whole numbers within the image")
    return RunLengths(Size(width, height), tuple(counts.value))


def _pair(field: Field) -> tuple[int, int]:
    values = field.items(most=2)
    if len(values) != 2:
        raise field.refusal("[height, width]")
    height, width = (value.integer(least=1, most=2**20) for value in values)
    return height, width


def _outline(field: Field) -> NDArray[np.float64]:
    numbers = field.numbers(most=2 * MAX_POINTS)
    if len(numbers) < _LEAST_NUMBERS or len(numbers) % 2:
        raise field.refusal("an outline of three points or more, as x, y, x, y, ...")
    return numbers.reshape(-1, 2)


def _optional_items(top: Field, key: str, *, most: int) -> list[Field]:
    found = top.get(key)
    return [] if found is None else found.items(most=most)
