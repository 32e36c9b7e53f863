"""How far a repeated finding may differ from the first, by what differs in its making: measured, see docs/results.

A mask may differ wherever scores lie at the threshold, however little they differ; so masks agree where their
intersection over union is high, or where next to no pixel changed sides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Circumstance(StrEnum):
    """What can differ between two makings of a finding."""

    NOTHING = "nothing that is recorded"
    THREADS = "number of threads"
    VERSIONS = "versions of libraries"
    OPENCV = "version of OpenCV, of weights that look for repeats"
    RUNTIME = "runtime"
    DECODER = "decoder"
    PARAMETERS = "parameters of the method"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What still counts as the same.

    Attributes:
        max_score: largest difference of a model score.
        mean_score: mean absolute difference of the scores.
        iou: smallest intersection over union of the masks, or
        share: largest share of pixels that changed sides.
        source: where it was measured; how it was chosen where it was not.
        is_measured: whether it was.
    """

    max_score: float
    mean_score: float
    iou: float
    share: float
    source: str
    is_measured: bool

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


_MEASURED = "docs/results/2026-11-21-reproduction.md"

# Ten times the largest difference that was measured, or more. A coarse heatmap has steps of 1.5e-5, of which one may
# turn over.
_MEASURED_DIFFERENCES = Tolerance(2e-5, 5e-6, 0.999, 1e-4, _MEASURED, is_measured=True)

TOLERANCES: dict[Circumstance, Tolerance] = {
    Circumstance.NOTHING: _MEASURED_DIFFERENCES,
    Circumstance.THREADS: _MEASURED_DIFFERENCES,
    Circumstance.VERSIONS: _MEASURED_DIFFERENCES,
    Circumstance.RUNTIME: _MEASURED_DIFFERENCES,
    # What repeats within an image is proposed by OpenCV: some cells of the heatmap come and go with its version.
    Circumstance.OPENCV: Tolerance(0.4, 1e-3, 0.95, 1e-3, _MEASURED, is_measured=True),
    # Other pixels or another method are no repetition: where they change the scores, that is to show.
    Circumstance.DECODER: _MEASURED_DIFFERENCES,
    Circumstance.PARAMETERS: _MEASURED_DIFFERENCES,
    Circumstance.DEVICE: Tolerance(
        5e-2, 1e-3, 0.95, 5e-3, "chosen, for want of a GPU to measure on; not measured", is_measured=False
    ),
}
"""By what differs."""


def tolerance_for(circumstances: Collection[Circumstance]) -> Tolerance:
    """The tolerance of everything that differs: of each number the widest."""
    chosen = [TOLERANCES[each] for each in sorted(circumstances)] or [TOLERANCES[Circumstance.NOTHING]]
    return Tolerance(
        max_score=max(each.max_score for each in chosen),
        mean_score=max(each.mean_score for each in chosen),
        iou=min(each.iou for each in chosen),
        share=max(each.share for each in chosen),
        source="; ".join(dict.fromkeys(each.source for each in chosen)),
        is_measured=all(each.is_measured for each in chosen),
    )
