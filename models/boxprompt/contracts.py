"""Arrays in, arrays out: every shape, axis order, dtype and range, said once.

Names used throughout the library:

- `RgbImage`: uint8 (H, W, 3), RGB, C-contiguous.
- `ScoreMap`: float32 (H, W) in [0, 1], model scores.
- `BoolMask`: bool (H, W), True where manipulated.
- `LabelMask`: uint8 (H, W), 0 authentic, 1 manipulated, 255 unlabelled (ignored by losses and metrics).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RgbImage: TypeAlias = NDArray[np.uint8]
ScoreMap: TypeAlias = NDArray[np.float32]
BoolMask: TypeAlias = NDArray[np.bool_]
LabelMask: TypeAlias = NDArray[np.uint8]

IGNORE_LABEL = 255


def require_rgb(image: RgbImage) -> RgbImage:
    """Return `image` unchanged, or raise ValueError unless it is uint8 (H, W, 3)."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected uint8 (H, W, 3) RGB, got {image.dtype} {image.shape}")
    return image


def require_scores(scores: ScoreMap) -> ScoreMap:
    """Return `scores` unchanged, or raise ValueError unless they are float32 (H, W)."""
    if scores.dtype != np.float32 or scores.ndim != 2:
        raise ValueError(f"expected float32 (H, W) scores, got {scores.dtype} {scores.shape}")
    return scores


def require_mask(mask: BoolMask) -> BoolMask:
    """Return `mask` unchanged, or raise ValueError unless it is bool (H, W)."""
    if mask.dtype != np.bool_ or mask.ndim != 2:
        raise ValueError(f"expected bool (H, W), got {mask.dtype} {mask.shape}")
    return mask
