"""What fine-tuning must not lose: the same composites for every weights, made of a few photographs at hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data.datasets import TamperedDataset
from boxprompt.data.synthesis import PhotoPool, Synthesizer, write_dataset

COMPOSITES = 64
SEED = 20251120
_GRID_PX = 8


def untouched_part(image: RgbImage, mask: BoolMask | None) -> RgbImage:
    """The largest of the four parts beside, above and below a manipulation, on the 8×8 grid of its compression.

    Args:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), where it was manipulated; None, or nowhere: the whole image.
    """
    if mask is None or not mask.any():
        return image
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    below, right = (-(-(int(line[-1]) + 1) // _GRID_PX) * _GRID_PX for line in (rows, columns))
    parts = (image[: rows[0]], image[below:], image[:, : columns[0]], image[:, right:])
    return np.ascontiguousarray(max(parts, key=lambda part: part.size))


def retention_set(
    photographs: Mapping[str, RgbImage], folder: Path, *, count: int = COMPOSITES, seed: int = SEED
) -> TamperedDataset:
    """Make composites of photographs, with exact masks, and some that are left untouched.

    The same photographs, count, seed and OpenCV give the same bytes.

    Args:
        photographs: uint8 (H, W, 3) RGB by name; two at least.
        folder: empty or absent; photographs and composites are written below it.
        count: images in all.
        seed: of the set.

    Raises:
        OSError: the folder takes no files.
        ValueError: the photographs are too few or too small.
    """
    sources = folder / "photographs"
    sources.mkdir(parents=True)
    for name, pixels in photographs.items():
        written = cv2.imwrite(str(sources / f"{name}.png"), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        if not written:
            raise OSError(f"{sources} takes no files")
    composites = folder / "composites"
    write_dataset(Synthesizer(PhotoPool.open([sources])), composites, count=count, seed=seed)
    return TamperedDataset.open(composites)
