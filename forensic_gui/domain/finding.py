"""Findings: what a localizer said of one evidence file, with everything another examiner needs to get it again.

The numbers of a finding are *model scores*, in the network's own units. They say how strongly a network responded,
nothing more; where its scores are calibrated, the finding also has the table that reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.evidence import DecodeFacts, Evidence

FINDING_SCHEMA = "forensic-gui.finding/1"
FAILURE_SCHEMA = "forensic-gui.failure/1"

Parameters = Mapping[str, str | int | float | bool]


class Product(StrEnum):
    """A file that can be written for an image."""

    MASK = "mask"
    HEATMAP = "heatmap"
    OVERLAY = "overlay"


class ThresholdSource(StrEnum):
    """Who chose the threshold."""

    WEIGHTS_CARD = "weights card"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """Distribution of the model scores over all evidence pixels, each in [0, 1].

    Minimum, maximum and mean are of the exact scores; the three quantiles are nearest-rank values of the scores
    rounded to 16 bits (the values of the heatmap file), so they are within 1/131070 of the exact ones.
    """

    minimum: float
    maximum: float
    mean: float
    median: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file written for a finding.

    Attributes:
        product: what it shows.
        name: file name inside the output folder.
        sha256: lower-case hexadecimal SHA-256 of its bytes.
        size_bytes: number of bytes.
    """

    product: Product
    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class WeightsUsed:
    """Weights by id, by the SHA-256 of their file, and the network they are for."""

    id: str
    sha256: str
    architecture: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one localizer on one image.

    Attributes:
        evidence: the file and the hash of its bytes.
        facts: how its pixels were made.
        weights: weights that produced the scores.
        device: device they ran on.
        runtime: numeric runtime and its version.
        views: which views of the image the localizer looked at.
        tiles: number of tiles of native resolution that were looked at.
        parameters: everything else that determines the numbers.
        scores: summary of the model scores.
        threshold: model score above which (strictly) a pixel is in the mask.
        threshold_source: whether the threshold is the weights' own or the caller's.
        share_over_threshold: share of evidence pixels in the mask, in [0, 1].
        rendering: how the overlay was drawn from the scores; empty when none was.
        outputs: files written.
        seconds: seconds by stage; "total" is wall time from opening the file to its files being written, in which
            stages of other images may have run as well.
        tool_version: version of this program.
        environment: operating system, machine and library versions.
        time: when the finding was made, ISO 8601 in UTC with offset.
        calibration: how the scores of these weights and views read as shares of manipulated pixels; applied to no
            number here, nor to the files. None where they are not calibrated.
        remarks: in what the image is unlike those that the weights were trained on, a sentence each.
    """

    evidence: Evidence
    facts: DecodeFacts
    weights: WeightsUsed
    device: str
    runtime: str
    views: str
    tiles: int
    parameters: Parameters
    scores: ScoreSummary
    threshold: float
    threshold_source: ThresholdSource
    share_over_threshold: float
    rendering: Parameters
    outputs: tuple[OutputFile, ...]
    seconds: Mapping[str, float]
    tool_version: str
    environment: Mapping[str, str]
    time: str
    calibration: Calibration | None = None
    remarks: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """The finding as JSON values, in the order in which they are written."""
        return {
            "schema": FINDING_SCHEMA,
            **_evidence_record(self.evidence),
            **facts_record(self.facts),
            "weights_id": self.weights.id,
            "weights_sha256": self.weights.sha256,
            "architecture": self.weights.architecture,
            "device": self.device,
            "runtime": self.runtime,
            "views": self.views,
            "tiles": self.tiles,
            "parameters": _sorted(self.parameters),
            "scores": asdict(self.scores),
            "threshold": self.threshold,
            "threshold_source": self.threshold_source.value,
            "share_over_threshold": self.share_over_threshold,
            "calibration": None if self.calibration is None else self.calibration.to_record(),
            "remarks": list(self.remarks),
            "rendering": _sorted(self.rendering),
            "outputs": {
                output.product.value: {
                    "name": output.name,
                    "sha256": output.sha256,
                    "size_bytes": output.size_bytes,
                }
                for output in self.outputs
            },
            "seconds": {stage: round(seconds, 6) for stage, seconds in self.seconds.items()},
            "tool": "forensic-gui",
            "tool_version": self.tool_version,
            "environment": _sorted(self.environment),
            "time": self.time,
        }

    def to_json(self) -> str:
        """One line of JSON in ASCII, without the line's end; the order of keys never changes."""
        return _one_line(self.to_record())


@dataclass(frozen=True, slots=True)
class Failure:
    """One evidence file that could not be analyzed.

    Attributes:
        path: the file.
        kind: name of the error's class, as "EvidenceDamaged".
        message: one sentence for people.
        sha256: hash of its bytes where they could be read before the failure.
    """

    path: Path
    kind: str
    message: str
    sha256: str | None = field(default=None)

    def to_record(self) -> dict[str, Any]:
        """The failure as JSON values, in the order in which they are written."""
        return {
            "schema": FAILURE_SCHEMA,
            "path": str(self.path),
            "kind": self.kind,
            "message": self.message,
            "sha256": self.sha256,
        }

    def to_json(self) -> str:
        """One line of JSON in ASCII, without the line's end."""
        return _one_line(self.to_record())


def _evidence_record(evidence: Evidence) -> dict[str, Any]:
    return {
        "path": str(evidence.path),
        "sha256": evidence.sha256,
        "size_bytes": evidence.size_bytes,
        "modified_utc": evidence.modified_utc,
    }


def facts_record(facts: DecodeFacts) -> dict[str, Any]:
    """How pixels were made, as JSON values: a part of every finding's record."""
    return {
        "decoder": facts.decoder,
        "decoder_version": facts.decoder_version,
        "decoder_parameters": _sorted(facts.parameters),
        "format": facts.format,
        "width": facts.stored.width,
        "height": facts.stored.height,
        "view_width": facts.view.width,
        "view_height": facts.view.height,
        "orientation": int(facts.orientation),
        "mode": facts.mode,
        "bit_depth": facts.bit_depth,
        "pages": facts.pages,
        "page": facts.page,
        "jpeg_quality": facts.jpeg_quality,
        "names_camera": facts.names_camera,
        "choices": list(facts.choices),
        "warnings": list(facts.warnings),
    }


FACTS_KEYS = (
    *("decoder", "decoder_version", "decoder_parameters", "format", "width", "height", "view_width", "view_height"),
    *("orientation", "mode", "bit_depth", "pages", "page", "jpeg_quality", "names_camera", "choices", "warnings"),
)
"""Keys of `facts_record`, in their order."""


def _sorted(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(mapping.items()))


def _one_line(record: Mapping[str, Any]) -> str:
    # ASCII keeps file names that are not valid Unicode (as surrogates) and shows bidirectional marks as escapes;
    # NaN is no JSON and no score.
    return json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
