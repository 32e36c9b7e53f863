"""The quality of a JPEG as its quantisation table tells it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from boxprompt.traces.jpeg_tables import quantisation_tables

_STEPS = 64


def luma_table(quality: int) -> tuple[int, ...]:
    """The luminance table of libjpeg for a quality of 1 to 100, row by row (`jpeg_quality_scaling`)."""
    return tuple(int(step) for step in quantisation_tables(quality)[0].flat)


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
    return min(range(100, 0, -1), key=lambda quality: abs(_strength(quality) - total))


@cache  # a hundred numbers, asked for with every decode
def _strength(quality: int) -> int:
    return sum(luma_table(quality))
