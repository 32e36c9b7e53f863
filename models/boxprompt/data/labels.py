"""What is known of an item as pixels: 1 manipulated, 0 untouched, 255 where nobody said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from boxprompt.contracts import IGNORE_LABEL, BoolMask, LabelMask
from boxprompt.data.datasets import (
    DECODE_ERRORS,
    DatasetError,
    DatasetItem,
    TamperedDataset,
    UnreadableImageError,
    header_size,
    name_some,
    read_mask,
)
from boxprompt.data.regions import CocoRegions
from boxprompt.data.truth import Box, Scribbles, Unknown

BoxUse: TypeAlias = Literal["refuse", "fill"]
"""What becomes of an item of which only boxes are known: refused, or taken as manipulated all over its boxes."""

Size: TypeAlias = tuple[int, int]
"""(height, width) in pixels, the order of array shapes."""

_Label = TypeVar("_Label", np.bool_, np.uint8)

_LABEL_MODES = frozenset({"L", "P"})
_NO_MASK = "an untouched image belongs into Au, and a map of labels 0 and 1 is no mask."
_INSTEAD = 'make pseudo-masks of them with `pseudo-label`, or let `train` fill them with boxes = "fill".'
_AS_SCRIBBLES = "save them as a grey or indexed PNG of 0 (untouched), 1 (manipulated) and 255 (unknown)."


def read_labels(item: DatasetItem, *, size: Size | None = None, boxes: BoxUse = "refuse") -> LabelMask:
    """The labels of an item, uint8 (H, W): 1 manipulated, 0 untouched, 255 unknown.

    Args:
        item: of a dataset; an untouched one is 0 all over.
        size: (height, width) that the image was decoded to; None: what its header states.
        boxes: what becomes of one whose mask nobody knows.

    Raises:
        UnreadableImageError: its mask cannot be read, has another size, marks nothing, or holds other values than
            labels.
        DatasetError: only boxes are known, and they are not to be filled.
    """
    match item.mask:
        case Scribbles():
            return _fitting(_read_scribbles(item.mask.path), item, size)
        case Unknown() if boxes == "refuse":
            raise DatasetError(f"Of {item.image} only boxes are known; {_INSTEAD}")
        case Unknown():
            filled = fill_boxes(item.boxes, size or _stated_size(item.image))
            if not filled.any():
                raise UnreadableImageError(f"The boxes of {item.image} cover no pixel's centre.")
            return filled.astype(np.uint8)
        case _:
            return read_truth(item, size=size).astype(np.uint8)


def read_truth(item: DatasetItem, *, size: Size | None = None) -> BoolMask:
    """The mask of an item of which every pixel is known, bool (H, W).

    Args:
        item: of a dataset; an untouched one is False all over.
        size: (height, width) that the image was decoded to; None: what its header states.

    Raises:
        UnreadableImageError: it cannot be read, has another size, or marks nothing.
        ValueError: the item is not complete.
    """
    match item.mask:
        case None:
            return np.zeros(size or _stated_size(item.image), dtype=np.bool_)
        case Path():
            mask = _fitting(read_mask(item.mask), item, size)
            complaint = f"The mask {item.mask} marks nothing over the middle grey; {_NO_MASK}"
        case CocoRegions():
            mask = _fitting(_covered(item.mask, item.image), item, size)
            complaint = f"The regions of {item.image} cover no pixel's centre."
        case _:
            raise ValueError(f"the mask of {item.image} is not known")
    if not mask.any():
        raise UnreadableImageError(complaint)
    return mask


def fill_boxes(boxes: Iterable[Box], size: tuple[int, int]) -> BoolMask:
    """Pixels, of an image of (height, width), whose centre lies in any of the boxes: bool (H, W)."""
    filled = np.zeros(size, dtype=np.bool_)
    for box in boxes:
        left, top, right, bottom = (max(0, int(np.ceil(side - 0.5))) for side in box)
        filled[top:bottom, left:right] = True
    return filled


def require_masks(dataset: TamperedDataset, *, purpose: str) -> TamperedDataset:
    """Return a dataset of which every pixel is known, or refuse it.

    Args:
        dataset: to look at.
        purpose: what needs them, as "An evaluation".

    Raises:
        DatasetError: of some images only scribbles or boxes are known; they are named.
    """
    lacking = [item.image.name for item in dataset.items if not item.is_complete]
    if lacking:
        raise DatasetError(
            f"{purpose} needs complete masks, and {dataset.name} has only scribbles or boxes for {name_some(lacking)}: "
            "figures of some pixels are not comparable with those of all."
        )
    return dataset


def refuse_boxes_alone(dataset: TamperedDataset) -> TamperedDataset:
    """Return a dataset that has labels to learn from, or refuse it.

    Raises:
        DatasetError: of some images only boxes are known; they are named.
    """
    lacking = [item.image.name for item in dataset.items if isinstance(item.mask, Unknown)]
    if lacking:
        raise DatasetError(f"{dataset.name} has boxes and no mask for {name_some(lacking)}; {_INSTEAD}")
    return dataset


def truth_digest(item: DatasetItem) -> str:
    """SHA-256 of what is known of an item: of the file's bytes where it is one, of regions or boxes else.

    Returns:
        Hexadecimal; "untouched" for an untouched image.

    Raises:
        UnreadableImageError: the file cannot be read.
    """
    match item.mask:
        case None:
            return "untouched"
        case Path():
            return file_digest(item.mask)
        case Scribbles():
            return file_digest(item.mask.path)
        case CocoRegions():
            return _json_digest({"regions": asdict(item.mask)})
        case Unknown():
            return _json_digest({"boxes": item.boxes})


def fingerprint(items: Iterable[DatasetItem]) -> str:
    """SHA-256 over the sorted hashes of images and of what is known of them.

    It depends on the content alone, not on names, places or order.

    Raises:
        UnreadableImageError: a file cannot be read.
    """
    lines = sorted(f"{file_digest(item.image)} {truth_digest(item)}\n" for item in items)
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal.

    Raises:
        UnreadableImageError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableImageError(f"{path} cannot be read: {error.strerror}.") from error


def _read_scribbles(path: Path) -> LabelMask:
    try:
        with Image.open(path) as image:
            if image.mode not in _LABEL_MODES:
                raise UnreadableImageError(f"The scribbles {path} are of mode {image.mode}; {_AS_SCRIBBLES}")
            labels = np.array(image, dtype=np.uint8)
    except DECODE_ERRORS as error:
        raise UnreadableImageError(f"{path} cannot be read as scribbles: {error}.") from error
    found = np.flatnonzero(np.bincount(labels.ravel(), minlength=256))
    others = [str(value) for value in found if value not in (0, 1, IGNORE_LABEL)]
    if others:
        raise UnreadableImageError(f"The scribbles {path} hold the value {name_some(others)}; {_AS_SCRIBBLES}")
    if IGNORE_LABEL not in found:
        raise UnreadableImageError(
            f"The scribbles {path} leave nothing unknown; a complete mask belongs into Gt, as 0 and 255."
        )
    if 1 not in found:
        raise UnreadableImageError(
            f"The scribbles {path} mark nothing as manipulated; an untouched image belongs into Au."
        )
    return labels


def _fitting(labels: NDArray[_Label], item: DatasetItem, size: Size | None) -> NDArray[_Label]:
    if size is not None and labels.shape != size:
        raise UnreadableImageError(
            f"{item.image} was decoded to {size[1]}x{size[0]} pixels, "
            f"but its mask has {labels.shape[1]}x{labels.shape[0]}."
        )
    return labels


def _stated_size(image: Path) -> Size:
    width, height = header_size(image)
    return height, width


def _covered(regions: CocoRegions, image: Path) -> BoolMask:
    try:
        return regions.mask()
    except ValueError as error:
        raise UnreadableImageError(f"The regions of {image} cannot be filled: {error}.") from error


def _json_digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("ascii")).hexdigest()
