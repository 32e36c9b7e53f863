"""Composites made once for all rows, and the sets that rows are scored on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from boxprompt.contracts import BoolMask
from boxprompt.data.datasets import DatasetItem, TamperedDataset, read_rgb
from boxprompt.data.synthesis import PhotoPool, SynthesisConfig, Synthesizer, write_dataset
from boxprompt.errors import ConfigurationError
from boxprompt.evaluation.measuring import Known, group_names, load
from boxprompt.experiments.grid import MaterialTable
from boxprompt.training.run import synthesis_config

TRAINING, TEST = "training", "synthetic"
_RECORD = "material.json"


@dataclass(frozen=True, slots=True)
class ImageSet:
    """Images with what is known of them; decoded anew each time.

    Attributes:
        name: in tables.
        items: images in a fixed order.
        groups: of each; images of different groups share no photograph.
    """

    name: str
    items: tuple[DatasetItem, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.items)

    def known(self, index: int) -> Known:
        """Decode one image and its mask.

        Raises:
            UnreadableImageError: one of them cannot be read.
        """
        return load(self.items[index], group=self.groups[index], read=read_rgb)

    def truth(self, index: int) -> BoolMask:
        """The mask of one image, bool (H, W)."""
        return self.known(index).truth


def make_material(table: MaterialTable, *, photos: Path, folder: Path) -> tuple[ImageSet, ImageSet]:
    """Make the composites to train and to test on, or find them where an earlier call made them.

    The photographs of the test are held out from training; they are dealt into groups, and a composite is made of one
    group alone, so that groups are independent of each other.

    Args:
        table: what to make.
        photos: folder that the table's own are relative to.
        folder: where the images go.

    Returns:
        The composites to train on, untouched ones among them, and those of the test, all manipulated.

    Raises:
        ConfigurationError: too few photographs, synthesis fields that do not exist, or the folder holds other material.
    """
    _claim(folder, table)
    synthesis = synthesis_config(table.synthesis)
    try:
        pool = PhotoPool.open([photos / name for name in table.photos])
        learned, held_out = pool.split(validation_share=table.held_out_share, seed=table.split_seed)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"[material] photos cannot be used: {error}.") from error
    _write(learned, synthesis, folder / TRAINING, count=table.training_count, seed=table.seed)
    groups = _deal(held_out, table)
    manipulated = _without_untouched(synthesis)
    for number, group in enumerate(groups):
        _write(
            group, manipulated, folder / TEST / f"{number:03d}", count=table.test_count, seed=table.seed + 1 + number
        )
    return _training_set(folder / TRAINING), _test_set(sorted((folder / TEST).iterdir()))


def forgeries(dataset: Path) -> ImageSet:
    """The manipulated images of a dataset, in groups that share source photographs.

    Raises:
        DatasetError: it is none.
    """
    found = TamperedDataset.open(dataset)
    names = group_names(found.items)
    return ImageSet(found.name, found.manipulated, tuple(names[item.image] for item in found.manipulated))


def _claim(folder: Path, table: MaterialTable) -> None:
    record: dict[str, Any] = table.model_dump(mode="json")
    path = folder / _RECORD
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(json.dumps(record, indent=1), encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != record:
        raise ConfigurationError(f"{folder} holds the material of another grid; choose another folder.")


def _write(pool: PhotoPool, synthesis: SynthesisConfig, folder: Path, *, count: int, seed: int) -> None:
    if folder.exists():
        return
    beside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    write_dataset(Synthesizer(pool, synthesis), beside, count=count, seed=seed)
    beside.rename(folder)


def _deal(pool: PhotoPool, table: MaterialTable) -> list[PhotoPool]:
    wanted = table.test_groups * table.test_photos
    if len(pool) < wanted:
        raise ConfigurationError(
            f"{len(pool)} photographs are held out, but the test wants {wanted}; ask for fewer groups."
        )
    order = np.random.default_rng((table.split_seed, table.seed)).permutation(len(pool))[:wanted]
    return [
        PhotoPool([pool.photographs[index] for index in part])
        for part in order.reshape(table.test_groups, table.test_photos)
    ]


def _without_untouched(synthesis: SynthesisConfig) -> SynthesisConfig:
    return SynthesisConfig.from_mapping({**synthesis.to_mapping(), "authentic": 0.0})


def _training_set(folder: Path) -> ImageSet:
    items = TamperedDataset.open(folder).items
    return ImageSet(TRAINING, items, tuple(item.name for item in items))


def _test_set(folders: Sequence[Path]) -> ImageSet:
    parts = [(item, folder.name) for folder in folders for item in TamperedDataset.open(folder).manipulated]
    return ImageSet(TEST, tuple(item for item, _ in parts), tuple(group for _, group in parts))
