"""What the TOML files of runs on crops of composites have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxprompt.training.config import PhotoFolder, RunConfig


class Table(BaseModel):
    """A table whose every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CompositeTable(Table):
    """`[data]`: photographs to make composites of.

    Attributes:
        photos: folders of photographs.
        validation_share: share of source photographs kept for validation composites.
        validation_count: number of validation crops, the same ones for every run with this seed.
        workers: synthesis processes; 0 makes composites in the training process.
        synthesis: fields of `boxprompt.data.synthesis.SynthesisConfig`.
    """

    photos: tuple[PhotoFolder, ...] = Field(min_length=1)
    validation_share: float = Field(default=0.1, gt=0.0, lt=0.5)
    validation_count: int = Field(default=256, ge=1)
    workers: int = Field(default=1, ge=0)
    synthesis: dict[str, Any] = Field(default_factory=dict)


class CropRunConfig(RunConfig):
    """A whole run on crops of composites; a kind of network adds its own table."""

    data: CompositeTable

    @model_validator(mode="after")
    def _has_one_scale(self) -> CropRunConfig:
        if self.recipe.deep_supervision:
            raise ValueError("deep_supervision is of the student's scales; this network has none to supervise")
        return self
