"""Training samples of labelled datasets, alone or beside composites: every source in its share of the draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import Dataset

from boxprompt.contracts import LabelMask, RgbImage
from boxprompt.data.augment import mirrored, post_processed
from boxprompt.data.datasets import DatasetItem, read_rgb
from boxprompt.data.labels import BoxUse, read_labels
from boxprompt.training.samples import SampleSource, SynthesisDataset, labelled_tile, labelled_view

Tensors = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""uint8 (S, S, 3) RGB, float32 (1, S, S) share manipulated of what is labelled, bool (1, S, S) whether it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """An image with labels of its pixels.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        labels: uint8 (H, W), 1 manipulated, 0 untouched, 255 unknown.
    """

    image: RgbImage
    labels: LabelMask


class LabelledSource(Protocol):
    """Draws images with labels, fully determined by the generator handed in."""

    def sample(self, rng: np.random.Generator) -> Drawn:
        """Draw one."""
        ...


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What becomes of a dataset's image before it is seen.

    Attributes:
        mirror_share: chance that left and right are exchanged.
        process_share: chance that it is post-processed, see `boxprompt.data.augment`.
    """

    mirror_share: float = 0.0
    process_share: float = 0.0

    def apply(self, drawn: Drawn, rng: np.random.Generator) -> Drawn:
        """Augment an image; the same number of draws decides, whatever comes of them."""
        mirror, process = rng.random(2)
        image, labels = drawn.image, drawn.labels
        if mirror < self.mirror_share:
            image, labels = mirrored(image, labels)
        if process < self.process_share:
            image, labels = post_processed(image, labels, rng)
        return Drawn(image, labels)


class DatasetImages:
    """The training images of one dataset; an untouched one in some of the draws, however many there are of them.

    Args (of the constructor):
        items: at least one.
        untouched_share: share of the draws that are untouched images, where there are both kinds.
        boxes: what becomes of images of which only boxes are known.
        augmentation: of every image drawn.
    """

    def __init__(
        self, items: Sequence[DatasetItem], *, untouched_share: float, boxes: BoxUse, augmentation: Augmentation
    ) -> None:
        assert items
        self._manipulated = tuple(item for item in items if item.mask is not None)
        self._untouched = tuple(item for item in items if item.mask is None)
        self._untouched_share = untouched_share
        self._boxes = boxes
        self._augmentation = augmentation

    def sample(self, rng: np.random.Generator) -> Drawn:
        """Draw one.

        Raises:
            UnreadableImageError: the image or its labels cannot be read, or do not fit together.
        """
        untouched = rng.random() < self._untouched_share
        items = (self._untouched if untouched else self._manipulated) or self._manipulated or self._untouched
        return self._augmentation.apply(read_labelled(items[int(rng.integers(len(items)))], boxes=self._boxes), rng)


class Composites:
    """Composites beside datasets: mirrored half of the time, as composites alone are."""

    def __init__(self, source: SampleSource) -> None:
        self._source = source

    def sample(self, rng: np.random.Generator) -> Drawn:
        """Make one."""
        made = self._source.sample(rng)
        image, labels = made.image, made.mask.astype(np.uint8)
        return Drawn(*mirrored(image, labels)) if rng.random() < 0.5 else Drawn(image, labels)


class MixedSource:
    """Sources that are drawn from by weight, so that a large one does not drown a small one."""

    def __init__(self, parts: Sequence[tuple[LabelledSource, float]]) -> None:
        """Take the sources, each with its weight, which is more than 0."""
        self._sources = tuple(source for source, _ in parts)
        weights = np.array([weight for _, weight in parts], dtype=np.float64)
        self._ends = np.cumsum(weights / weights.sum())

    def sample(self, rng: np.random.Generator) -> Drawn:
        """Draw a source, then from it."""
        place = int(np.searchsorted(self._ends, rng.random(), side="right"))
        return self._sources[min(place, len(self._sources) - 1)].sample(rng)


class LabelledSamples(Dataset[Tensors]):
    """Numbered samples of labelled images. Sample i draws from a generator seeded by (seed, stream, i)."""

    def __init__(
        self, source: LabelledSource, *, side_px: int, seed: int, stream: int, length: int, tile_share: float
    ) -> None:
        self._source = source
        self._side_px = side_px
        self._seed = (seed, stream)
        self._length = length
        self._tile_share = tile_share

    def __len__(self) -> int:
        """Number of samples in the run."""
        return self._length

    def __getitem__(self, index: int) -> Tensors:
        """Make sample `index`."""
        rng = np.random.default_rng((*self._seed, index))
        drawn = self._source.sample(rng)
        if rng.random() < self._tile_share:
            return as_tensors(*labelled_tile(drawn.image, drawn.labels, self._side_px, rng))
        return as_tensors(*labelled_view(drawn.image, drawn.labels, self._side_px))


class HeldOutSamples(Dataset[Tensors]):
    """Composites, then images as they are, whole, in their order: what a run is validated on."""

    def __init__(
        self, composites: SynthesisDataset | None, items: Sequence[tuple[DatasetItem, BoxUse]], *, side_px: int
    ) -> None:
        self._composites = composites
        self._items = tuple(items)
        self._side_px = side_px

    def __len__(self) -> int:
        """Number of samples."""
        return self._composite_count + len(self._items)

    def __getitem__(self, index: int) -> Tensors:
        """Make sample `index`."""
        if self._composites is not None and index < self._composite_count:
            image, target = self._composites[index]
            return image, target, torch.ones_like(target, dtype=torch.bool)
        item, boxes = self._items[index - self._composite_count]
        drawn = read_labelled(item, boxes=boxes)
        return as_tensors(*labelled_view(drawn.image, drawn.labels, self._side_px))

    @property
    def _composite_count(self) -> int:
        return 0 if self._composites is None else len(self._composites)


def read_labelled(item: DatasetItem, *, boxes: BoxUse) -> Drawn:
    """Decode an image with its labels.

    Raises:
        UnreadableImageError: either cannot be read, or they do not fit together.
        DatasetError: only boxes are known, and they are not to be filled.
    """
    image = read_rgb(item.image)
    rows, columns = image.shape[:2]
    return Drawn(image, read_labels(item, size=(rows, columns), boxes=boxes))


def numbered_samples(
    source: SampleSource | MixedSource, *, side_px: int, seed: int, stream: int, length: int, tile_share: float
) -> Dataset[Any]:
    """The numbered samples of a source; those of a mixed one say what is labelled, those of composites alone need not.

    Args:
        source: composites alone, or datasets with or without composites.
        side_px: side S of a sample.
        seed: of the run.
        stream: training's or validation's.
        length: number of samples.
        tile_share: share of samples that are a native-scale square crop.
    """
    if isinstance(source, MixedSource):
        return LabelledSamples(source, side_px=side_px, seed=seed, stream=stream, length=length, tile_share=tile_share)
    return SynthesisDataset(source, side_px=side_px, seed=seed, stream=stream, length=length, tile_share=tile_share)


def as_tensors(image: RgbImage, target: np.ndarray, labelled: np.ndarray) -> Tensors:
    """Arrays of a sample, (S, S, 3) and twice (S, S), as tensors of their own."""
    arrays = (np.array(image), np.array(target)[None], np.array(labelled)[None])
    image_tensor, target_tensor, labelled_tensor = (torch.from_numpy(array) for array in arrays)
    return image_tensor, target_tensor, labelled_tensor
