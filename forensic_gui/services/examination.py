"""What the window keeps of one analysis: the localizer's maps, a summary of the scores, and what made them."""

from __future__ import annotations

from dataclasses import dataclass

from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.finding import ScoreSummary
from forensic_gui.domain.heatmap import Localization
from forensic_gui.services.ports import LocalizerInfo, Views


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """One localizer's result for one evidence, without the evidence's pixels.

    Attributes:
        evidence_sha256: hash of the evidence's bytes.
        localization: maps on their own grids, gate map and memory response included where the network has them.
        localizer: what ran.
        views: which views of the evidence it looked at.
        scores: summary of the model scores over all evidence pixels.
        threshold: the weights card's, strict greater-than.
        share_over_threshold: share of evidence pixels over it, in [0, 1].
        seconds: wall time of the localization.
        remarks: in what the image is unlike those that the weights were trained on, a sentence each.
    """

    evidence_sha256: str
    localization: Localization
    localizer: LocalizerInfo
    views: Views
    scores: ScoreSummary
    threshold: float
    share_over_threshold: float
    seconds: float
    remarks: tuple[str, ...] = ()

    @property
    def calibration(self) -> Calibration | None:
        """How the scores read as shares of manipulated pixels; None where this view of the weights has no such."""
        return self.localizer.calibration_of(self.views)

    @property
    def bytes_kept(self) -> int:
        """Bytes of the maps."""
        maps = (self.localization.heatmap.grid, self.localization.gate_map, self.localization.memory_response)
        return sum(grid.nbytes for grid in maps if grid is not None)
