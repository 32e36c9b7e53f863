"""The TOML file of a residual stream's run: native-scale crops of composites, recipe and schedule."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxprompt.network.residual import ALIGNMENT_PX
from boxprompt.training.config import PhotoFolder, RunConfig


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ResidualTable(_Table):
    """`[residual]`: fields of `boxprompt.network.residual.ResidualConfig`."""

    widths: tuple[int, int, int, int] = (24, 48, 96, 128)
    recompressions: tuple[int, ...] = ()


class CropTable(_Table):
    """`[data]`: photographs to make composites of, and how crops are drawn from a composite.

    Attributes:
        photos: folders of photographs.
        validation_share: share of source photographs kept for validation composites.
        validation_count: number of validation crops, the same ones for every run with this seed.
        crop_side_px: side of a crop, at the composite's own scale; a multiple of 16.
        boundary_share: of crops of manipulated composites that are placed on the boundary of an edit.
        workers: synthesis processes; 0 makes composites in the training process.
        synthesis: fields of `boxprompt.data.synthesis.SynthesisConfig`.
    """

    photos: tuple[PhotoFolder, ...] = Field(min_length=1)
    validation_share: float = Field(default=0.1, gt=0.0, lt=0.5)
    validation_count: int = Field(default=256, ge=1)
    crop_side_px: int = Field(default=256, ge=4 * ALIGNMENT_PX, multiple_of=ALIGNMENT_PX)
    boundary_share: float = Field(default=0.5, ge=0.0, le=1.0)
    workers: int = Field(default=1, ge=0)
    synthesis: dict[str, Any] = Field(default_factory=dict)


class ResidualTrainingConfig(RunConfig):
    """A whole run of the residual stream."""

    residual: ResidualTable
    data: CropTable

    @model_validator(mode="after")
    def _has_one_scale(self) -> ResidualTrainingConfig:
        if self.recipe.deep_supervision:
            raise ValueError("deep_supervision is of the student's scales; a residual stream has none to supervise")
        return self
