"""Datasets in every layout that is read: folders, with the manifest of a synthesis, and JSON files of three kinds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from boxprompt.data.box_json import is_boxes, open_boxes
from boxprompt.data.coco import is_coco, open_coco
from boxprompt.data.datasets import (
    DatasetError,
    DatasetItem,
    Kind,
    TamperedDataset,
    item_of,
    name_some,
    require_equal_sizes,
    sorted_items,
)
from boxprompt.data.schema import read_json
from boxprompt.data.scribbles import PARTIAL_FOLDER, open_scribbles

MANIFEST = "manifest.jsonl"
NEGATIVE = "Negative"
_KINDS: Mapping[str, Kind] = {"splice": "splice", "copy-move": "copy-move", "removal": "removal"}


def open_dataset(path: Path) -> TamperedDataset:
    """List a dataset of any layout. Only headers of images are read.

    - A folder with `Tp`, `Gt` and perhaps `Au`, see `TamperedDataset.open`, or with scribbles in `Pt` in place of some
      masks or of all, see `open_scribbles`. Where `manifest.jsonl` lies beside them, as a synthesis leaves it, kinds
      and source photographs are taken from there.
    - A `.json` file: `[[image, mask | "Negative"], ...]`, see `open_benco_list`; COCO's instances, see `open_coco`; or
      boxes, see `open_boxes`.

    Raises:
        DatasetError: it is none of them, or its files do not fit together; the files are named.
    """
    if path.suffix.lower() == ".json" and not path.is_dir():
        return _open_json(path)
    dataset = open_scribbles(path) if (path / PARTIAL_FOLDER).is_dir() else TamperedDataset.open(path)
    manifest = path / MANIFEST
    if not manifest.is_file():
        return dataset
    stated = read_manifest(manifest)
    return replace(dataset, items=tuple(_as_stated(item, stated, path) for item in dataset.items))


def _open_json(path: Path) -> TamperedDataset:
    value = read_json(path)
    if is_coco(value):
        return open_coco(path, value)
    if is_boxes(value):
        return open_boxes(path, value)
    return open_benco_list(path, value)


def open_benco_list(path: Path, value: Any) -> TamperedDataset:
    """Read a list `[[image, mask | "Negative"], ...]`.

    Relative paths are taken from the folder of the list. IMDL-BenCo takes them from its working directory, so a list
    made for that is found only where the two agree.

    Args:
        path: of the file.
        value: its JSON value.

    Raises:
        DatasetError: it is no such list, names a file twice or one that is not there, has no manipulated image, or a
            mask has another size than its image.
    """
    pairs = _pairs(path, value)
    names = [image for image, _ in pairs]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(f"{path} lists {name_some(twice)} more than once.")
    listed = [(path.parent / image, None if mask == NEGATIVE else path.parent / mask) for image, mask in pairs]
    absent = [str(file) for pair in listed for file in pair if file is not None and not file.is_file()]
    if absent:
        raise DatasetError(f"{path} names files that are not there: {name_some(absent)}.")
    items = [item_of(image.stem, image, mask) for image, mask in listed]
    dataset = TamperedDataset(name=path.stem, items=sorted_items(items))
    if not dataset.manipulated:
        raise DatasetError(f"{path} lists no manipulated image, only {NEGATIVE!r}.")
    require_equal_sizes(dataset.manipulated)
    return dataset


@dataclass(frozen=True, slots=True)
class Stated:
    """What a manifest says of an image.

    Attributes:
        kind: what was done.
        sources: photographs it was made of.
    """

    kind: Kind
    sources: frozenset[str]


def read_manifest(path: Path) -> dict[str, Stated]:
    """What the manifest of a synthesis says of each image, by its path within the folder, as "Tp/000000_splice.png".

    Lines that describe no image are passed over, and so is a last line without an end: a synthesis that was killed
    leaves such a one.

    Raises:
        DatasetError: it cannot be read; the line is named.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}.") from error
    stated = {}
    for number, line in enumerate(lines[:-1], start=1):
        try:
            record = json.loads(line)
            if "image" in record:
                stated[str(record["image"])] = _stated(record)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise DatasetError(
                f"Line {number} of {path} is none of a synthesis; mend it, or move the file away to do without kinds "
                "and source photographs."
            ) from error
    return stated


def _stated(record: Mapping[str, Any]) -> Stated:
    sources = record["sources"]
    if not isinstance(sources, list) or not sources or not all(isinstance(source, str) for source in sources):
        raise TypeError("sources are names of photographs")
    return Stated(kind=_KINDS.get(record["kind"], "unstated"), sources=frozenset(sources))


def _as_stated(item: DatasetItem, stated: Mapping[str, Stated], folder: Path) -> DatasetItem:
    facts = stated.get(item.image.relative_to(folder).as_posix())
    if facts is None:
        return item
    return replace(item, kind="untouched" if item.mask is None else facts.kind, sources=facts.sources)


def _pairs(path: Path, value: Any) -> Sequence[tuple[str, str]]:
    if not isinstance(value, list) or not value or not all(_is_pair(entry) for entry in value):
        raise DatasetError(
            f'{path} is no list [[image, mask], [image, "{NEGATIVE}"], ...], no COCO file of images and annotations, '
            "and no file of boxes."
        )
    return [(image, mask) for image, mask in value]


def _is_pair(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and all(isinstance(value, str) and value for value in entry)
