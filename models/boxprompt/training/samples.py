"""Training samples by number: sample i is the same whatever process makes it and whenever a run resumes."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from boxprompt.contracts import IGNORE_LABEL, BoolMask, LabelMask, RgbImage
from boxprompt.inference.preprocess import resize_to_square

LEAST_LABELLED = 0.25
"""Share of a pixel that must be labelled for it to have a label."""


class LabelledImage(Protocol):
    """An image with its mask, as a synthesizer makes them."""

    @property
    def image(self) -> RgbImage:
        """uint8 (H, W, 3) RGB."""
        ...

    @property
    def mask(self) -> BoolMask:
        """Bool (H, W), True where manipulated."""
        ...


class SampleSource(Protocol):
    """Draws labelled images, fully determined by the generator handed in."""

    def sample(self, rng: np.random.Generator) -> LabelledImage:
        """Draw one."""
        ...


class NumberedSamples(Protocol):
    """Samples by number: uint8 (S, S, 3) RGB, the share manipulated, float32 (1, S, S), and perhaps what is labelled.

    The third, bool (1, S, S), is False where the label is unknown; without it all of them are known.
    """

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        """Make one."""
        ...


def whole_view(image: RgbImage, mask: BoolMask, side_px: int) -> tuple[RgbImage, NDArray[np.float32]]:
    """The whole image squeezed to a square, and the share of manipulated pixels under each of its pixels.

    Returns:
        uint8 (S, S, 3) and float32 (S, S) in [0, 1].
    """
    area = cv2.INTER_AREA if min(mask.shape) >= side_px else cv2.INTER_LINEAR
    target = cv2.resize(mask.astype(np.float32), (side_px, side_px), interpolation=area)
    return resize_to_square(image, side_px), np.asarray(target, dtype=np.float32)


def labelled_view(
    image: RgbImage, labels: LabelMask, side_px: int
) -> tuple[RgbImage, NDArray[np.float32], NDArray[np.bool_]]:
    """The whole image squeezed to a square, with labels of some of its pixels; see `squeeze_labels`.

    Args:
        image: uint8 (H, W, 3) RGB.
        labels: uint8 (H, W), 1 manipulated, 0 untouched, 255 unknown.
        side_px: side S of the square.

    Returns:
        uint8 (S, S, 3), float32 (S, S) in [0, 1] and bool (S, S).
    """
    target, labelled = squeeze_labels((labels == 1).astype(np.float32), labels != IGNORE_LABEL, size=(side_px, side_px))
    return resize_to_square(image, side_px), target, labelled


def squeeze_labels(
    target: NDArray[np.float32], labelled: NDArray[np.bool_], *, size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Labels at another size, by area averages where they shrink.

    A pixel takes its label from what is labelled under it, and has one where that is a quarter of it or more: a stroke
    is thinner than a pixel of the network's input, and would else be lost. (Ours.)

    Args:
        target: float32 (H, W) in [0, 1], share of the pixel that is manipulated; anything where it is not labelled.
        labelled: bool (H, W).
        size: (rows, columns).

    Returns:
        Both at that size.
    """
    rows, columns = size
    smaller = (min(columns, target.shape[1]), min(rows, target.shape[0]))

    def resized(values: NDArray[np.float32]) -> NDArray[np.float32]:
        # Axis by axis: OpenCV averages areas only where both shrink, and would step over strokes in a long, low image.
        shrunk = cv2.resize(values, smaller, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(shrunk, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)

    if labelled.all():
        return resized(target), np.ones(size, dtype=np.bool_)
    known = resized(labelled.astype(np.float32))
    manipulated = resized(np.where(labelled, target, np.float32(0)))
    share = np.divide(manipulated, known, out=np.zeros_like(known), where=known > 0)
    return share.clip(0, 1), known >= LEAST_LABELLED


def native_tile(
    image: RgbImage, mask: BoolMask, side_px: int, rng: np.random.Generator
) -> tuple[RgbImage, NDArray[np.float32]]:
    """A square crop at native scale, half the time around a manipulated pixel if there is one.

    An image smaller than the tile is shown whole instead.

    Returns:
        uint8 (S, S, 3) and float32 (S, S) in {0, 1}.
    """
    window = _tile_window(mask, side_px, rng)
    if window is None:
        return whole_view(image, mask, side_px)
    return np.ascontiguousarray(image[window]), mask[window].astype(np.float32)


def labelled_tile(
    image: RgbImage, labels: LabelMask, side_px: int, rng: np.random.Generator
) -> tuple[RgbImage, NDArray[np.float32], NDArray[np.bool_]]:
    """As `native_tile`, with labels of some of the pixels: uint8 (H, W), 1 manipulated, 0 untouched, 255 unknown.

    Returns:
        uint8 (S, S, 3), float32 (S, S) in [0, 1] and bool (S, S).
    """
    window = _tile_window(labels == 1, side_px, rng)
    if window is None:
        return labelled_view(image, labels, side_px)
    shown = labels[window]
    return np.ascontiguousarray(image[window]), (shown == 1).astype(np.float32), shown != IGNORE_LABEL


def _tile_window(mask: BoolMask, side_px: int, rng: np.random.Generator) -> tuple[slice, slice] | None:
    """Rows and columns of a tile; None where the image is smaller than one."""
    height, width = mask.shape
    if height < side_px or width < side_px:
        return None
    top, left = int(rng.integers(height - side_px + 1)), int(rng.integers(width - side_px + 1))
    if rng.random() < 0.5 and mask.any():
        rows, columns = np.nonzero(mask)
        chosen = int(rng.integers(len(rows)))
        top = int(np.clip(rows[chosen] - rng.integers(side_px), 0, height - side_px))
        left = int(np.clip(columns[chosen] - rng.integers(side_px), 0, width - side_px))
    return slice(top, top + side_px), slice(left, left + side_px)


class SynthesisDataset(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Numbered samples of a source.

    Items are (uint8 (S, S, 3), float32 (1, S, S)). Sample i draws from a generator seeded by (seed, stream, i).
    """

    def __init__(
        self, source: SampleSource, *, side_px: int, seed: int, stream: int, length: int, tile_share: float
    ) -> None:
        self._source = source
        self._side_px = side_px
        self._seed = (seed, stream)
        self._length = length
        self._tile_share = tile_share

    def __len__(self) -> int:
        """Number of samples in the run."""
        return self._length

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Make sample `index`."""
        rng = np.random.default_rng((*self._seed, index))
        drawn = self._source.sample(rng)
        if rng.random() < self._tile_share:
            image, target = native_tile(drawn.image, drawn.mask, self._side_px, rng)
        else:
            image, target = whole_view(drawn.image, drawn.mask, self._side_px)
        if rng.random() < 0.5:
            image, target = image[:, ::-1], target[:, ::-1]
        return torch.from_numpy(np.ascontiguousarray(image)), torch.from_numpy(np.ascontiguousarray(target))[None]


class From(Sampler[int]):
    """Sample numbers in order, beginning where a resumed run stopped."""

    def __init__(self, dataset: Sized, *, start: int) -> None:
        self._range = range(start, len(dataset))

    def __iter__(self) -> Iterator[int]:
        """Yield sample numbers."""
        return iter(self._range)

    def __len__(self) -> int:
        """Samples left."""
        return len(self._range)


def single_threaded_worker(_: int) -> None:
    """Keep a loader process to one thread: the cores belong to the network."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
