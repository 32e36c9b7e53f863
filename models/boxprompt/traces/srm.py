"""High-pass kernels of the spatial rich model: what is left of an image once its content is predicted away.

The kernels: J. Fridrich, J. Kodovský, «Rich Models for Steganalysis of Digital Images», IEEE TIFS 7(3), 2012. These
three of them for manipulation localization: P. Zhou et al., «Learning Rich Features for Image Manipulation Detection»,
CVPR 2018, where they feed the noise stream. Each is scaled as there, so that a residual is in grey levels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The 3×3 square kernel (also «KB»): second differences along both axes at once.
_SQUARE_3 = ((-1, 2, -1), (2, -4, 2), (-1, 2, -1))
# The 5×5 square kernel (also «KV»): the predictor with the widest support.
_SQUARE_5 = (
    (-1, 2, -2, 2, -1),
    (2, -6, 8, -6, 2),
    (-2, 8, -12, 8, -2),
    (2, -6, 8, -6, 2),
    (-1, 2, -2, 2, -1),
)
# Second order, one-dimensional: a pixel against the mean of its two neighbours in the row.
_LINE_3 = ((1, -2, 1),)

SIDE_PX = 5
COUNT = 3


def residual_kernels() -> NDArray[np.float32]:
    """The three kernels, each centred in 5×5.

    Returns:
        float32 (3, 5, 5); each sums to zero, so that a flat image leaves nothing.
    """
    scaled = ((_SQUARE_3, 4.0), (_SQUARE_5, 12.0), (_LINE_3, 2.0))
    return np.stack([_centred(np.asarray(kernel, dtype=np.float32) / divisor) for kernel, divisor in scaled])


def _centred(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    margins = [((SIDE_PX - side) // 2,) * 2 for side in kernel.shape]
    return np.pad(kernel, margins).astype(np.float32)
