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

TOLERANCES: dict[Circumstance, Tolerance] = {
    Circumstance.NOTHING: Tolerance(1e-4, 1e-5, 0.999, 1e-4, _MEASURED, is_measured=True),
    Circumstance.THREADS: Tolerance(1e-4, 1e-5, 0.999, 1e-4, _MEASURED, is_measured=True),
    Circumstance.VERSIONS: Tolerance(1e-4, 1e-5, 0.999, 1e-4, _MEASURED, is_measured=True),
    Circumstance.RUNTIME: Tolerance(1e-3, 1e-4, 0.995, 1e-3, _MEASURED, is_measured=True),
    Circumstance.DECODER: Tolerance(5e-2, 5e-3, 0.95, 1e-2, "chosen: other pixels; not measured", is_measured=False),
    Circumstance.PARAMETERS: Tolerance(1e-4, 1e-5, 0.999, 1e-4, "as for versions: another method is no repetition",
                                       is_measured=False),
    Circumstance.DEVICE: Tolerance(2e-2, 2e-3, 0.97, 1e-2, "chosen: no GPU was at hand; not measured",
                                   is_measured=False),
}  # fmt: skip


def tolerance_for(circumstances: Collection[Circumstance]) -> Tolerance:
    """The widest tolerance of what differs."""
    chosen = [TOLERANCES[each] for each in circumstances] or [TOLERANCES[Circumstance.NOTHING]]
    return max(chosen, key=lambda tolerance: tolerance.max_score)
