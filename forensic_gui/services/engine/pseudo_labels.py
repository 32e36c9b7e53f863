"""Datasets whose masks are to be made anew from boxes: what the library knows of both."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Box
from forensic_gui.services.engine.translation import translated

# A mask's crumbs get no box of their own: nobody would draw one.
_LEAST_SHARE_OF_MASK = 0.05


@dataclass(frozen=True, slots=True)
class KnownImage:
    """An image of a dataset.

    Attributes:
        image: its file.
        mask: its mask's file; None for an untouched one.
    """

    image: Path
    mask: Path | None


def known_images(folder: Path) -> Iterator[KnownImage]:
    """The images of a dataset with `Tp`, `Gt` and perhaps `Au`.

    Raises:
        RequestError: the folder is none.
    """
    from boxprompt.data.datasets import TamperedDataset  # OpenCV: tenths

    with translated():
        items = TamperedDataset.open(folder).items
    return (KnownImage(item.image, item.mask) for item in items)


def read_known_mask(path: Path) -> NDArray[np.bool_]:
    """A dataset's mask, bool (H, W).

    Raises:
        RequestError: it cannot be read.
    """
    from boxprompt.data.datasets import read_mask

    with translated():
        return read_mask(path)


def loose_boxes(mask: NDArray[np.bool_], *, looseness: float, seed: int, name: str) -> tuple[Box, ...]:
    """Boxes as a hurried hand draws them around the regions of a mask; see `boxprompt.teacher.prompts.loose_box`.

    Args:
        mask: bool (H, W); regions touch by an edge or a corner, and those under 5 % of the mask get no box.
        looseness: each side of a tight box moves outwards by up to this share of that box's side.
        seed: of all images.
        name: of this image: the same seed and name give the same boxes, whatever else is in the dataset.
    """
    import cv2

    from boxprompt.teacher.prompts import loose_box

    generator = np.random.default_rng((seed, zlib.crc32(name.encode("utf-8", "surrogatepass"))))
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    regions = [labels == label for label in range(1, count)]
    least = _LEAST_SHARE_OF_MASK * np.count_nonzero(mask)
    return tuple(
        Box(*loose_box(region, generator=generator, looseness=looseness))
        for region in regions
        if np.count_nonzero(region) >= least
    )
