"""Masks: sets of evidence pixels, run-length encoded, immutable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.run_text import run_text, runs_of_text
from forensic_gui.domain.runs import (
    Edges,
    Inside,
    columns_of,
    combine,
    edges_of_flat,
    edges_of_lengths,
    lengths_of_edges,
    place,
    transposed,
)


@dataclass(frozen=True, slots=True)
class PixelBox:
    """Whole pixels: columns [left, left + width), rows [top, top + height); may be empty."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, columns), for arrays."""
        return (slice(self.top, self.top + self.height), slice(self.left, self.left + self.width))

    @property
    def size(self) -> Size:
        """Its size; a ValueError where it is empty."""
        return Size(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Mask:
    """A set of pixels of an image of a known size: holes and separate parts are as they are.

    The pixels are counted down the columns, left to right (COCO's order), in runs that alternate between outside and
    inside and begin outside; the first run may be 0 long, no other one is.

    Attributes:
        size: of the image.
        runs: run lengths as little-endian uint32, which sum up to the number of pixels.
    """

    size: Size
    runs: bytes = field(repr=False)

    def __post_init__(self) -> None:
        lengths = self.lengths
        if int(lengths.sum(dtype=np.int64)) != self.size.pixels or (lengths[1:] == 0).any():
            raise ValueError(f"the runs of a mask cover its {self.size.width}x{self.size.height} pixels, none empty")

    @classmethod
    def of(cls, inside: NDArray[np.bool_]) -> Mask:
        """The mask of an array, bool (H, W), True inside."""
        if inside.dtype != np.bool_ or inside.ndim != 2:
            raise ValueError(f"a mask is bool (H, W), not {inside.dtype} {inside.shape}")
        return cls.of_edges(Size.of(inside), edges_of_flat(transposed(inside).ravel()))

    @classmethod
    def of_columns(cls, inside: NDArray[np.bool_]) -> Mask:
        """The mask of an array that has its columns as rows, bool (W, H), C-contiguous: the order of the runs."""
        return cls.of_edges(Size(*inside.shape), edges_of_flat(inside.ravel()))

    @classmethod
    def empty(cls, size: Size) -> Mask:
        """The mask without a pixel."""
        return cls.of_lengths(size, [size.pixels])

    @classmethod
    def full(cls, size: Size) -> Mask:
        """The mask of every pixel."""
        return cls.of_lengths(size, [0, size.pixels])

    @classmethod
    def of_lengths(cls, size: Size, lengths: Sequence[int]) -> Mask:
        """The mask of run lengths in COCO's order, the first one outside; empty runs within are joined.

        Raises:
            ValueError: a length is negative, or they do not cover the image.
        """
        return cls._of_counts(size, np.array(lengths, dtype=np.int64))

    @property
    def lengths(self) -> NDArray[np.uint32]:
        """Run lengths, uint32 (runs,), the first one outside."""
        return np.frombuffer(self.runs, dtype="<u4")

    @property
    def area(self) -> int:
        """Number of pixels inside."""
        return int(self.lengths[1::2].sum(dtype=np.int64))

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is inside."""
        return self.lengths.size < 2

    @property
    def bounds(self) -> PixelBox | None:
        """Smallest box around the pixels inside; None for an empty mask."""
        if self.is_empty:
            return None
        height = self.size.height
        first, last = self._edges[::2], self._edges[1::2] - 1  # first and last pixel of every run inside
        left, right = int(first[0] // height), int(last[-1] // height)
        wraps = bool((first // height != last // height).any())
        top = 0 if wraps else int((first % height).min())
        bottom = height - 1 if wraps else int((last % height).max())
        return PixelBox(left, top, right - left + 1, bottom - top + 1)

    def to_array(self) -> NDArray[np.bool_]:
        """Bool (H, W), True inside; C-contiguous and the caller's own."""
        return self._part(PixelBox(0, 0, self.size.width, self.size.height))

    def to_columns(self) -> NDArray[np.bool_]:
        """The same with the columns as rows, bool (W, H): had without turning the pixels round."""
        return columns_of(self._edges, rows=self.size.height, left=0, columns=self.size.width)

    def crop(self, box: PixelBox) -> Mask:
        """The part of the mask in a box that lies within the image and is not empty."""
        _require_within(box, self.size)
        return Mask.of(self._part(box))

    def with_part(self, part: Mask, *, left: int, top: int) -> Mask:
        """The mask with a box replaced by `part`, which lies within it.

        Raises:
            ValueError: it does not.
        """
        box = PixelBox(left, top, part.size.width, part.size.height)
        _require_within(box, self.size)
        around = combine(self._edges, self._placed(Mask.full(part.size), box), _without)
        return Mask.of_edges(self.size, combine(around, self._placed(part, box), np.logical_or))

    def __or__(self, other: Mask) -> Mask:
        """Pixels of either."""
        return self._combined(other, np.logical_or)

    def __and__(self, other: Mask) -> Mask:
        """Pixels of both."""
        return self._combined(other, np.logical_and)

    def __sub__(self, other: Mask) -> Mask:
        """Pixels of this one alone."""
        return self._combined(other, _without)

    def __xor__(self, other: Mask) -> Mask:
        """Pixels of exactly one."""
        return self._combined(other, np.logical_xor)

    def iou(self, other: Mask) -> float:
        """Intersection over union, in [0, 1]; 1 for two empty masks."""
        union = (self | other).area
        return (self & other).area / union if union else 1.0

    def to_text(self) -> str:
        """The runs in COCO's compressed notation, printable ASCII (pycocotools, `rleToString`)."""
        return run_text(self.lengths)

    @classmethod
    def from_text(cls, size: Size, text: str) -> Mask:
        """A mask of COCO's compressed notation.

        Raises:
            ValueError: it is damaged, or of another size.
        """
        return cls._of_counts(size, runs_of_text(text))

    @classmethod
    def _of_counts(cls, size: Size, counts: NDArray[np.int64]) -> Mask:
        """See `of_lengths`."""
        if (counts < 0).any():
            raise ValueError("a run is not shorter than nothing")
        if (counts > size.pixels).any() or int(counts.sum()) != size.pixels:
            raise ValueError(f"the runs of a mask cover its {size.width}x{size.height} pixels")
        edges = np.cumsum(counts)[:-1]
        if (counts[1:] == 0).any():
            # Over a run of nothing the walk leaves at once what it entered, or enters again what it left.
            edges, times = np.unique(edges, return_counts=True)
            edges = edges[(times % 2 == 1) & (edges < size.pixels)]
        return cls.of_edges(size, edges)

    @classmethod
    def of_edges(cls, size: Size, edges: Edges) -> Mask:
        """The mask of the places where a walk down the columns enters and leaves it, ascending."""
        return cls(size, lengths_of_edges(edges, pixels=size.pixels).tobytes())

    @property
    def _edges(self) -> Edges:
        return edges_of_lengths(self.lengths)

    def _combined(self, other: Mask, rule: Callable[[Inside, Inside], Inside]) -> Mask:
        if other.size != self.size:
            raise ValueError(f"masks of {self.size} and {other.size} do not meet")
        return Mask.of_edges(self.size, combine(self._edges, other._edges, rule))

    def _part(self, box: PixelBox) -> NDArray[np.bool_]:
        columns = columns_of(self._edges, rows=self.size.height, left=box.left, columns=box.width)
        return transposed(columns[:, box.slices[0]])

    def _placed(self, part: Mask, box: PixelBox) -> Edges:
        return place(
            part._edges, rows=box.height, columns=box.width, left=box.left, top=box.top, into_rows=self.size.height
        )


@dataclass(frozen=True, slots=True)
class MaskPatch:
    """A change of a mask, kept as the box that changed, before and after.

    Attributes:
        left: column of the box.
        top: row of the box.
        before: pixels inside before, of the box's size.
        after: pixels inside after, of the box's size.
    """

    left: int
    top: int
    before: Mask
    after: Mask

    def __post_init__(self) -> None:
        if self.before.size != self.after.size:
            raise ValueError(f"a patch has one size, not {self.before.size} and {self.after.size}")

    @classmethod
    def between(cls, before: Mask, after: Mask) -> MaskPatch | None:
        """The smallest patch that makes `after` of `before`; None where they are equal."""
        box = (before ^ after).bounds
        return None if box is None else cls(box.left, box.top, before.crop(box), after.crop(box))

    @property
    def box(self) -> PixelBox:
        """Where the mask changes."""
        return PixelBox(self.left, self.top, self.before.size.width, self.before.size.height)

    @property
    def inverse(self) -> MaskPatch:
        """The patch that takes this one back."""
        return MaskPatch(self.left, self.top, self.after, self.before)

    def apply(self, mask: Mask) -> Mask:
        """The mask with the box replaced.

        Raises:
            ValueError: the box lies outside the mask, or held other pixels than this patch was made on.
        """
        if mask.crop(self.box) != self.before:
            raise ValueError("the patch was made on another mask")
        return mask.with_part(self.after, left=self.left, top=self.top)


def _without(one: Inside, other: Inside) -> Inside:
    return one & ~other


def _require_within(box: PixelBox, size: Size) -> None:
    fits = 0 <= box.left < box.left + box.width <= size.width and 0 <= box.top < box.top + box.height <= size.height
    if not fits:
        raise ValueError(f"{box} does not lie within {size.width}x{size.height}")
