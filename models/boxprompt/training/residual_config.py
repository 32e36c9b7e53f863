"""The TOML file of a residual stream's run: native-scale crops of composites, recipe and schedule."""

from __future__ import annotations

from pydantic import Field

from boxprompt.network.residual import ALIGNMENT_PX
from boxprompt.training.crop_config import CompositeTable, CropRunConfig, Table


class ResidualTable(Table):
    """`[residual]`: fields of `boxprompt.network.residual.ResidualConfig`."""

    widths: tuple[int, int, int, int] = (24, 48, 96, 128)
    recompressions: tuple[int, ...] = ()


class CropTable(CompositeTable):
    """`[data]`: photographs to make composites of, and how crops are drawn from a composite.

    Attributes:
        crop_side_px: side of a crop, at the composite's own scale; a multiple of 16.
        boundary_share: of crops of manipulated composites that are placed on the boundary of an edit.
    """

    crop_side_px: int = Field(default=256, ge=4 * ALIGNMENT_PX, multiple_of=ALIGNMENT_PX)
    boundary_share: float = Field(default=0.5, ge=0.0, le=1.0)


class ResidualTrainingConfig(CropRunConfig):
    """A whole run of the residual stream."""

    residual: ResidualTable
    data: CropTable
