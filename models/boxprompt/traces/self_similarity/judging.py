"""How much a pair of equal regions says: alike by nature or one thing, and which of them is the copy.

Both scores are logistic in a few measurements; their numbers are in the lab book entry on self-similarity.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask
from boxprompt.traces.self_similarity.sides import Gradients, frame_share, outline_share, window_around
from boxprompt.traces.self_similarity.verify import Match

_RING_PX = 5
# A region that shares half of itself with a match repeats where that match says.
_COVERED = 0.5
_SAME_PLACE_PX = 8.0
_FITTED_ON_PX = 384 * 256


def partners(match: Match, others: Iterable[Match]) -> int:
    """How many places of the image either region of a match is sent to: one for a copy, many in a pattern.

    Args:
        match: the match.
        others: all that was found, `match` itself among them.
    """
    known = list(others)
    return max(_places(match.first, known), _places(match.second, known))


def _places(region: BoolMask, matches: Iterable[Match]) -> int:
    window = window_around(region)
    inner = region[window]
    covered_px = _COVERED * np.count_nonzero(inner)
    rows, columns = np.nonzero(inner)
    centre = np.array([columns.mean() + window[1].start, rows.mean() + window[0].start, 1])
    found: list[NDArray[np.float64]] = []
    for match in matches:
        back = np.asarray(cv2.invertAffineTransform(match.matrix), dtype=np.float64)
        for side, matrix in ((match.first, match.matrix), (match.second, back)):
            place = matrix @ centre
            new = all(np.hypot(*(place - other)) > _SAME_PLACE_PX for other in found)
            if new and np.count_nonzero(side[window] & inner) > covered_px:
                found.append(place)
    return len(found)


def strength(match: Match, *, partners: int) -> float:
    """Model score in [0, 1] that two regions are one thing copied.

    Args:
        match: how much of them matches, and how well.
        partners: places that the regions repeat at.
    """
    # What is alike by nature grows with the image; the numbers below were fitted on images of this many pixels.
    expected_px = 300 * max(1.0, match.first.size / _FITTED_ON_PX)
    return _logistic(3.9 * float(np.log(match.seeds_px / expected_px)) - 1.3 * (partners - 1) - 2.1)


def copy_score(match: Match, gradients: Gradients) -> float:
    """Model score in [0, 1] that the first region of a match is the copy."""
    shares = [outline_share(gradients, region, reach_px=_RING_PX) for region in (match.first, match.second)]
    framed = [frame_share(region) for region in (match.first, match.second)]
    return _logistic(44 * (shares[0] - shares[1]) + 6.4 * (framed[0] - framed[1]))


def _logistic(value: float) -> float:
    return float(0.5 * (1 + np.tanh(value / 2)))
