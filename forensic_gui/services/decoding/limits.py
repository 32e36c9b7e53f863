"""Bounds of decoding."""

from __future__ import annotations

from dataclasses import dataclass

_GIBIBYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What one evidence file may cost.

    Attributes:
        timeout_s: seconds from the request to the pixels; then the child is killed.
        max_bytes: largest file that is read.
        max_pixels: largest width times height of a page, checked on the header.
        max_memory_bytes: address space of the child above what it needs empty; None for no limit. Enforced on Linux;
            elsewhere the other bounds hold alone.
        allow_truncated: decode damaged pixel data, with a warning, in place of refusing it.
    """

    timeout_s: float = 60.0
    max_bytes: int = 2 * _GIBIBYTE
    max_pixels: int = 200_000_000
    max_memory_bytes: int | None = 4 * _GIBIBYTE
    allow_truncated: bool = False
