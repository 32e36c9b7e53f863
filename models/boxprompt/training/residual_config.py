"""The TOML file of a residual stream's run: native-scale crops of composites, recipe and schedule."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from boxprompt.network.residual import ALIGNMENT_PX
from boxprompt.training.config import PhotoFolder, RecipeTable, RunTable


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ResidualTable(_Table):
    """`[residual]`: fields of `boxprompt.network.residual.ResidualConfig`."""

    widths: tuple[int, int, int, int] = (24, 48, 96, 128)


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


class ResidualTrainingConfig(_Table):
    """A whole run."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    description: str = ""
    residual: ResidualTable
    data: CropTable
    recipe: RecipeTable
    run: RunTable

    @classmethod
    def read(cls, path: Path) -> ResidualTrainingConfig:
        """Read and check a TOML file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is not TOML, or a value is unknown or out of range (the message names it).
        """
        with path.open("rb") as stream:
            return cls.model_validate(tomllib.load(stream))

    def recipe_record(self) -> dict[str, Any]:
        """Everything that determines the weights, for the card and for the check on resume."""
        return self.model_dump(mode="json", exclude={"run": {"output", "checkpoint_every_s", "max_seconds"}})
