"""Boxes as an annotator draws them in seven seconds: a JSON file of images and their boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from boxprompt.data.datasets import (
    DatasetError,
    DatasetItem,
    TamperedDataset,
    header_size,
    item_of,
    name_some,
    require_equal_sizes,
    sorted_items,
)
from boxprompt.data.schema import Checked, checked, is_within, require_files
from boxprompt.data.truth import Box, Truth, Unknown


class _Boxes(Checked):
    # Not "ignore": a misspelt "mask" would otherwise be passed over without a word.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    boxes: dict[str, tuple[Box, ...]]
    masks: dict[str, str] = Field(default_factory=dict)


def is_boxes(value: object) -> bool:
    """Whether a JSON value claims to be a file of boxes."""
    return isinstance(value, dict) and "boxes" in value


def open_boxes(path: Path, value: Any) -> TamperedDataset:
    """Read a file of boxes `{"boxes": {image: [[x0, y0, x1, y1], ...], ...}, "masks": {image: mask, ...}}`.

    Corners are in pixels of the image, the origin at the top-left corner of the top-left pixel, x1 and y1 exclusive.
    An image with an empty list is untouched. "masks" may be absent, or tell the masks of some images that have boxes,
    to measure against. Relative paths are taken from the folder of the file.

    Args:
        path: of the file.
        value: its JSON value.

    Raises:
        DatasetError: it is no such file, names an image that is not there, a box is empty or lies off its image, or a
            mask does not fit; the image is named.
    """
    table = checked(value, _Boxes, path=path, form="a file of boxes")
    strangers = [image for image in table.masks if not table.boxes.get(image)]
    if strangers:
        raise DatasetError(f"{path} has masks of images without a box: {name_some(strangers)}.")
    names = (*table.boxes, *table.masks.values())
    require_files({name: path.parent / name for name in names}, path=path)
    items = [_item(path, image, boxes, table.masks.get(image)) for image, boxes in table.boxes.items()]
    if all(item.mask is None for item in items):
        raise DatasetError(f"{path} has no box: none of its images is manipulated.")
    require_equal_sizes([item for item in items if isinstance(item.mask, Path)])
    return TamperedDataset(name=path.stem, items=sorted_items(items))


def _item(path: Path, image: str, boxes: tuple[Box, ...], mask: str | None) -> DatasetItem:
    file = path.parent / image
    size = header_size(file)
    off = [box for box in boxes if not is_within(box, size)]
    if off:
        corners = ", ".join(f"{side:g}" for side in off[0])
        raise DatasetError(f"{path} has a box [{corners}] that is empty or lies off {image}, {size[0]}x{size[1]}.")
    truth: Truth = Unknown.MASK if mask is None else path.parent / mask
    return item_of(file.stem, file, truth if boxes else None, boxes=boxes)
