"""Datasets whose masks are to be made anew from boxes: what the library knows of both."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.geometry import Box, Size
from forensic_gui.services.engine.translation import translated

if TYPE_CHECKING:
    from boxprompt.data.datasets import DatasetItem

# A mask's crumbs get no box of their own: nobody would draw one.
_LEAST_SHARE_OF_MASK = 0.05


@dataclass(frozen=True, slots=True)
class KnownImage:
    """An image of a dataset.

    Attributes:
        item: the library's own record.
    """

    item: DatasetItem

    @property
    def image(self) -> Path:
        """Its file."""
        return self.item.image

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was done to it."""
        return self.item.mask is None

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes that the dataset gives; none where it gives masks only."""
        return tuple(Box(*box) for box in self.item.boxes)

    @property
    def kind(self) -> str:
        """What was done, as far as it is stated."""
        return self.item.kind

    @property
    def sources(self) -> tuple[str, ...]:
        """Photographs it was made of, in order."""
        return tuple(sorted(self.item.sources))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a mask meets the known one; see `boxprompt.teacher.pseudo_masks.MaskScores`.

    Attributes:
        iou: intersection over union, in [0, 1].
        boundary_f: of the outlines, in [0, 1].
    """

    iou: float
    boundary_f: float


def known_images(dataset: Path) -> tuple[KnownImage, ...]:
    """The images of a dataset in any layout of `boxprompt.data.layouts.open_dataset`.

    Raises:
        RequestError: it is none, or has scribbles, of which no box can be drawn.
    """
    from boxprompt.data.layouts import open_dataset  # OpenCV: tenths
    from boxprompt.data.truth import Scribbles

    with translated():
        items = open_dataset(dataset).items
    if any(isinstance(item.mask, Scribbles) for item in items):
        raise RequestError(f"{dataset} has scribbles: pseudo-masks are made of boxes, given or drawn around masks.")
    return tuple(map(KnownImage, items))


def read_known_mask(known: KnownImage, *, size: Size | None = None) -> NDArray[np.bool_] | None:
    """The mask of a manipulated image, bool (H, W); None where only boxes are known.

    Args:
        known: the image.
        size: that it was decoded to; None does not compare.

    Raises:
        RequestError: it cannot be read, has another size, or marks nothing.
    """
    from boxprompt.data.labels import read_truth
    from boxprompt.data.truth import Unknown

    if isinstance(known.item.mask, Unknown):
        return None
    with translated():
        return read_truth(known.item, size=None if size is None else size.shape)


def fill_boxes(boxes: Sequence[Box], size: Size) -> NDArray[np.bool_]:
    """The pixels of an image whose centre lies in any of the boxes: bool (H, W)."""
    from boxprompt.data.labels import fill_boxes as fill

    return fill([(box.x0, box.y0, box.x1, box.y1) for box in boxes], size.shape)


def agreement(made: NDArray[np.bool_], known: NDArray[np.bool_]) -> Agreement:
    """How a mask, bool (H, W), meets the known one of its size."""
    from boxprompt.teacher.pseudo_masks import score_mask

    scores = score_mask(made, known)
    return Agreement(iou=scores.iou, boundary_f=scores.boundary_f)


def edit_sizes() -> tuple[str, ...]:
    """Names of the buckets of edits by size, the smallest first."""
    from boxprompt.evaluation.summary import EDIT_SIZES

    return tuple(name for _, name in EDIT_SIZES)


def edit_size_name(share: float) -> str:
    """Bucket of an edit by the share of the image it covers, as evaluations have them."""
    from boxprompt.evaluation import summary

    return summary.edit_size_name(share)


def source_groups(images: Sequence[KnownImage]) -> dict[str, str]:
    """Name of the group of images that share a photograph, by the name of each manipulated image's file."""
    from boxprompt.evaluation.measuring import group_names

    by_path = group_names([known.item for known in images])
    return {known.image.name: by_path[known.image] for known in images if not known.is_untouched}


def interval_of_mean(values: Sequence[float], groups: Sequence[str]) -> tuple[float, float]:
    """95 % interval of the mean of at least one value, by resampling groups; see `boxprompt.evaluation.intervals`."""
    from boxprompt.evaluation.intervals import estimate

    found = estimate(values, groups)
    assert found.low is not None and found.high is not None
    return found.low, found.high


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
