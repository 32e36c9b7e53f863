"""What a run learns from: its photographs and datasets, opened, checked and divided by source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from boxprompt.data.datasets import (
    DECODE_ERRORS,
    DatasetError,
    DatasetItem,
    TamperedDataset,
    header_size,
    name_some,
    split_by_source,
)
from boxprompt.data.labels import BoxUse, fingerprint, read_labels, refuse_boxes_alone
from boxprompt.data.layouts import open_dataset
from boxprompt.data.synthesis import PhotoPool, SynthesisConfig, Synthesizer
from boxprompt.errors import CheckpointError, ConfigurationError
from boxprompt.training.config import DataTable, LabelledDataset, PhotoFolder
from boxprompt.training.dataset_samples import (
    Augmentation,
    Composites,
    DatasetImages,
    HeldOutSamples,
    LabelledSource,
    MixedSource,
)
from boxprompt.training.samples import NumberedSamples, SampleSource, SynthesisDataset
from boxprompt.weights import TrainingSource

VALIDATION_STREAM = 1
"""Samples of a validation set are numbered in this stream; training has another."""

_NOTED = "datasets.json"
_MIRROR_SHARE = 0.5
_ORIENTATION_TAG, _UPRIGHT = 0x0112, 1


@dataclass(frozen=True, slots=True, eq=False)
class RunData:
    """What a run learns from and is validated on; no source photograph is on both sides.

    Attributes:
        training: draws samples.
        validation: the fixed samples.
        sources: for the weights' card.
    """

    training: SampleSource | MixedSource
    validation: NumberedSamples
    sources: tuple[TrainingSource, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A dataset of a run, divided."""

    table: LabelledDataset
    sha256: str
    count: int
    training: tuple[DatasetItem, ...]
    held_out: tuple[DatasetItem, ...]


def open_run_data(table: DataTable, *, synthesis: SynthesisConfig, side_px: int, seed: int) -> RunData:
    """Open, check and divide the data of a run.

    Every label is read once, so that a mask that marks nothing is named before hours are spent.

    Args:
        table: `[data]`.
        synthesis: how composites are made.
        side_px: side S of a sample.
        seed: of the run.

    Raises:
        ConfigurationError: photographs or datasets cannot be used, or are too few to divide; they are named.
    """
    pools = open_pools(table.photos, validation_share=table.validation_share, seed=seed) if table.photos else None
    photos = photo_sources(table.photos)
    composites = None if pools is None else Synthesizer(pools[0], synthesis)
    held_out = None if pools is None else Synthesizer(pools[1], synthesis)
    if not table.datasets:
        assert composites is not None and held_out is not None
        count = table.validation_count
        return RunData(composites, _composites_of(held_out, side_px=side_px, seed=seed, count=count), photos)
    parts = _divide(table, seed=seed)
    return RunData(
        training=_mixed(table, composites, parts),
        validation=_held_out(table, held_out, parts, side_px=side_px, seed=seed),
        sources=(*photos, *map(_source, parts)),
    )


def note_datasets(sources: Sequence[TrainingSource], folder: Path) -> None:
    """Write down which datasets a run learns from, in its folder, so that going on with others is noticed.

    Raises:
        OSError: the folder takes no file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{_NOTED}.part"
    beside.write_text(json.dumps(_datasets_of(sources), indent=1) + "\n", encoding="utf-8")
    beside.replace(folder / _NOTED)


def require_noted_datasets(sources: Sequence[TrainingSource], folder: Path) -> None:
    """Refuse to go on with a run whose datasets have changed: its samples would be others than their numbers say.

    Raises:
        CheckpointError: images or labels are not those that the run began with; the datasets are named.
    """
    try:
        noted: dict[str, str] = json.loads((folder / _NOTED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return  # a run of photographs alone, or of an earlier version
    changed = [name for name, sha256 in _datasets_of(sources).items() if noted.get(name) != sha256]
    if changed:
        raise CheckpointError(
            f"Images or labels of {name_some(changed)} have changed since the run in {folder} began; put back what it "
            "began with, or start it anew."
        )


def open_pools(photos: Sequence[PhotoFolder], *, validation_share: float, seed: int) -> tuple[PhotoPool, PhotoPool]:
    """Photographs to train on, and those kept for validation.

    Raises:
        ConfigurationError: there are none, or too few to divide.
    """
    try:
        pool = PhotoPool.open([folder.path for folder in photos])
        return pool.split(validation_share=validation_share, seed=seed)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"[data] photos cannot be used: {error}") from error


def photo_sources(photos: Sequence[PhotoFolder]) -> tuple[TrainingSource, ...]:
    """Folders of photographs as a card tells them."""
    return tuple(
        TrainingSource(name=photo.path.as_posix(), images=len(PhotoPool.open([photo.path])), terms=photo.terms)
        for photo in photos
    )


def _divide(table: DataTable, *, seed: int) -> tuple[_Part, ...]:
    """Divide all datasets at once: two of them may hold images of one photograph."""
    opened = [_checked(one) for one in table.datasets]
    _require_apart(table.datasets, opened)
    every = [item for dataset in opened for item in dataset.items]
    held_out = {item.image for item in split_by_source(every, share=table.validation_share, seed=seed)[0]}
    if not any(item.mask is not None and item.image in held_out for item in every):
        raise ConfigurationError(
            f"[data] datasets: no manipulated image can be kept for validation from {len(every)} images without "
            "dividing those that share a photograph; give more images, or a larger validation_share."
        )
    return tuple(
        _Part(
            table=one,
            sha256=fingerprint(dataset.items),
            count=len(dataset.items),
            training=tuple(item for item in dataset.items if item.image not in held_out),
            held_out=tuple(item for item in dataset.items if item.image in held_out),
        )
        for one, dataset in zip(table.datasets, opened, strict=True)
    )


def _checked(table: LabelledDataset) -> TamperedDataset:
    try:
        dataset = open_dataset(table.path)
        if table.boxes == "refuse":
            refuse_boxes_alone(dataset)
        for item in dataset.items:
            width, height = header_size(item.image)
            read_labels(item, size=(height, width), boxes=table.boxes)
        _require_upright(dataset)
    except DatasetError as error:
        raise ConfigurationError(f"[data] datasets: {error}") from error
    return dataset


def _require_upright(dataset: TamperedDataset) -> None:
    """Refuse images that viewers turn: it is not known which way their masks lie."""
    turned = [item.image.name for item in dataset.items if _orientation(item.image) != _UPRIGHT]
    if turned:
        raise DatasetError(
            f"{name_some(turned)} of {dataset.name} carry an EXIF orientation, which leaves open how their labels are "
            "turned; store them upright."
        )


def _orientation(image: Path) -> int:
    try:
        with Image.open(image) as opened:
            return int(opened.getexif().get(_ORIENTATION_TAG, _UPRIGHT))
    except DECODE_ERRORS as error:
        raise DatasetError(f"{image} cannot be read as an image: {error}.") from error


def _require_apart(tables: Sequence[LabelledDataset], opened: Sequence[TamperedDataset]) -> None:
    """Refuse an image that two datasets list: one could learn from it while the other holds it out."""
    owners: dict[Path, Path] = {}
    for table, dataset in zip(tables, opened, strict=True):
        for item in dataset.items:
            owner = owners.setdefault(item.image.resolve(), table.path)
            if owner != table.path:
                raise ConfigurationError(f"[data] datasets: {owner} and {table.path} both list {item.image}.")


def _mixed(table: DataTable, composites: Synthesizer | None, parts: Sequence[_Part]) -> MixedSource:
    augmentation = Augmentation(_MIRROR_SHARE, table.process_share) if table.augment else Augmentation()
    sources: list[tuple[LabelledSource, float]] = [
        (
            DatasetImages(
                part.training,
                untouched_share=table.untouched_share,
                boxes=part.table.boxes,
                augmentation=augmentation,
            ),
            part.table.weight,
        )
        for part in parts
        if part.training
    ]
    if composites is not None:
        sources.append((Composites(composites), table.photos_weight))
    return MixedSource(sources)


def _held_out(
    table: DataTable, composites: Synthesizer | None, parts: Sequence[_Part], *, side_px: int, seed: int
) -> HeldOutSamples:
    """Every source in its share of the count, images of datasets no more often than once."""
    photos_weight = 0.0 if composites is None else table.photos_weight
    total = photos_weight + sum(part.table.weight for part in parts)

    def count(weight: float) -> int:
        return max(1, round(table.validation_count * weight / total))

    items: list[tuple[DatasetItem, BoxUse]] = []
    for part in parts:
        if part.held_out:
            limited = TamperedDataset(name="", items=part.held_out).limited_to(count(part.table.weight))
            items.extend((item, part.table.boxes) for item in limited.items)
    made = None
    if composites is not None:
        made = _composites_of(composites, side_px=side_px, seed=seed, count=count(photos_weight))
    return HeldOutSamples(made, items, side_px=side_px)


def _composites_of(source: Synthesizer, *, side_px: int, seed: int, count: int) -> SynthesisDataset:
    return SynthesisDataset(source, side_px=side_px, seed=seed, stream=VALIDATION_STREAM, length=count, tile_share=0.0)


def _datasets_of(sources: Sequence[TrainingSource]) -> dict[str, str]:
    return {source.name: source.dataset_sha256 for source in sources if source.dataset_sha256}


def _source(part: _Part) -> TrainingSource:
    return TrainingSource(
        name=part.table.path.as_posix(), images=part.count, terms=part.table.terms, dataset_sha256=part.sha256
    )
