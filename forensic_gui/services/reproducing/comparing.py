"""Two makings of one finding, compared: maps, masks, and what differs in how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui import __version__
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.finding import ScoreSummary, facts_record
from forensic_gui.domain.mask import Mask
from forensic_gui.services import rendering
from forensic_gui.services.ports import LocalizerInfo
from forensic_gui.services.reporting.maps import coarse_rows, grid_sha256
from forensic_gui.services.reproducing.recorded import Recorded, Stated, Subject
from forensic_gui.services.reproducing.tolerances import Circumstance, Tolerance

WHOLE, COARSE, NONE = "whole heatmap", "coarse heatmap", "scores' summary"

_DECODER_KEYS = frozenset({"decoder", "decoder_version"})


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """What a repetition gave.

    Attributes:
        grid: of the heatmap, float32 (h, w).
        mask: over the recorded threshold.
        scores: summary over all evidence pixels.
        facts: how the pixels were made now.
        localizer: what ran.
    """

    grid: NDArray[np.float32]
    mask: Mask
    scores: ScoreSummary
    facts: DecodeFacts
    localizer: LocalizerInfo


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far a repetition is the same.

    Attributes:
        is_identical: whether the heatmap's grid is, byte by byte, and the hash that a report states of it.
        compared: what was compared, as "whole heatmap".
        max_score: largest difference of a model score.
        mean_score: mean absolute difference of the scores.
        iou: intersection over union of the masks; None where the first one is not at hand.
        share: share of pixels that changed sides; None where the first mask is not at hand.
        summary: largest difference of a number of the finding's summary of its scores.
    """

    is_identical: bool
    compared: str
    max_score: float
    mean_score: float
    iou: float | None
    share: float | None
    summary: float

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    def fits(self, tolerance: Tolerance) -> bool:
        """Whether the differences are within a tolerance."""
        scores = max(self.max_score, self.summary) <= tolerance.max_score and self.mean_score <= tolerance.mean_score
        masks = self.iou is None or self.share is None or self.iou >= tolerance.iou or self.share <= tolerance.share
        return scores and masks


def compare(
    subject: Subject, recorded: Recorded, repeated: Repeated, *, stated: Stated, first_mask: Mask | None
) -> Comparison:
    """Compare a repetition with the first making.

    Args:
        subject: what there is of the first: the whole heatmap, or what a report has of it.
        recorded: the finding.
        repeated: the repetition.
        stated: what a report has of the first making.
        first_mask: of the first making; None where there is none.
    """
    compared, largest, mean = _difference(subject, recorded, repeated, stated)
    iou = share = None
    if first_mask is not None:
        iou = first_mask.iou(repeated.mask)
        share = (first_mask ^ repeated.mask).area / first_mask.size.pixels
    summary, _ = _of_summaries(recorded, repeated)
    return Comparison(_is_identical(subject, repeated, stated), compared, largest, mean, iou, share, summary)


def _is_identical(subject: Subject, repeated: Repeated, stated: Stated) -> bool:
    now = grid_sha256(repeated.grid)
    if subject.grid is None:
        return stated.heatmap_sha256 == now
    is_same = subject.grid.shape == repeated.grid.shape and grid_sha256(subject.grid) == now
    return is_same and (stated.mask is None or stated.heatmap_sha256 == now)


def _difference(subject: Subject, recorded: Recorded, repeated: Repeated, stated: Stated) -> tuple[str, float, float]:
    """(What was compared, largest and mean absolute difference of scores); 1.0 where the grids are of other shapes.

    A report says of a coarse heatmap even where the case has the whole one: both are compared then.
    """
    coarse = None if stated.coarse is None else _of_coarse(stated.coarse, repeated, stated)
    if subject.grid is not None:
        whole = _of_grids(subject.grid, repeated.grid)
        largest, mean = whole if coarse is None else (max(whole[0], coarse[0]), max(whole[1], coarse[1]))
        return WHOLE, largest, mean
    return (NONE, *_of_summaries(recorded, repeated)) if coarse is None else (COARSE, *coarse)


def _of_coarse(first: NDArray[np.float64], repeated: Repeated, stated: Stated) -> tuple[float, float]:
    if stated.grid_shape != repeated.grid.shape:
        return 1.0, 1.0
    now = np.asarray(coarse_rows(repeated.grid), np.float64)
    return _of_grids(first / rendering.SCORE_STEPS, now / rendering.SCORE_STEPS)


def _of_summaries(recorded: Recorded, repeated: Repeated) -> tuple[float, float]:
    now = asdict(repeated.scores)
    differences = [abs(score - now.get(name, 1.0)) for name, score in recorded.scores.items()] or [1.0]
    return max(differences), abs(recorded.scores.get("mean", 0.0) - repeated.scores.mean)


def _of_grids(first: NDArray[Any], now: NDArray[Any]) -> tuple[float, float]:
    if first.shape != now.shape or not first.size:
        return 1.0, 1.0
    difference = np.abs(first.astype(np.float64) - now.astype(np.float64))
    return float(difference.max()), float(difference.mean())


@dataclass(frozen=True, slots=True)
class Differing:
    """What differs in the making.

    Attributes:
        circumstances: of which kinds.
        remarks: each difference, a sentence each.
    """

    circumstances: frozenset[Circumstance]
    remarks: tuple[str, ...]


def differing(recorded: Recorded, repeated: Repeated, *, environment: Mapping[str, str]) -> Differing:
    """What differs between how a finding was made and how it was repeated.

    Args:
        recorded: the finding.
        repeated: the repetition.
        environment: of this computer, as findings record it.
    """
    now = repeated.localizer
    found: list[tuple[Circumstance, str, object, object]] = []
    if recorded.device != now.device:
        found.append((Circumstance.DEVICE, "device", recorded.device, now.device))
    if recorded.runtime != now.runtime:
        kind = Circumstance.VERSIONS if _kinds(recorded.runtime) == _kinds(now.runtime) else Circumstance.RUNTIME
        found.append((kind, "runtime", recorded.runtime, now.runtime))
    for name, first, second in _pairs(recorded.parameters, now.parameters):
        found.append((Circumstance.THREADS if name == "threads" else Circumstance.PARAMETERS, name, first, second))
    for name, first, second in _pairs(recorded.environment, environment):
        is_wide = name == "opencv" and recorded.looks_for_repeats
        found.append((Circumstance.OPENCV if is_wide else Circumstance.VERSIONS, name, first, second))
    if recorded.tool_version != __version__:
        found.append((Circumstance.VERSIONS, "forensic-gui", recorded.tool_version, __version__))
    for name, first, second in _pairs(recorded.decoding, facts_record(repeated.facts)):
        kind = Circumstance.VERSIONS if name in _DECODER_KEYS | {"choices", "warnings"} else Circumstance.DECODER
        found.append((Circumstance.DECODER if name == "decoder" else kind, name, first, second))
    remarks = tuple(f"{name}: {first!s} then, {second!s} now" for _, name, first, second in found)
    return Differing(frozenset(kind for kind, *_ in found), remarks)


def _pairs(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[tuple[str, object, object]]:
    """(name, then, now) of what differs, in alphabetical order."""
    names = sorted({*first, *second})
    missing = "not stated"
    pairs = [(name, first.get(name, missing), second.get(name, missing)) for name in names]
    return [(name, then, now) for name, then, now in pairs if then != now]


def _kinds(runtime: str) -> list[str]:
    """Names of the runtimes, without versions: "openvino 2026.4.1, torch 2.13.0" are openvino and torch."""
    return [part.split()[0] for part in runtime.split(",") if part.strip()]
