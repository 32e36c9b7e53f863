"""Numbered crops of composites."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch.utils.data import Dataset

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.training.samples import SampleSource


class Crop(Protocol):
    """Cuts a square out of a composite. Goes to other processes, so it is made of plain functions."""

    def __call__(self, image: RgbImage, mask: BoolMask, *, rng: np.random.Generator) -> tuple[RgbImage, BoolMask]:
        """uint8 (S, S, 3) and bool (S, S), of uint8 (H, W, 3) RGB and bool (H, W), True where manipulated."""
        ...


class CropDataset(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Numbered crops of a source, half of them mirrored.

    Items are (uint8 (S, S, 3), float32 (1, S, S)). Crop i draws from a generator seeded by (seed, stream, i).
    """

    def __init__(self, source: SampleSource, *, crop: Crop, seed: int, stream: int, length: int) -> None:
        self._source = source
        self._crop = crop
        self._seed = (seed, stream)
        self._length = length

    def __len__(self) -> int:
        """Number of crops in the run."""
        return self._length

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Make crop `index`."""
        rng = np.random.default_rng((*self._seed, index))
        drawn = self._source.sample(rng)
        image, mask = self._crop(drawn.image, drawn.mask, rng=rng)
        target = mask.astype(np.float32)
        # A mirrored crop is on its grid again: its side is a multiple of the grid's.
        if rng.random() < 0.5:
            image, target = image[:, ::-1], target[:, ::-1]
        return torch.from_numpy(np.ascontiguousarray(image)), torch.from_numpy(np.ascontiguousarray(target))[None]
