"""The TOML file of a fingerprint's run: photographs, histories, contrast, recipe and schedule."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from boxprompt.network.fingerprint import STRIDE_PX
from boxprompt.training.config import PhotoFolder, RunConfig
from boxprompt.training.contrast import Photographs
from boxprompt.training.fingerprint_windows import WINDOWS_A_SIDE, least_side_cells

# Settings of the recipe that belong to learning from masks.
_OF_MASKS = frozenset(
    {"positive_weight", "edge_weight", "edge_width_px", "dice_weight", "deep_supervision", "accumulate"}
)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FingerprintTable(_Table):
    """`[fingerprint]`: fields of `boxprompt.network.fingerprint.FingerprintConfig`."""

    widths: tuple[int, int, int] = (32, 64, 96)
    channels: int = 32


class ContrastTable(_Table):
    """`[contrast]`: what a group of pieces is, and what attracts and repels in it.

    Attributes:
        histories: of a group, each given to every photograph.
        photographs: of a group.
        piece_px: side of a piece, a multiple of 8.
        window_cells: side of the windows whose fingerprints are compared, in cells of 8 pixels; four a piece.
        temperature: of the loss; cosines are divided by it.
        alike: what two photographs with one history are to each other.
    """

    histories: int = Field(default=4, ge=2)
    photographs: int = Field(default=4, ge=1)
    piece_px: int = Field(default=160, ge=8 * STRIDE_PX, multiple_of=STRIDE_PX)
    window_cells: int = Field(default=4, ge=1)
    temperature: float = Field(default=0.1, gt=0)
    alike: Photographs = "apart"

    @property
    def windows(self) -> int:
        """Number of windows of a piece."""
        return WINDOWS_A_SIDE**2

    @model_validator(mode="after")
    def _windows_fit(self) -> ContrastTable:
        least_px = STRIDE_PX * least_side_cells(self.window_cells)
        if self.piece_px < least_px:
            raise ValueError(f"pieces with windows of {self.window_cells} cells have {least_px} pixels or more a side")
        return self


class PiecesTable(_Table):
    """`[data]`: photographs, and how histories are drawn.

    Attributes:
        photos: folders of photographs; their masks are not read.
        validation_share: share of source photographs kept for validation groups.
        validation_count: number of validation groups, the same ones for every run with this seed.
        balance: see `boxprompt.data.synthesis.SynthesisConfig`.
        workers: processes that make groups; 0 makes them in the training process.
        histories: fields of `boxprompt.data.synthesis.config.HistoryConfig`.
    """

    photos: tuple[PhotoFolder, ...] = Field(min_length=1)
    validation_share: float = Field(default=0.1, gt=0.0, lt=0.5)
    validation_count: int = Field(default=48, ge=1)
    balance: float = Field(default=0.7, ge=0.0, le=1.0)
    workers: int = Field(default=1, ge=0)
    histories: dict[str, Any] = Field(default_factory=dict)


class FingerprintTrainingConfig(RunConfig):
    """A whole run. A batch of the recipe is a number of groups."""

    fingerprint: FingerprintTable
    contrast: ContrastTable = ContrastTable()
    data: PiecesTable

    @model_validator(mode="after")
    def _asks_for_what_there_is(self) -> FingerprintTrainingConfig:
        unused = sorted(_OF_MASKS & self.recipe.model_fields_set)
        if unused:
            raise ValueError(f"[recipe] {', '.join(unused)}: a fingerprint is trained by contrast, without masks")
        if self.run.tensorboard:
            raise ValueError("[run] tensorboard: a fingerprint's run writes log.csv alone")
        return self

    def identity(self) -> dict[str, Any]:
        """The record less what may change on resume: the length and end of the schedule, threads, cadence."""
        record = self.recipe_record()
        recipe = {name: value for name, value in record["recipe"].items() if name not in {"steps", "hold_until"}}
        return {**record, "description": "", "recipe": recipe, "run": {"seed": self.run.seed}}
