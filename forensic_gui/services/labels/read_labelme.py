"""labelme files as labelme writes them: polygons, rectangles, circles and masks; what has no area is named."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forensic_gui.domain.errors import LabelsError
from forensic_gui.domain.geometry import Size
from forensic_gui.services.labels.foreign import (
    MAX_NOTE,
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
from forensic_gui.services.labels.labelme import OWN_FIELDS, SOURCE_LABEL, UNTOUCHED_FLAG
from forensic_gui.services.labels.shapes import Circle, Outlines, PatchPng, Shape

_WITHOUT_AREA = frozenset({"point", "line", "linestrip", "points"})


def labelme_files(path: Path) -> tuple[Path, ...]:
    """The labelme file itself, or those of a folder or of its `images`.

    Raises:
        LabelsError: there is none.
    """
    if not path.is_dir():
        return (path,)
    folder = path / "images" if (path / "images").is_dir() else path
    files = tuple(sorted(each for each in folder.glob("*.json") if not each.name.startswith(".")))
    if not files:
        raise LabelsError(f"{path} holds no labelme file; name the folder with the JSON files.")
    return files


def read_labelme(path: Path) -> ForeignImage:
    """One labelme file.

    Raises:
        LabelsError: it is none.
    """
    top, sha256 = read_json(path)
    name, below = top["imagePath"].image_path()
    own, flags = _object(top, OWN_FIELDS), _object(top, "flags")
    marked = flags.get(UNTOUCHED_FLAG)
    drawn = [_Drawn.of(shape) for shape in top["shapes"].items(most=MAX_REGIONS)]
    flat = sorted({each.type for each in drawn if each.type in _WITHOUT_AREA})
    remarks = [f"{path.name}: shapes of type {kind} have no area and were passed over." for kind in flat]
    if below is None:  # labelme writes this where its files lie in another folder than the images
        remarks.append(
            f"{path.name}: its image lies in another folder, which was not looked into; only its name counts."
        )
    return ForeignImage(
        name=name,
        labels=path.name,
        labels_sha256=sha256,
        regions=_regions([each for each in drawn if each.type not in _WITHOUT_AREA]),
        size=_stated_size(top),
        file=None if below is None else regular(path.parent / below),
        embedded_sha256=_embedded_sha256(top),
        stated_sha256=optional_text(own.get("evidence_sha256")),
        untouched=marked is not None and marked.truth(),
        turned=True,
        remarks=tuple(remarks),
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A shape of the file: its field, type, label and group (None for none)."""

    field: Field
    type: str
    label: str
    group: int | None

    @classmethod
    def of(cls, field: Field) -> _Drawn:
        group = field.get("group_id")
        return cls(
            field,
            optional_text(field.get("shape_type")) or "polygon",
            field["label"].text(),
            None if group is None else group.integer(least=-(2**53)),
        )


def _regions(drawn: Sequence[_Drawn]) -> tuple[ForeignRegion, ...]:
    """A shape is a region, but a source that belongs to the one region of its group."""
    sources = _sources(drawn)
    used = {id(source) for source in sources.values()}
    return tuple(_region(each, sources.get(id(each))) for each in drawn if id(each) not in used)


def _sources(drawn: Sequence[_Drawn]) -> dict[int, _Drawn]:
    """By identity of a region's shape, the shape of its source."""
    groups: dict[int, list[_Drawn]] = {}
    for each in drawn:
        if each.group is not None:
            groups.setdefault(each.group, []).append(each)
    pairs = (sorted(group, key=lambda each: each.label == SOURCE_LABEL) for group in groups.values() if len(group) == 2)
    return {
        id(region): source for region, source in pairs if source.label == SOURCE_LABEL and region.label != SOURCE_LABEL
    }


def _region(drawn: _Drawn, source: _Drawn | None) -> ForeignRegion:
    own = _object(drawn.field, OWN_FIELDS)
    kind, note = kind_and_note(drawn.label, optional_text(drawn.field.get("description"), most=MAX_NOTE))
    return ForeignRegion(
        shape=_shape(drawn),
        where=drawn.field.where,
        kind=kind,
        confidence=confidence_of(own.get("confidence")),
        note=note,
        source=None if source is None else _shape(source),
        author=optional_text(own.get("author")),
        drawn=optional_text(own.get("time")),
    )


def _shape(drawn: _Drawn) -> Shape:
    make = _SHAPES.get(drawn.type)
    if make is None:
        raise drawn.field["shape_type"].refusal("polygon, rectangle, oriented_rectangle, circle or mask")
    return make(drawn.field)


def _polygon(field: Field) -> Shape:
    points = field["points"].points(most=MAX_POINTS)
    if len(points) < 3:
        raise field["points"].refusal("three points or more")
    return Outlines((points,))


def _rectangle(field: Field) -> Shape:
    (x0, y0), (x1, y1) = _two_points(field)
    return Outlines((np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]),))


def _circle(field: Field) -> Shape:
    points = field["points"].points(most=MAX_POINTS)
    if len(points) != 2:
        raise field["points"].refusal("two points")
    return Circle(points[0], points[1])


def _mask(field: Field) -> Shape:
    corners = _two_points(field)
    if not all(abs(value) < 2**20 for corner in corners for value in corner):
        raise field["points"].refusal("within the image")
    (left, top), (right, bottom) = ((int(x), int(y)) for x, y in corners)
    if right < left or bottom < top:
        raise field["points"].refusal("the first and the last pixel of a box")
    text = field["mask"].text(most=MAX_JSON_BYTES)
    return PatchPng(left, top, Size(right - left + 1, bottom - top + 1), text)


_SHAPES: Mapping[str, Callable[[Field], Shape]] = {
    "polygon": _polygon,
    "rectangle": _rectangle,
    "oriented_rectangle": _polygon,
    "circle": _circle,
    "mask": _mask,
}


def _two_points(field: Field) -> tuple[tuple[float, float], tuple[float, float]]:
    points = field["points"].points(most=MAX_POINTS)
    if len(points) != 2:
        raise field["points"].refusal("two points")
    (x0, y0), (x1, y1) = points.tolist()
    return (x0, y0), (x1, y1)


def _embedded_sha256(top: Field) -> str:
    """Hash of the image that labelme keeps within its file on request: an upright JPEG or PNG byte by byte."""
    data = top.get("imageData")
    if data is None:
        return ""
    try:
        return hashlib.sha256(base64.b64decode(data.text(most=MAX_JSON_BYTES), validate=True)).hexdigest()
    except ValueError:
        raise data.refusal("base64") from None


def _stated_size(top: Field) -> Size | None:
    width, height = top.get("imageWidth"), top.get("imageHeight")
    return None if width is None or height is None else size_of(width, height)


def _object(field: Field, key: str) -> Field:
    found = field.get(key)
    return Field(field.file, f"{field.where}.{key}", {}) if found is None else found
