"""Datasets in every layout that is read: folders, with the manifest of a synthesis, and IMDL-BenCo's JSON lists."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from boxprompt.data.datasets import (
    DatasetError,
    DatasetItem,
    Kind,
    TamperedDataset,
    item_of,
    name_some,
    require_equal_sizes,
)

MANIFEST = "manifest.jsonl"
NEGATIVE = "Negative"
_KINDS: Mapping[str, Kind] = {"splice": "splice", "copy-move": "copy-move", "removal": "removal"}


def open_dataset(path: Path) -> TamperedDataset:
    """List a dataset of either layout. Only headers of images are read.

    - A folder with `Tp`, `Gt` and perhaps `Au`, see `TamperedDataset.open`. Where `manifest.jsonl` lies beside them, as
      a synthesis leaves it, kinds and source photographs are taken from there.
    - A `.json` file `[[image, mask | "Negative"], ...]`, see `open_benco_list`.

    Raises:
        DatasetError: it is neither, or its files do not fit together; the files are named.
    """
    if path.suffix.lower() == ".json" and not path.is_dir():
        return open_benco_list(path)
    dataset = TamperedDataset.open(path)
    manifest = path / MANIFEST
    if not manifest.is_file():
        return dataset
    stated = read_manifest(manifest)
    return replace(dataset, items=tuple(_as_stated(item, stated, path) for item in dataset.items))


def open_benco_list(path: Path) -> TamperedDataset:
    """Read a list `[[image, mask | "Negative"], ...]`.

    Relative paths are taken from the folder of the list. IMDL-BenCo takes them from its working directory, so a list
    made for that is found only where the two agree.

    Raises:
        DatasetError: it is no such list, names a file twice or one that is not there, has no manipulated image, or a
            mask has another size than its image.
    """
    pairs = _pairs(path)
    names = [image for image, _ in pairs]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(f"{path} lists {name_some(twice)} more than once.")
    listed = [(path.parent / image, None if mask == NEGATIVE else path.parent / mask) for image, mask in pairs]
    absent = [str(file) for pair in listed for file in pair if file is not None and not file.is_file()]
    if absent:
        raise DatasetError(f"{path} names files that are not there: {name_some(absent)}.")
    items = [item_of(image.stem, image, mask) for image, mask in listed]
    manipulated = sorted((item for item in items if item.mask is not None), key=_by_path)
    if not manipulated:
        raise DatasetError(f"{path} lists no manipulated image, only {NEGATIVE!r}.")
    require_equal_sizes(manipulated)
    untouched = sorted((item for item in items if item.mask is None), key=_by_path)
    return TamperedDataset(name=path.stem, items=(*manipulated, *untouched))


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


def _pairs(path: Path) -> Sequence[tuple[str, str]]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is no JSON file.") from error
    if not isinstance(listed, list) or not listed or not all(_is_pair(entry) for entry in listed):
        raise DatasetError(
            f'{path} is no list [[image, mask], [image, "{NEGATIVE}"], ...]. COCO and other labels are read by '
            "`labels import`, and written as such a list by `labels export --format benco-json`."
        )
    return [(image, mask) for image, mask in listed]


def _is_pair(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and all(isinstance(value, str) and value for value in entry)


def _by_path(item: DatasetItem) -> str:
    return str(item.image)
