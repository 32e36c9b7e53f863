"""What a localizer found in the sample case, beside what was done there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import OutputError
from forensic_gui.services.sample_case import SampleImage, read_mask


class PixelF1(Protocol):
    """Measures a mask against the known one."""

    def __call__(self, mask: NDArray[np.bool_], *, known: NDArray[np.bool_]) -> float:
        """Pixel F1 in [0, 1] of two masks bool (H, W)."""
        ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """One image of the sample case: what was done, and what was found.

    Attributes:
        image: the image.
        name: stem of the files written for it.
        scores: summary of the model scores, as in the finding.
        threshold: model score over which a pixel is in the mask.
        share_over_threshold: share of pixels in the mask, in [0, 1].
        known_share: share of pixels that were manipulated, in [0, 1].
        pixel_f1: of the mask against the known one, in [0, 1]; None for an untouched image, where F1 says nothing.
    """

    image: SampleImage
    name: str
    scores: Mapping[str, float]
    threshold: float
    share_over_threshold: float
    known_share: float
    pixel_f1: float | None

    def to_record(self) -> dict[str, object]:
        """The comparison as JSON values."""
        return {
            "path": str(self.image.path),
            "sha256": self.image.sha256,
            "manipulation": self.image.manipulation.value,
            "description": self.image.description,
            "scores": dict(self.scores),
            "threshold": self.threshold,
            "share_over_threshold": self.share_over_threshold,
            "known_share": self.known_share,
            "pixel_f1": self.pixel_f1,
        }


def compare_with_known(sample: Sequence[SampleImage], *, findings: Path, pixel_f1: PixelF1) -> tuple[Comparison, ...]:
    """Compare the masks that a run wrote with the known ones.

    Args:
        sample: the sample case.
        findings: findings.jsonl of a run over it that wrote masks; where it tells of several, the last counts.
        pixel_f1: measures.

    Returns:
        A comparison for every image that has a finding, in the order of `sample`.

    Raises:
        InstallationError: a known mask cannot be read.
        OutputError: the findings or a mask of the run cannot be read.
    """
    latest = {record["sha256"]: record for record in _records(findings)}
    return tuple(
        _compare(image, latest[image.sha256], folder=findings.parent, pixel_f1=pixel_f1)
        for image in sample
        if image.sha256 in latest
    )


def _compare(image: SampleImage, record: Mapping[str, Any], *, folder: Path, pixel_f1: PixelF1) -> Comparison:
    output = folder / record["outputs"]["mask"]["name"]
    known = image.known_mask()
    try:
        mask = read_mask(output)
    except OSError as error:
        raise OutputError(f"{output} cannot be read: {error}.") from error
    return Comparison(
        image=image,
        name=output.name.removesuffix(".mask.png"),
        scores=record["scores"],
        threshold=record["threshold"],
        share_over_threshold=record["share_over_threshold"],
        known_share=0.0 if known is None else float(known.mean()),
        pixel_f1=None if known is None else pixel_f1(mask, known=known),
    )


def _records(findings: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = findings.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:  # no image was analyzed
        return
    except (OSError, ValueError) as error:
        raise OutputError(f"{findings} cannot be read: {error}.") from error
    yield from map(json.loads, lines)
