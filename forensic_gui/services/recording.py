"""Findings, put together of what decoder, localizer and summary returned: the one place that does so."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui import __version__
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.finding import (
    Finding,
    OutputFile,
    Parameters,
    ScoreSummary,
    ThresholdSource,
    WeightsUsed,
)
from forensic_gui.domain.heatmap import Localization
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import LocalizerInfo, Views


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one image.

    Attributes:
        scores: summary of the model scores.
        share_over_threshold: share of evidence pixels strictly over the threshold, in [0, 1].
        tiles: number of tiles of native resolution that were looked at.
        seconds: seconds by stage.
    """

    scores: ScoreSummary
    share_over_threshold: float
    tiles: int
    seconds: Mapping[str, float]


def describe_environment() -> Mapping[str, str]:
    """Operating system, machine and versions of what makes numbers here, for the record."""
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }


def make_finding(
    decoded: DecodedEvidence,
    measured: Measured,
    *,
    localizer: LocalizerInfo,
    views: Views,
    threshold: float | None,
    environment: Mapping[str, str],
    remarks: tuple[str, ...] = (),
    rendering: Parameters | None = None,
    outputs: tuple[OutputFile, ...] = (),
) -> Finding:
    """A finding, made now.

    Args:
        decoded: the evidence.
        measured: scores, share, tiles and times.
        localizer: what looked.
        views: which views of the evidence.
        threshold: model score the caller chose; None for the weights' own.
        environment: of `describe_environment`.
        remarks: in what the image is unlike those that the weights were trained on, a sentence each.
        rendering: how an overlay was drawn; None where none was.
        outputs: files written.
    """
    return Finding(
        evidence=decoded.evidence,
        facts=decoded.facts,
        weights=WeightsUsed(localizer.weights_id, localizer.weights_sha256, localizer.architecture),
        device=localizer.device,
        runtime=localizer.runtime,
        views=views.value,
        tiles=measured.tiles,
        parameters=localizer.parameters,
        scores=measured.scores,
        threshold=localizer.threshold_of(views) if threshold is None else threshold,
        threshold_source=ThresholdSource.WEIGHTS_CARD if threshold is None else ThresholdSource.REQUEST,
        share_over_threshold=measured.share_over_threshold,
        rendering=rendering or {},
        outputs=outputs,
        seconds=measured.seconds,
        tool_version=__version__,
        environment=environment,
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
        calibration=localizer.calibration_of(views),
        remarks=remarks,
    )


def finding_of_examination(
    decoded: DecodedEvidence, examination: Examination, *, environment: Mapping[str, str]
) -> Finding:
    """The finding that an examination of decoded evidence amounts to, without files."""
    measured = Measured(
        scores=examination.scores,
        share_over_threshold=examination.share_over_threshold,
        tiles=examination.localization.tiles,
        seconds={
            "hash": decoded.hash_seconds,
            "decode": decoded.decode_seconds,
            **examination.localization.stage_seconds,
            "total": examination.seconds,
        },
    )
    return make_finding(
        decoded,
        measured,
        localizer=examination.localizer,
        views=examination.views,
        threshold=None,
        environment=environment,
        remarks=examination.remarks,
    )


def maps_of(localization: Localization) -> dict[str, NDArray[np.float32]]:
    """A localization's maps by name, float32 (h, w) in [0, 1] on their own grids; those there are."""
    maps = {
        "heatmap": localization.heatmap.grid,
        "gate_map": localization.gate_map,
        "memory_response": localization.memory_response,
    }
    return {name: grid for name, grid in maps.items() if grid is not None}
