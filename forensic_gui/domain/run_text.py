"""Run lengths as COCO's compressed notation (pycocotools, `rleToString`): printable ASCII, small for small differences.

A number takes characters of five bits each, the lowest first, the last one with its sign; from the fourth run on it is
the difference to the run before the last one, which is of the same kind.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FIRST_CHARACTER = 48
_BITS = 5
_MORE = 1 << _BITS
_SIGN = 1 << (_BITS - 1)
_FIRST_DIFFERENCE = 3
# Differences of uint32 have 33 bits and a sign; notation that is longer than it has to be is understood up to 60.
_MOST_CHARACTERS = 12
_MOST = 1 << 33


def run_text(lengths: NDArray[np.uint32]) -> str:
    """The notation of run lengths."""
    rest = lengths.astype(np.int64)
    rest[_FIRST_DIFFERENCE:] -= lengths[1:-2].astype(np.int64)
    codes = np.empty((rest.size, _MOST_CHARACTERS), np.uint8)
    is_there = np.zeros(codes.shape, np.bool_)
    going = np.ones(rest.size, np.bool_)
    for place in range(_MOST_CHARACTERS):
        low = rest & (_MORE - 1)
        rest >>= _BITS
        is_last = rest == np.where(low & _SIGN, -1, 0)
        codes[:, place] = np.where(is_last, low, low | _MORE) + _FIRST_CHARACTER
        is_there[:, place] = going
        going &= ~is_last
        if not going.any():
            break
    return codes[is_there].tobytes().decode("ascii")


def runs_of_text(text: str) -> NDArray[np.int64]:
    """Run lengths of the notation, int64; what they have to be is not looked at.

    Raises:
        ValueError: the text is no such notation.
    """
    codes = np.frombuffer(text.encode("ascii", "replace"), np.uint8).astype(np.int64) - _FIRST_CHARACTER
    wrong = np.flatnonzero((codes < 0) | (codes >= 2 * _MORE) | _no_ascii(text))
    if wrong.size:
        raise ValueError(f"{text[wrong[0]]!r} is no part of a run length")
    ends = np.flatnonzero(codes < _MORE)
    if codes.size and (not ends.size or ends[-1] != codes.size - 1):
        raise ValueError("the last run length is cut off")
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)[: ends.size]
    counts = ends - starts + 1
    if (counts > _MOST_CHARACTERS).any():
        raise ValueError("a run length has more digits than any has")
    shifts = _BITS * (np.arange(codes.size) - np.repeat(starts, counts))
    values = np.add.reduceat((codes & (_MORE - 1)) << shifts, starts) if ends.size else codes
    values = values - np.where(codes[ends] & _SIGN, np.int64(1) << (_BITS * counts), 0)
    if (np.abs(values) > _MOST).any():
        raise ValueError("a run length is longer than any image")
    return _summed(values)


def _no_ascii(text: str) -> NDArray[np.bool_] | bool:
    """Characters that are none of ASCII, which encoding has replaced."""
    return False if text.isascii() else np.array([ord(character) > 127 for character in text], np.bool_)


def _summed(values: NDArray[np.int64]) -> NDArray[np.int64]:
    lengths = values.copy()
    for first in (1, 2):
        lengths[first::2] = np.cumsum(values[first::2])
    return lengths
