"""Faults that a schema found, in one sentence."""

from __future__ import annotations

from pydantic import ValidationError


def faults(error: ValidationError, *, most: int | None = None) -> str:
    """Every field at fault and what is wrong with it, on one line and without a full stop.

    Args:
        error: what the schema raised.
        most: name no more than the first so many, and count the rest; None names all.
    """
    found = error.errors()
    told = "; ".join(
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}" if one["loc"] else one["msg"] for one in found[:most]
    )
    left = 0 if most is None else len(found) - most
    return f"{told}; and {left} more" if left > 0 else told
