"""Operations on whole masks. Two pixels of a mask are connected when they share an edge or a corner.

Each works on the box around the mask and leaves the rest of the image alone. What lies beyond the image's border is
taken to go on as it is at the border: shrinking does not eat in from there.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Box
from forensic_gui.domain.mask import Mask, PixelBox
from forensic_gui.services.annotating import patches


def fill_holes(mask: Mask) -> Mask:
    """The mask and what it encloses on all sides; what reaches the border of the image is not enclosed."""
    box = mask.bounds
    if box is None:
        return mask
    inside = patches.cut(mask, box)
    # Outside is connected by edges alone, as inside is by corners too: else a diagonal line would not part it.
    _, labels = cv2.connectedComponents((~inside).astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    reaches_out = np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))
    return _put(mask, box, inside | ~np.isin(labels, reaches_out))


def grow(mask: Mask, *, radius_px: float) -> Mask:
    """The mask and every pixel whose centre is no further than the radius from that of one of its pixels.

    Raises:
        ValueError: the radius is negative.
    """
    _require_radius(radius_px)
    around = mask.bounds
    if around is None:
        return mask
    box = patches.widened(around, math.ceil(radius_px), size=mask.size)
    return _put(mask, box, _distance(~patches.cut(mask, box)) <= radius_px)


def shrink(mask: Mask, *, radius_px: float) -> Mask:
    """The pixels of the mask that are further than the radius from every pixel outside; may leave none.

    Raises:
        ValueError: the radius is negative.
    """
    _require_radius(radius_px)
    around = mask.bounds
    if around is None:
        return mask
    box = patches.widened(around, 1, size=mask.size)
    inside = patches.cut(mask, box)
    return mask if inside.all() else _put(mask, box, _distance(inside) > radius_px)


def remove_specks(mask: Mask, *, smaller_than_px: int) -> Mask:
    """The mask without the parts that have fewer pixels than this."""
    box = mask.bounds
    if box is None:
        return mask
    labels, areas = _label(patches.cut(mask, box))
    kept = np.flatnonzero(areas >= smaller_than_px)
    return _put(mask, box, np.isin(labels, kept[kept > 0]))


def within(mask: Mask, box: Box) -> Mask:
    """The pixels of the mask whose centres lie in a box."""
    pixels = patches.pixels_of(box, size=mask.size)
    if pixels is None:
        return Mask.empty(mask.size)
    return _put(mask, pixels, patches.cut(mask, pixels))


def parts(mask: Mask) -> tuple[Mask, ...]:
    """The connected parts of the mask, the largest first; equal ones from the top."""
    box = mask.bounds
    if box is None:
        return ()
    labels, areas = _label(patches.cut(mask, box))
    largest_first = np.argsort(-areas[1:], kind="stable") + 1
    return tuple(_put(mask, box, labels == label) for label in largest_first)


def part_count(mask: Mask) -> int:
    """How many connected parts the mask has."""
    box = mask.bounds
    return 0 if box is None else len(_label(patches.cut(mask, box))[1]) - 1


def _label(inside: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number of the part each pixel belongs to (0 outside), and the number of pixels of each part."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    return labels, facts[:, cv2.CC_STAT_AREA]


def _distance(away_from_false: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance in pixels from each pixel's centre to that of the nearest False."""
    distance: NDArray[np.float32] = cv2.distanceTransform(
        away_from_false.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    return distance


def _put(mask: Mask, box: PixelBox, inside: NDArray[np.bool_]) -> Mask:
    return patches.placed(inside, left=box.left, top=box.top, size=mask.size)


def _require_radius(radius_px: float) -> None:
    if not radius_px >= 0:
        raise ValueError(f"a radius is not negative, as {radius_px} is")
