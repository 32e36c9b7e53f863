"""Shares of pixels and of images as people read them."""

from __future__ import annotations


def percent_text(share: float, *, places: int = 1) -> str:
    """A share in [0, 1] as a percentage of so many decimal places that never rounds something to nothing or to all."""
    percent, least = share * 100, 10.0**-places
    if 0 < percent < least:
        return f"< {least:.{places}f} %"
    if 100 - least < percent < 100:
        return f"> {100 - least:.{places}f} %"
    return f"{percent:.{places}f} %"
