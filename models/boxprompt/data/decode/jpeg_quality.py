"""The quality of a JPEG as its quantisation table tells it."""

from __future__ import annotations

from collections.abc import Sequence

# ISO/IEC 10918-1, table K.1 (luminance), row by row.
STANDARD_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip
_STEPS = 64


def luma_table(quality: int) -> tuple[int, ...]:
    """The luminance table of libjpeg for a quality of 1 to 100, row by row (`jpeg_quality_scaling`)."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(min(max((value * scale + 50) // 100, 1), 255) for row in STANDARD_LUMA for value in row)


def estimated_quality(table: Sequence[int]) -> int | None:
    """The quality of libjpeg's scale whose luminance table is nearest, 1 to 100.

    Cameras and editors have tables of their own, for which it is the one of about the same strength: sums of steps are
    compared, which also makes the order of the table no matter.

    Args:
        table: steps of the luminance table; None is returned unless there are 64.
    """
    if len(table) != _STEPS:
        return None
    total = sum(table)
    # Of equal distances the better quality: that is told where nothing speaks for less.
    return min(range(100, 0, -1), key=lambda quality: abs(sum(luma_table(quality)) - total))
