"""Samples of labelled images: decoded once, shown flipped, cropped and compressed anew, the same ones for a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from boxprompt.contracts import IGNORE_LABEL, LabelMask, RgbImage
from boxprompt.data.datasets import DatasetItem, UnreadableImageError
from boxprompt.data.degrade import jpeg
from boxprompt.data.labels import read_labels
from boxprompt.inference.preprocess import resize_to_square
from boxprompt.training.finetune_config import FinetuneRecipe
from boxprompt.training.samples import squeeze_labels

ReadRgb = Callable[[Path], RgbImage]
ReadLabels = Callable[[DatasetItem], LabelMask | None]

# Larger images are kept reduced to this many input sides on their shorter side: a crop still has no less than one.
_KEPT_SIDES = 2


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """An image as it is learned from.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        target: float32 (H, W) in [0, 1], share of the pixel that is manipulated.
        labelled: bool (H, W), False where the label is unknown.
    """

    image: RgbImage
    target: NDArray[np.float32]
    labelled: NDArray[np.bool_]

    @classmethod
    def of(cls, image: RgbImage, labels: LabelMask) -> LabelledImage:
        """From an image and its labels uint8 (H, W): 0, 1, or 255 where unknown.

        Raises:
            ValueError: sizes differ.
        """
        if labels.shape != image.shape[:2]:
            raise ValueError(f"the image is {image.shape[:2]} but its labels are {labels.shape}")
        return cls(image, (labels == 1).astype(np.float32), labels != IGNORE_LABEL)

    def resized(self, size: tuple[int, int]) -> LabelledImage:
        """At (rows, columns), by area averages where it shrinks; see `boxprompt.training.samples.squeeze_labels`."""
        rows, columns = size
        area = cv2.INTER_AREA if min(self.target.shape) >= min(size) else cv2.INTER_LINEAR
        target, labelled = squeeze_labels(self.target, self.labelled, size=size)
        # One path for pixels to the network, here as in inference: what differs from it is learned as a trace.
        image = (
            resize_to_square(self.image, rows)
            if rows == columns
            else np.asarray(cv2.resize(self.image, (columns, rows), interpolation=area), dtype=np.uint8)
        )
        return LabelledImage(image, target, labelled)


def mask_labels(item: DatasetItem) -> LabelMask | None:
    """Labels of a dataset's item, see `boxprompt.data.labels.read_labels`; None for an untouched image.

    Raises:
        UnreadableImageError: its mask cannot be read, or marks nothing.
        DatasetError: only boxes are known.
    """
    return None if item.mask is None else read_labels(item)


def load(item: DatasetItem, *, side_px: int, read: ReadRgb, read_labels: ReadLabels = mask_labels) -> LabelledImage:
    """Decode one image with its labels, reduced to twice the input side where it is larger.

    Raises:
        UnreadableImageError: either cannot be read, or they do not fit together.
    """
    image = read(item.image)
    labels = read_labels(item)
    if labels is None:
        labels = np.zeros(image.shape[:2], dtype=np.uint8)
    if labels.shape != image.shape[:2]:
        raise UnreadableImageError(
            f"{item.image} was decoded to {image.shape[1]}x{image.shape[0]} pixels, "
            f"but its mask has {labels.shape[1]}x{labels.shape[0]}."
        )
    whole = LabelledImage.of(image, labels)
    factor = _KEPT_SIDES * side_px / min(labels.shape)
    if factor >= 1:
        return whole
    rows, columns = (round(side * factor) for side in labels.shape)
    return whole.resized((rows, columns))


class FinetuneSamples(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Numbered training samples.

    Items are (uint8 (S, S, 3), float32 (1, S, S) target, bool (1, S, S) labelled). Sample i draws from a generator
    seeded by (seed, i), so that a resumed run sees what it would have seen.
    """

    def __init__(
        self,
        manipulated: Sequence[LabelledImage],
        untouched: Sequence[LabelledImage],
        *,
        recipe: FinetuneRecipe,
        side_px: int,
        seed: int,
    ) -> None:
        assert manipulated
        self._manipulated, self._untouched = manipulated, untouched
        self._recipe, self._side_px, self._seed = recipe, side_px, seed

    def __len__(self) -> int:
        """Number of samples in the run."""
        return self._recipe.steps * self._recipe.batch_size

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        """Make sample `index`."""
        rng = np.random.default_rng((self._seed, index))
        untouched = rng.random() < self._recipe.untouched_share and len(self._untouched) > 0
        images = self._untouched if untouched else self._manipulated
        drawn = _augmented(images[int(rng.integers(len(images)))], self._recipe, rng)
        return as_tensors(drawn.resized((self._side_px, self._side_px)))


def as_tensors(one: LabelledImage) -> tuple[Tensor, Tensor, Tensor]:
    """As the network takes it: (uint8 (S, S, 3), float32 (1, S, S) target, bool (1, S, S) labelled)."""
    image, target, labelled = (np.ascontiguousarray(array) for array in (one.image, one.target, one.labelled))
    return torch.from_numpy(image), torch.from_numpy(target)[None], torch.from_numpy(labelled)[None]


def _augmented(one: LabelledImage, recipe: FinetuneRecipe, rng: np.random.Generator) -> LabelledImage:
    image, target, labelled = one.image, one.target, one.labelled
    if rng.random() < recipe.crop_share:
        window = _window(target.shape, float(rng.uniform(recipe.crop_least, 1.0)), rng)
        image, target, labelled = image[window], target[window], labelled[window]
    if rng.random() < recipe.jpeg_share:
        low, high = recipe.jpeg_quality
        image = jpeg(np.ascontiguousarray(image), quality=int(rng.integers(low, high + 1)))
    if rng.random() < 0.5:
        image, target, labelled = image[:, ::-1], target[:, ::-1], labelled[:, ::-1]
    return LabelledImage(np.ascontiguousarray(image), np.ascontiguousarray(target), np.ascontiguousarray(labelled))


def _window(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> tuple[slice, slice]:
    kept = [max(1, round(side * share)) for side in shape]
    starts = [int(rng.integers(side - part + 1)) for side, part in zip(shape, kept, strict=True)]
    rows, columns = (slice(start, start + part) for start, part in zip(starts, kept, strict=True))
    return rows, columns
