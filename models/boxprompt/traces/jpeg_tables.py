"""What JPEG encoders of the usual kind share: quantisation tables, their scaling, the transform of blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK_PX = 8
"""Side of a block."""

# ITU-T T.81, tables K.1 and K.2, row by row; not in zigzag order.
_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    (99, 99, 99, 99, 99, 99, 99, 99),
    (99, 99, 99, 99, 99, 99, 99, 99),
    (99, 99, 99, 99, 99, 99, 99, 99),
    (99, 99, 99, 99, 99, 99, 99, 99),
)


def quantisation_tables(quality: int) -> NDArray[np.float32]:
    """The example tables at a quality, scaled as the Independent JPEG Group's library does.

    Args:
        quality: 1 to 100.

    Returns:
        float32 (2, 8, 8), luma and chroma, whole steps of 1 to 255; rows are vertical frequencies.

    Raises:
        ValueError: no such quality.
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"a JPEG quality is 1 to 100, not {quality}")
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    base = np.array([_LUMA, _CHROMA], dtype=np.int64)
    return np.clip((base * scale + 50) // 100, 1, 255).astype(np.float32)


def block_transform() -> NDArray[np.float32]:
    """The orthonormal DCT-II of eight samples as a matrix D, float32 (8, 8): D x is the transform of a column x."""
    sample = np.arange(BLOCK_PX)
    rows = np.cos(np.pi * (2 * sample[None, :] + 1) * sample[:, None] / (2 * BLOCK_PX)) / 2
    rows[0] /= np.sqrt(2)
    return rows.astype(np.float32)
