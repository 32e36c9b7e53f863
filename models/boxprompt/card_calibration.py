"""What a weights' card says of its scores: how they are calibrated by view, and for which images they are meant."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxprompt.metrics.isotonic import MonotoneTable

Method = Literal["temperature", "isotonic"]
View = Literal["fast", "thorough"]

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]


class ViewCalibration(BaseModel):
    """How model scores of one view become shares of manipulated pixels.

    The units of scores, heatmaps and thresholds stay those of the network: this is a reading aid beside them, and holds
    for the weights, the view and the kind of images it was fitted on.

    Attributes:
        weights_sha256: hash of the weights whose scores they are.
        network_sha256: of all that gives the scores, the card's configuration included: `WeightCard.network_sha256`.
        method: what was fitted; the table stands for either.
        knots: (model score, share), both strictly increasing, from score 0 to 1; linear between.
        fitted_on: name of the held-out images.
        dataset_sha256: their fingerprint, as in scores.
        manipulated_images: how many of them are manipulated.
        untouched_images: how many are not.
        source_groups: of images that share a source photograph.
        prior: share of manipulated pixels in them, each image counting alike; the table presumes it.
        folds: of the cross-validation over source groups.
        error_before: calibration error of the scores as they are: mean distance of score and share over 15 bins of
            equal weight.
        error_after: the same of calibrated scores, each image mapped by a table fitted without its source group.
        brier_before: mean squared distance of the scores as they are from 1 and 0.
        brier_after: the same, cross-validated, by method; the method with the lowest was kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    network_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    method: Method
    knots: tuple[tuple[_Share, _Share], ...] = Field(min_length=2, max_length=64)
    fitted_on: str
    dataset_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    manipulated_images: _Count
    untouched_images: _Count
    source_groups: _Count
    prior: _Share
    folds: _Count
    error_before: _Share
    error_after: _Share
    brier_before: _Share
    brier_after: dict[Method, _Share]

    @model_validator(mode="after")
    def _require_table(self) -> Self:
        self.table()
        return self

    def table(self) -> MonotoneTable:
        """The map of scores to shares.

        Raises:
            ValueError: the knots are no increasing map of 0 to 1.
        """
        scores, shares = np.array(self.knots, dtype=np.float64).T
        return MonotoneTable(np.ascontiguousarray(scores), np.ascontiguousarray(shares))


class TrainingDomain(BaseModel):
    """Which images the weights were trained on, as far as an image can be compared with them.

    Attributes:
        short_side_px: least and greatest length of the shorter side.
        jpeg_quality: least and greatest quality of the last JPEG compression, on libjpeg's scale; None where none
            was compressed.
        screenshots: whether pictures of screens, or drawings, were among them.
        histories: what had been done to the images, a few words each, as "JPEG once or twice".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    short_side_px: tuple[int, int]
    jpeg_quality: tuple[int, int] | None = None
    screenshots: bool = False
    histories: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _require_ranges(self) -> Self:
        for name, limits in (("short_side_px", self.short_side_px), ("jpeg_quality", self.jpeg_quality)):
            if limits is not None and not 1 <= limits[0] <= limits[1]:
                raise ValueError(f"{name} is no range from at least 1: {limits}")
        if self.jpeg_quality is not None and self.jpeg_quality[1] > 100:
            raise ValueError(f"a JPEG quality is at most 100, not {self.jpeg_quality[1]}")
        return self
