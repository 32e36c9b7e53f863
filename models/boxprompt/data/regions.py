"""Regions as COCO writes them, outlines and run lengths, and the pixels they cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask

MAX_CROSSINGS = 1 << 26
"""Most crossings of outlines with rows of pixels; a real outline has a few for each row."""

Outline: TypeAlias = tuple[float, ...]
"""Corners as x, y, x, y, ... in image pixels; at least three."""
RunLengths: TypeAlias = str | tuple[int, ...]
"""COCO's run lengths, compressed or as numbers: down the columns, left to right, beginning outside."""

# Compressed run lengths: five bits a character from this one on, a sixth that says whether the number goes on.
_FIRST_CHARACTER = 48
_VALUE_BITS, _GOES_ON, _SIGN = 0x1F, 0x20, 0x10
_MOST_CHARACTERS = 8  # of one number; 2**39 pixels fit


@dataclass(frozen=True, slots=True)
class CocoRegions:
    """The regions of one image.

    Attributes:
        size: (height, width) of the image.
        outlines: each filled by the even-odd rule, for itself.
        runs: each over the whole image.
    """

    size: tuple[int, int]
    outlines: tuple[Outline, ...] = ()
    runs: tuple[RunLengths, ...] = ()

    def mask(self) -> BoolMask:
        """All pixels that any region covers: bool (H, W).

        Raises:
            ValueError: run lengths are damaged or cover another number of pixels, or an outline crosses far more rows
                than any real one; a sentence without its full stop.
        """
        corners = (np.array(outline, dtype=np.float64).reshape(-1, 2) for outline in self.outlines)
        covered = fill_outlines(corners, self.size)
        for runs in self.runs:
            covered |= mask_of_runs(runs, self.size)
        return covered


def fill_outlines(outlines: Iterable[NDArray[np.float64]], size: tuple[int, int]) -> BoolMask:
    """Pixels inside any of the outlines, each filled by the even-odd rule; a pixel is inside where its centre is.

    COCO's and labelme's own rasterisers put pixels on the border in or out by rules of their own, which differ from
    each other; the centre rule has no bias.

    Args:
        outlines: corners (n, 2) as (x, y), finite; parts outside of the image are cut off.
        size: (height, width) of the image.

    Returns:
        Bool (H, W).

    Raises:
        ValueError: an outline crosses far more rows than any real one.
    """
    inside = np.zeros(size, dtype=np.bool_)
    for outline in outlines:
        inside |= _filled(outline, size)
    return inside


def mask_of_runs(runs: RunLengths, size: tuple[int, int]) -> BoolMask:
    """The pixels of COCO's run lengths: bool (H, W).

    Raises:
        ValueError: they are damaged, or cover another number of pixels than the image has.
    """
    height, width = size
    lengths = tuple(_expanded(runs)) if isinstance(runs, str) else runs
    if any(length < 0 for length in lengths):
        raise ValueError("run lengths hold a negative number")
    if sum(lengths) != height * width:
        raise ValueError(f"run lengths cover {sum(lengths):,} of {height * width:,} pixels")
    turns = np.arange(len(lengths)) % 2 == 1
    return np.ascontiguousarray(np.repeat(turns, lengths).reshape(width, height).T)


def _expanded(text: str) -> Iterator[int]:
    """Numbers of compressed run lengths: from the fourth on, each is kept as its difference from the last but one."""
    known: list[int] = []
    for difference in _differences(text):
        length = difference + (known[-2] if len(known) > 2 else 0)
        known.append(length)
        yield length


def _differences(text: str) -> Iterator[int]:
    value = shift = 0
    for character in text:
        bits = ord(character) - _FIRST_CHARACTER
        if not 0 <= bits < 2 * _GOES_ON or shift >= 5 * _MOST_CHARACTERS:
            raise ValueError("run lengths are damaged")
        value |= (bits & _VALUE_BITS) << shift
        shift += 5
        if bits & _GOES_ON:
            continue
        yield value - (1 << shift) if bits & _SIGN else value
        value = shift = 0
    if shift:
        raise ValueError("run lengths end within a number")


def _filled(outline: NDArray[np.float64], size: Sequence[int]) -> BoolMask:
    height, width = size
    starts, ends = outline, np.roll(outline, -1, axis=0)
    upper, lower = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    # Rows whose centre (row + 0.5) lies in [upper, lower): half-open, so that a corner between two edges counts once.
    first = np.clip(np.ceil(upper - 0.5), 0, height).astype(np.int64)
    after = np.clip(np.ceil(lower - 0.5), 0, height).astype(np.int64)
    counts = after - first
    total = int(counts.sum())
    if total > MAX_CROSSINGS:
        raise ValueError(f"it crosses rows of pixels {total:,} times")
    edges = np.repeat(np.arange(len(outline)), counts)
    rows = first[edges] + np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    slope = (ends - starts)[edges]
    x = starts[edges, 0] + (rows + 0.5 - starts[edges, 1]) * slope[:, 0] / slope[:, 1]
    columns = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
    # Every crossing turns the pixels from its column on; the last column, beyond the image, takes those right of it.
    turns = np.zeros((height, width + 1), dtype=np.bool_)
    np.logical_xor.at(turns, (rows, columns), True)
    return np.logical_xor.accumulate(turns[:, :-1], axis=1)
