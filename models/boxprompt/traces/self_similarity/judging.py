"""How much a pair of equal regions says: alike by nature or one thing, and which of them is the copy.

Both scores are logistic in a few measurements; their numbers are in the lab book entry on self-similarity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from boxprompt.contracts import BoolMask
from boxprompt.traces.self_similarity.planes import Plane
from boxprompt.traces.self_similarity.sides import Gradients, finest_energy, frame_share, outline_share
from boxprompt.traces.self_similarity.verify import Match

_RING_PX = 5
_ENERGY_FLOOR = 0.1
# A region that shares half of itself with a match repeats where that match says.
_COVERED = 0.5
_SAME_PLACE_PX = 8.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What regions are judged on.

    Attributes:
        grey: float32 (H, W), luminance.
        gradients: of the image.
    """

    grey: Plane
    gradients: Gradients


def partners(match: Match, others: Iterable[Match]) -> int:
    """How many places of the image either region of a match is sent to: one for a copy, many in a pattern.

    Args:
        match: the match.
        others: all that was found, `match` itself among them.
    """
    known = list(others)
    return max(_places(match.first, known), _places(match.second, known))


def _places(region: BoolMask, matches: Iterable[Match]) -> int:
    rows, columns = np.nonzero(region)
    centre = np.array([columns.mean(), rows.mean(), 1])
    found: list[NDArray[np.float64]] = []
    for match in matches:
        back = np.asarray(cv2.invertAffineTransform(match.matrix), dtype=np.float64)
        for side, matrix in ((match.first, match.matrix), (match.second, back)):
            place = matrix @ centre
            covered = np.count_nonzero(side & region) > _COVERED * rows.size
            if covered and all(np.hypot(*(place - other)) > _SAME_PLACE_PX for other in found):
                found.append(place)
    return len(found)


def strength(match: Match, *, partners: int) -> float:
    """Model score in [0, 1] that two regions are one thing copied.

    Args:
        match: how much of them matches, and how well.
        partners: places that the regions repeat at.
    """
    return _logistic(2.2 * float(np.log(match.seeds_px / 300)) - 1.5 * max(0, partners - 2))


def copy_score(picture: Picture, match: Match) -> float:
    """Model score in [0, 1] that the first region of a match is the copy."""
    first, second = match.first, match.second
    cut = outline_share(picture.gradients, first, reach_px=_RING_PX) - outline_share(
        picture.gradients, second, reach_px=_RING_PX
    )
    framed = frame_share(first) - frame_share(second)
    energies = [finest_energy(picture.grey, region) + _ENERGY_FLOOR for region in (first, second)]
    return _logistic(30 * cut + 4 * framed + float(np.log(energies[1] / energies[0])))


def _logistic(value: float) -> float:
    return float(0.5 * (1 + np.tanh(value / 2)))
