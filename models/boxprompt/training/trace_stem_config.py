"""The TOML file of a trace stem's run: aligned crops of composites, recipe and schedule."""

from __future__ import annotations

from pydantic import Field

from boxprompt.network.trace.statistics import ALIGNMENT_PX, GROUPS
from boxprompt.training.crop_config import CompositeTable, CropRunConfig, Table


class TraceStemTable(Table):
    """`[trace_stem]`: fields of `boxprompt.network.trace.stem.TraceStemConfig`."""

    groups: tuple[str, ...] = tuple(GROUPS)
    widths: tuple[int, int, int] = (48, 64, 96)


class AlignedCropTable(CompositeTable):
    """`[data]`: photographs to make composites of, and the size of what is shown of a composite.

    Attributes:
        crop_side_px: side of a crop, at the composite's own scale and on its grid of 16 pixels; a multiple of 32.
    """

    crop_side_px: int = Field(default=256, ge=4 * ALIGNMENT_PX, multiple_of=2 * ALIGNMENT_PX)


class TraceStemTrainingConfig(CropRunConfig):
    """A whole run of the trace stem."""

    trace_stem: TraceStemTable
    data: AlignedCropTable
