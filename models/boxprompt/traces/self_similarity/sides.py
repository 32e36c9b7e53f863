"""What tells a copy from its original: what their outlines cut through, and which of them the frame cuts off."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask
from boxprompt.traces.self_similarity.planes import Plane
from boxprompt.traces.self_similarity.verify import disc


@dataclass(frozen=True, slots=True)
class Gradients:
    """Colour differences between neighbours: each float32 (H, W, 3), grey levels."""

    across: NDArray[np.float32]
    down: NDArray[np.float32]


def gradients_of(image: NDArray[np.uint8]) -> Gradients:
    """Sobel gradients of uint8 (H, W, 3)."""
    values = image.astype(np.float32)
    return Gradients(cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1))


def outline_share(gradients: Gradients, region: BoolMask, *, reach_px: int) -> float:
    """Share of the colour change along a region's outline that goes across it, in [0, 1].

    A pasted region ends where its surroundings begin, so that change there is steepest across its outline; around an
    original the picture goes on, and change has no reason to follow the same outline.

    Args:
        gradients: of the image.
        region: bool (H, W).
        reach_px: how far from the outline to look, either way.
    """
    window = window_around(region, margin_px=reach_px + 4)
    inner = region[window]
    ring = _ring(inner, reach_px=reach_px)
    normal_x, normal_y = _normals(inner)
    across = gradients.across[window][ring]
    down = gradients.down[window][ring]
    along_normal = across * normal_x[ring][:, None] + down * normal_y[ring][:, None]
    total = float(np.sqrt((across**2 + down**2).sum(axis=1)).sum())
    return float(np.sqrt((along_normal**2).sum(axis=1)).sum()) / total if total > 0 else 0.0


def frame_share(region: BoolMask) -> float:
    """Share of a region's outline that lies on the frame."""
    edge = sum(int(np.count_nonzero(side)) for side in (region[0], region[-1], region[:, 0], region[:, -1]))
    inner = cv2.erode(region.view(np.uint8), disc(3), borderValue=0)
    return edge / max(1, int(np.count_nonzero(region)) - int(np.count_nonzero(inner)))


def _ring(region: BoolMask, *, reach_px: int) -> BoolMask:
    whole = region.view(np.uint8)
    element = disc(2 * reach_px + 1)
    return np.asarray((cv2.dilate(whole, element) > 0) & (cv2.erode(whole, element, borderValue=1) == 0))


def _normals(region: BoolMask) -> tuple[Plane, Plane]:
    whole = region.view(np.uint8)
    depth = cv2.distanceTransform(whole, cv2.DIST_L2, 5) - cv2.distanceTransform(1 - whole, cv2.DIST_L2, 5)
    smooth = cv2.GaussianBlur(depth, (0, 0), 1.5)
    x, y = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    length = np.sqrt(x * x + y * y) + np.float32(1e-6)
    return x / length, y / length


def window_around(region: BoolMask, *, margin_px: int = 0) -> tuple[slice, slice]:
    """The rows and columns that hold a region, which is not empty, and a margin."""
    rows, columns = np.nonzero(region.any(axis=1))[0], np.nonzero(region.any(axis=0))[0]
    return (
        slice(max(0, int(rows[0]) - margin_px), int(rows[-1]) + margin_px + 1),
        slice(max(0, int(columns[0]) - margin_px), int(columns[-1]) + margin_px + 1),
    )
