"""Samples of the trace stem: crops of composites at their own scale, on the grid that compression left."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import Dataset

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.network.trace.statistics import ALIGNMENT_PX
from boxprompt.training.samples import SampleSource


def aligned_crop(
    image: RgbImage, mask: BoolMask, *, side_px: int, rng: np.random.Generator
) -> tuple[RgbImage, BoolMask]:
    """A square crop that starts on the image's grid of 16 pixels, as a whole image does.

    Blocks of 8×8 pixels, and of 16×16 where chroma was stored halved, then lie in the crop as they lie in the image.
    An image smaller than the crop is mirrored beyond its right and lower border.

    Args:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), True where manipulated.
        side_px: side S of the crop.
        rng: source of randomness.

    Returns:
        uint8 (S, S, 3) and bool (S, S).
    """
    missing = [(0, max(0, side_px - side)) for side in mask.shape]
    # "symmetric" also mirrors more than once, where an image is much smaller than a crop.
    image = np.pad(image, (*missing, (0, 0)), mode="symmetric")
    mask = np.pad(mask, missing, mode="symmetric")
    top, left = (ALIGNMENT_PX * int(rng.integers((side - side_px) // ALIGNMENT_PX + 1)) for side in mask.shape)
    window = (slice(top, top + side_px), slice(left, left + side_px))
    return np.ascontiguousarray(image[window]), np.ascontiguousarray(mask[window])


class AlignedCropDataset(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Numbered crops of a source.

    Items are (uint8 (S, S, 3), float32 (1, S, S)). Crop i draws from a generator seeded by (seed, stream, i).
    """

    def __init__(self, source: SampleSource, *, side_px: int, seed: int, stream: int, length: int) -> None:
        self._source = source
        self._side_px = side_px
        self._seed = (seed, stream)
        self._length = length

    def __len__(self) -> int:
        """Number of crops in the run."""
        return self._length

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Make crop `index`."""
        rng = np.random.default_rng((*self._seed, index))
        drawn = self._source.sample(rng)
        image, mask = aligned_crop(drawn.image, drawn.mask, side_px=self._side_px, rng=rng)
        target = mask.astype(np.float32)
        # A mirrored crop is on its grid again: its side is a multiple of the grid's.
        if rng.random() < 0.5:
            image, target = image[:, ::-1], target[:, ::-1]
        return torch.from_numpy(np.ascontiguousarray(image)), torch.from_numpy(np.ascontiguousarray(target))[None]
