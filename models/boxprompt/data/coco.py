"""COCO's instance files: images with regions as outlines or run lengths, or with boxes alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from boxprompt.data.datasets import (
    DatasetError,
    DatasetItem,
    Kind,
    TamperedDataset,
    header_size,
    item_of,
    name_some,
    sorted_items,
)
from boxprompt.data.regions import CocoRegions
from boxprompt.data.schema import Checked, checked, is_within, require_files
from boxprompt.data.truth import Box, Truth, Unknown

TOLERANCE_PX = 1.0
"""How far a corner may lie off the image: tools that round, or count from 1, are that much off."""

_KINDS: dict[str, Kind] = {"splice": "splice", "copy-move": "copy-move", "removal": "removal"}
_LEAST_NUMBERS = 6  # of an outline: three corners


class _Image(Checked):
    id: int
    file_name: str
    width: int
    height: int


class _Runs(Checked):
    size: tuple[int, int]
    counts: str | tuple[int, ...]


class _Annotation(Checked):
    id: int | str = "without an id"
    image_id: int
    category_id: int | None = None
    segmentation: tuple[tuple[float, ...], ...] | _Runs | None = None
    bbox: tuple[float, float, float, float] | None = None

    @property
    def has_region(self) -> bool:
        """Whether an outline or run lengths are given; some tools write an empty list where they have none."""
        return self.segmentation is not None and self.segmentation != ()


class _Category(Checked):
    id: int
    name: str


class _Coco(Checked):
    images: tuple[_Image, ...]
    annotations: tuple[_Annotation, ...]
    categories: tuple[_Category, ...] = ()


def is_coco(value: object) -> bool:
    """Whether a JSON value claims to be a COCO file."""
    return isinstance(value, dict) and "images" in value and "annotations" in value


def open_coco(path: Path, value: Any) -> TamperedDataset:
    """Read a COCO instance file.

    The images lie beside the file, in a folder `images` beside it, or in one beside its folder. An image without an
    annotation is untouched. One whose annotations have regions gets their union for a mask; one whose annotations have
    boxes alone has no mask. A category called "splice", "copy-move" or "removal" says what was done.

    Args:
        path: of the file.
        value: its JSON value.

    Raises:
        DatasetError: it is no such file, names an image twice or one that is not there, an image has another size than
            stated, or an annotation lies off its image or belongs to none; it is named.
    """
    coco = checked(value, _Coco, path=path, form="a COCO file of images and annotations")
    _require_distinct([image.id for image in coco.images], path, "the image id")
    _require_distinct([image.file_name for image in coco.images], path, "the image")
    files = {image.file_name: _find(path, image.file_name) for image in coco.images}
    require_files(files, path=path)
    _require_sizes(coco.images, files, path)
    of_image: dict[int, list[_Annotation]] = {image.id: [] for image in coco.images}
    for annotation in coco.annotations:
        if annotation.image_id not in of_image:
            raise DatasetError(f"Annotation {annotation.id} of {path} belongs to no image of it.")
        of_image[annotation.image_id].append(annotation)
    names = {category.id: category.name for category in coco.categories}
    items = [_item(image, files[image.file_name], of_image[image.id], names, path) for image in coco.images]
    if all(item.mask is None for item in items):
        raise DatasetError(f"{path} has no annotation: none of its images is manipulated.")
    return TamperedDataset(name=path.stem, items=sorted_items(items))


def _item(
    image: _Image, file: Path, annotations: Sequence[_Annotation], names: dict[int, str], path: Path
) -> DatasetItem:
    for annotation in annotations:
        _require_fit(annotation, image, path)
    item = item_of(file.stem, file, _truth(image, annotations, path), boxes=_boxes(annotations, image))
    kinds = {names.get(-1 if one.category_id is None else one.category_id, "") for one in annotations}
    told = _KINDS.get(kinds.pop()) if len(kinds) == 1 else None
    return item if told is None else item.of_kind(told)


def _truth(image: _Image, annotations: Sequence[_Annotation], path: Path) -> Truth | None:
    if not annotations:
        return None
    lacking = [one for one in annotations if not one.has_region]
    if not lacking:
        return CocoRegions(
            size=(image.height, image.width),
            outlines=tuple(
                outline for one in annotations if isinstance(one.segmentation, tuple) for outline in one.segmentation
            ),
            runs=tuple(one.segmentation.counts for one in annotations if isinstance(one.segmentation, _Runs)),
        )
    if len(lacking) < len(annotations):
        raise DatasetError(
            f"Annotation {lacking[0].id} of {path} has no segmentation while others of {image.file_name} have one: "
            "their union would leave a region out."
        )
    return Unknown.MASK


def _require_fit(annotation: _Annotation, image: _Image, path: Path) -> None:
    """Refuse an annotation that is not of its image's pixels."""
    where = f"Annotation {annotation.id} of {path}"
    size = (image.width, image.height)
    if annotation.bbox is None and not annotation.has_region:
        raise DatasetError(f"{where} has neither a segmentation nor a bbox.")
    if annotation.bbox is not None and not _is_box_of(_corners(annotation.bbox), size):
        raise DatasetError(f"{where} has a bbox that is empty or lies off {image.file_name}, {_in_words(size)}.")
    if isinstance(annotation.segmentation, _Runs):
        if annotation.segmentation.size != (image.height, image.width):
            raise DatasetError(f"{where} has run lengths of another size than {image.file_name}, {_in_words(size)}.")
        return
    for outline in annotation.segmentation or ():
        if len(outline) < _LEAST_NUMBERS or len(outline) % 2:
            raise DatasetError(f"{where} has an outline that is not three corners or more, as x, y, x, y, ...")
        if not (_all_within(outline[::2], image.width) and _all_within(outline[1::2], image.height)):
            raise DatasetError(f"{where} has an outline that lies off {image.file_name}, {_in_words(size)}.")


def _boxes(annotations: Sequence[_Annotation], image: _Image) -> tuple[Box, ...]:
    """The boxes of all annotations, cut to the image; none where one has none, as they would tell of a part only."""
    given = [one.bbox for one in annotations if one.bbox is not None]
    if len(given) < len(annotations):
        return ()
    return tuple(_cut(_corners(one), (image.width, image.height)) for one in given)


def _corners(bbox: tuple[float, float, float, float]) -> Box:
    x, y, width, height = bbox
    return (x, y, x + width, y + height)


def _is_box_of(box: Box, size: tuple[int, int]) -> bool:
    """Whether a box lies in an image of (width, height), but for the tolerance, and has an area there."""
    return is_within(box, size, tolerance_px=TOLERANCE_PX) and is_within(_cut(box, size), size)


def _cut(box: Box, size: tuple[int, int]) -> Box:
    """What of a box lies in an image of (width, height)."""
    x0, y0, x1, y1 = box
    return (max(0.0, x0), max(0.0, y0), min(float(size[0]), x1), min(float(size[1]), y1))


def _all_within(coordinates: Iterable[float], side_px: int) -> bool:
    return all(-TOLERANCE_PX <= one <= side_px + TOLERANCE_PX for one in coordinates)


def _in_words(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _require_distinct(values: Sequence[object], path: Path, what: str) -> None:
    twice = [str(value) for value, count in Counter(values).items() if count > 1]
    if twice:
        raise DatasetError(f"{path} has {what} {name_some(twice)} more than once.")


def _require_sizes(images: Sequence[_Image], files: dict[str, Path], path: Path) -> None:
    unequal = []
    for image in images:
        size = header_size(files[image.file_name])
        if size != (image.width, image.height):
            unequal.append(f"{image.file_name} ({_in_words(size)}, stated {_in_words((image.width, image.height))})")
    if unequal:
        raise DatasetError(f"{path} states another size than that of {name_some(unequal)}.")


def _find(path: Path, file_name: str) -> Path:
    """The image of a name, or where it would lie beside the file."""
    name = PurePosixPath(file_name.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in file_name or not name.name:
        raise DatasetError(f"{path} names an image {file_name!r}; images are named by a path below the file's folder.")
    folder = path.parent
    candidates = [place / name for place in (folder, folder / "images", folder.parent / "images")]
    return next((found for found in candidates if found.is_file()), candidates[0])
