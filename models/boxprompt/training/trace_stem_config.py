"""The TOML file of a trace stem's run: aligned crops of composites, recipe and schedule."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxprompt.network.trace.statistics import ALIGNMENT_PX, GROUPS
from boxprompt.training.config import PhotoFolder, RunConfig


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TraceStemTable(_Table):
    """`[trace_stem]`: fields of `boxprompt.network.trace.stem.TraceStemConfig`."""

    groups: tuple[str, ...] = tuple(GROUPS)
    widths: tuple[int, int, int] = (48, 64, 96)


class AlignedCropTable(_Table):
    """`[data]`: photographs to make composites of, and the size of what is shown of a composite.

    Attributes:
        photos: folders of photographs.
        validation_share: share of source photographs kept for validation composites.
        validation_count: number of validation crops, the same ones for every run with this seed.
        crop_side_px: side of a crop, at the composite's own scale and on its grid of 16 pixels; a multiple of 32.
        workers: synthesis processes; 0 makes composites in the training process.
        synthesis: fields of `boxprompt.data.synthesis.SynthesisConfig`.
    """

    photos: tuple[PhotoFolder, ...] = Field(min_length=1)
    validation_share: float = Field(default=0.1, gt=0.0, lt=0.5)
    validation_count: int = Field(default=256, ge=1)
    crop_side_px: int = Field(default=256, ge=4 * ALIGNMENT_PX, multiple_of=2 * ALIGNMENT_PX)
    workers: int = Field(default=1, ge=0)
    synthesis: dict[str, Any] = Field(default_factory=dict)


class TraceStemTrainingConfig(RunConfig):
    """A whole run of the trace stem."""

    trace_stem: TraceStemTable
    data: AlignedCropTable

    @model_validator(mode="after")
    def _has_one_scale(self) -> TraceStemTrainingConfig:
        if self.recipe.deep_supervision:
            raise ValueError("deep_supervision is of the student's scales; a trace stem has none to supervise")
        return self
