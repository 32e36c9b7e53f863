"""Prompts as SAM takes them: points with labels and a box, in pixels of its input.

Coordinates are scaled as SAM's own predictor scales them and nothing else, so the same numbers give the same mask here
and there. SAM then adds half a pixel of its input to each: it takes them for indices of pixels. Here they are
positions, which differ by that half of a 1024th of the longer side, far below what its masks resolve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boxprompt.teacher.contracts import Box, ImageSize, Stroke, TeacherPrompts

STROKE_SPACING_PX = 32.0
"""Distance between the points that stand for a stroke, in pixels of SAM's input: two cells of its embedding, ..."""
STROKE_POINTS_AT_MOST = 8
"""... but no more than so many of them a stroke: SAM was trained with some ten prompts for a mask."""

_ONWARD = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class SamPrompts:
    """Prompts in SAM's terms.

    Attributes:
        points: float32 (N, 2) of (x, y) in pixels of SAM's input.
        labels: int32 (N,), 1 on the region and 0 off it.
        box: float32 (4,) of (x0, y0, x1, y1) likewise, or None.
    """

    points: NDArray[np.float32]
    labels: NDArray[np.int32]
    box: NDArray[np.float32] | None

    @property
    def is_ambiguous(self) -> bool:
        """Whether a whole, a part and a part of a part fit equally: one point, alone.

        Then SAM's three masks are compared by its own estimate of their quality. For a box, or for several prompts, its
        authors use the one mask that was trained for those (arXiv 2304.02643, section 3 and appendix A).
        """
        return self.box is None and len(self.points) == 1


def to_sam(prompts: TeacherPrompts, *, image_size: ImageSize, input_size: ImageSize) -> SamPrompts:
    """Prompts about an image in SAM's terms; a box is cut to the image, strokes become points along them.

    A point beyond the border, as on a broad stroke along it, is told as the nearest one on the image: SAM would look
    for it in the padding around its input.

    Args:
        prompts: in image pixels.
        image_size: (height, width) of the image.
        input_size: (height, width) of the image as resized for SAM, without padding.
    """
    scale = np.array((input_size[1] / image_size[1], input_size[0] / image_size[0]))
    points = [prompts.points.astype(np.float64) * scale]
    labels = [prompts.labels]
    for stroke in prompts.strokes:
        along = points_along(stroke, scale=scale)
        points.append(along)
        labels.append(np.full(len(along), stroke.positive))
    return SamPrompts(
        points=np.clip(np.concatenate(points), 0, input_size[::-1]).astype(np.float32),
        labels=np.concatenate(labels).astype(np.int32),
        box=None if prompts.box is None else _scaled(prompts.box, image_size, scale),
    )


def points_along(stroke: Stroke, *, scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points that stand for a stroke: evenly along it, each in the middle of its share.

    Args:
        stroke: in image pixels.
        scale: (2,), input pixels an image pixel, by axis.

    Returns:
        Float64 (N, 2) of (x, y) in pixels of SAM's input.
    """
    corners = stroke.points.astype(np.float64) * scale
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    reached = np.concatenate(([0.0], np.cumsum(lengths)))
    count = int(np.clip(1 + reached[-1] // STROKE_SPACING_PX, 1, STROKE_POINTS_AT_MOST))
    wanted = (np.arange(count) + 0.5) / count * reached[-1]
    # Corners that coincide add nothing to the way; interpolation needs one that grows.
    reached += np.arange(len(reached)) * _ONWARD
    return np.stack([np.interp(wanted, reached, corners[:, axis]) for axis in (0, 1)], axis=1)


def _scaled(box: Box, size: ImageSize, scale: NDArray[np.float64]) -> NDArray[np.float32]:
    limits = np.array((size[1], size[0], size[1], size[0]))
    return np.asarray(np.clip(box, 0, limits) * np.tile(scale, 2), dtype=np.float32)
