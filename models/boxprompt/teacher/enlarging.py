"""From a SAM's small logits to the mask of a photograph, computed only where the mask can be.

A bilinear interpolation gives a positive number only beside a positive one, so that a region's mask costs its own
extent and not twelve megapixels. What is computed is computed as one whole interpolation would: torch interpolates rows
first, then columns, so that the two done one after the other, each with the other axis left as it is, give the same
bits, and each can be done for a part of the other axis alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from boxprompt.teacher.contracts import ImageSize

# Torch interpolates outputs whose sides sum up to 128 or less by another kernel, which rounds otherwise.
_LEAST_SIDE_PX = 129
# What is computed around positive numbers: their neighbours, which the next interpolation mixes with them, exactly.
_MARGIN = 2


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a map: what lies outside of it is not positive.

    Attributes:
        values: float32 (rows, columns).
        rows: which rows of the map they are.
        columns: which columns of the map they are.
    """

    values: Tensor
    rows: slice
    columns: slice


def positive_mask(logits: Tensor, *, side_px: int, input_size: ImageSize, image_size: ImageSize) -> Tensor:
    """Where a SAM's logits are positive in the image: bit for bit what `Sam.postprocess_masks` gives above 0.

    Args:
        logits: finite float32 (h, w) on the CPU, over the padded square that the network sees.
        side_px: of that square.
        input_size: (height, width) of the image in that square.
        image_size: (height, width) of the image.

    Returns:
        Bool (H, W) of the image's size.
    """
    mask = torch.zeros(image_size, dtype=torch.bool)
    square = enlarge_positive(logits, (side_px, side_px))
    if square is None:
        return mask
    padded = logits.new_zeros((side_px, side_px))
    padded[square.rows, square.columns] = square.values
    image = enlarge_positive(padded[: input_size[0], : input_size[1]], image_size)
    if image is not None:
        torch.gt(image.values, 0, out=mask[image.rows, image.columns])
    return mask


def enlarge_positive(values: Tensor, size: ImageSize) -> Part | None:
    """The part of a bilinear interpolation that holds every positive number; None where there is none.

    Args:
        values: finite float32 (h, w) on the CPU.
        size: (rows, columns) of the result.

    Returns:
        Numbers of `F.interpolate(mode="bilinear", align_corners=False)`. They are its very bits where they are
        positive and, for an enlargement, beside that.
    """
    positive = values > 0
    if not positive.any():
        return None
    rows, columns = (_extent(positive.any(dim=axis)) for axis in (1, 0))
    out_rows, out_columns = (
        _reached(extent, length, out) for extent, length, out in zip((rows, columns), values.shape, size, strict=True)
    )
    if min(size) < _LEAST_SIDE_PX or not _pays(rows, out_columns, size):
        return Part(_interpolated(values, size), slice(0, size[0]), slice(0, size[1]))
    across = _interpolated(values[rows], (_length(rows), size[1]))[:, out_columns]
    # The rows left out are not positive, nor is 0: between them nothing becomes so.
    canvas = values.new_zeros((values.shape[0], _length(out_columns)))
    canvas[rows] = across
    return Part(_interpolated(canvas, (size[0], _length(out_columns)))[out_rows], out_rows, out_columns)


def _interpolated(values: Tensor, size: ImageSize) -> Tensor:
    return F.interpolate(values[None, None], size, mode="bilinear", align_corners=False)[0, 0]


def _extent(positive: Tensor) -> slice:
    """Bounds of the places that are positive, widened by the margin."""
    places = positive.nonzero()
    return slice(max(0, int(places[0]) - _MARGIN), min(len(positive), int(places[-1]) + 1 + _MARGIN))


def _reached(extent: slice, length: int, out: int) -> slice:
    """Places of the result that mix any of these in; place i of it lies at (i + 0.5) * length / out - 0.5."""
    first = int((extent.start - 0.5) * out / length - 0.5)
    last = int((extent.stop + 0.5) * out / length - 0.5)
    return slice(max(0, first - 1), min(out, last + 2))


def _pays(rows: slice, out_columns: slice, size: ImageSize) -> bool:
    return _length(rows) * size[1] + size[0] * _length(out_columns) < size[0] * size[1]


def _length(places: slice) -> int:
    return int(places.stop - places.start)
