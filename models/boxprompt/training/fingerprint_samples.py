"""Samples of the fingerprint: the same few photographs under the same few histories, with one aftermath for all.

In an edited image the parts differ in what happened to them *before* they were joined, and share what came after. A
group has that form: every photograph meets every history, and then all go through the same last steps. What tells two
pieces of a group apart is never the last compression, and within a photograph never its content.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from boxprompt.contracts import RgbImage
from boxprompt.data import degrade
from boxprompt.data.synthesis import histories
from boxprompt.data.synthesis.config import HistoryConfig
from boxprompt.data.synthesis.draws import MAX_SEED, chance, integer, log_between
from boxprompt.data.synthesis.pool import PhotoPool

GRID_PX = 8
"""Period of JPEG's grid."""

View = Literal["on-grid", "off-grid", "resized"]

# Shrinking by as much leaves little of a photograph's own past; below it, photographs of 400 pixels would be too small.
_SHRINKING = (0.45, 0.9)
_LARGEST_SOURCE_PX = 352
# What a crop of the aftermath can take away, and the rounding of a rescaled side.
_MARGIN_PX = 9
_PHOTOGRAPH_TRIES = 200


@dataclass(frozen=True, slots=True)
class History:
    """What happens to a piece of a photograph before the aftermath.

    Attributes:
        view: "on-grid" and "off-grid" keep the photograph's own pixels, from the grid of its compression on or beside
            it; "resized" shrinks them.
        source_px: side of the square of the photograph's pixels that is taken.
        view_px: side after shrinking; the same where the pixels are kept.
        phase: (rows, columns) beside the grid, 0 to 7; (0, 0) but for "off-grid".
        interpolation: of shrinking.
        steps: the rest.
    """

    view: View
    source_px: int
    view_px: int
    phase: tuple[int, int]
    interpolation: degrade.Interpolation
    steps: tuple[histories.Step, ...]

    def apply(self, pixels: RgbImage, rng: np.random.Generator) -> RgbImage:
        """A square of a photograph after this history.

        Args:
            pixels: uint8 (H, W, 3), sides over `source_px` by 7 or more; row 0 and column 0 on the grid of its
                compression.
            rng: places the square, and draws noise where the history has noise.
        """
        top, left = (
            GRID_PX * integer(rng, 0, (side - self.source_px - phase) // GRID_PX) + phase
            for side, phase in zip(pixels.shape[:2], self.phase, strict=True)
        )
        square = np.ascontiguousarray(pixels[top : top + self.source_px, left : left + self.source_px])
        if self.view == "resized":
            square = degrade.resize(square, size=(self.view_px, self.view_px), interpolation=self.interpolation)
        return histories.apply(square, [_own_noise(step, rng) for step in self.steps]).image


def draw_history(rng: np.random.Generator, config: HistoryConfig, *, side_px: int) -> History:
    """A history whose pieces have sides of at least `side_px`: a view, noise, compressions, rescaling and looks."""
    factor = log_between(rng, config.rescale) if chance(rng, config.rescale_share) else 1.0
    view_px = side_px
    if factor != 1.0:
        view_px = min(_LARGEST_SOURCE_PX, math.ceil(side_px / factor) + 1)
        factor = max(factor, (side_px + 1) / view_px)
    view: View = "resized"
    source_px = max(view_px, min(_LARGEST_SOURCE_PX, round(view_px / log_between(rng, _SHRINKING))))
    phase = (0, 0)
    if chance(rng, config.native_share):
        view, source_px = "on-grid", view_px
        if not chance(rng, config.on_grid_share):
            view, phase = "off-grid", divmod(integer(rng, 1, GRID_PX**2 - 1), GRID_PX)
    size = (view_px, view_px)
    # An editor's work on a piece, without the last compression, which belongs to the whole image.
    loose = dataclasses.replace(config, jpeg_counts=(1.0, 0.0, 0.0))
    steps = (
        *histories.draw_prior(rng, config, size=size),
        *histories.draw_post(rng, loose, size=size, route="edited", factor=factor),
    )
    return History(view, source_px, view_px, phase, histories.draw_interpolation(rng, factor=0.5), steps)


def _own_noise(step: histories.Step, rng: np.random.Generator) -> histories.Step:
    # The noise of a history is of one kind, but not the same values in every photograph.
    if step.name != "noise":
        return step
    return histories.Step(step.name, {**step.params, "seed": integer(rng, 0, MAX_SEED)})


@dataclass(frozen=True, slots=True)
class GroupShape:
    """What a group holds.

    Attributes:
        histories: number H.
        photographs: number P; H·P pieces.
        side_px: side S of a piece, a multiple of 8.
    """

    histories: int
    photographs: int
    side_px: int

    def __post_init__(self) -> None:
        if self.histories < 2 or self.photographs < 1 or self.side_px % GRID_PX or self.side_px < 4 * GRID_PX:
            raise ValueError(f"a group has two histories or more, and pieces of a multiple of 8 pixels, not {self}")


def draw_group(
    rng: np.random.Generator, pool: PhotoPool, config: HistoryConfig, *, shape: GroupShape, balance: float
) -> NDArray[np.uint8]:
    """Every photograph under every history, then one aftermath.

    Args:
        rng: source of randomness.
        pool: photographs to draw from; those too small for the histories drawn are passed over.
        config: shares and ranges of the histories and of the aftermath.
        shape: of the group.
        balance: see `PhotoPool.draw`.

    Returns:
        uint8 (H, P, S, S, 3) RGB; row 0 and column 0 lie on the grid of the last compression.

    Raises:
        ValueError: too few photographs are large enough.
    """
    route, factor = histories.draw_route(rng, config)
    side_px = math.ceil((shape.side_px + _MARGIN_PX) / factor)
    drawn = [draw_history(rng, config, side_px=side_px) for _ in range(shape.histories)]
    aftermath = histories.draw_post(rng, config, size=(side_px, side_px), route=route, factor=factor)
    needed_px = max(history.source_px for history in drawn) + GRID_PX - 1
    photographs = _draw_photographs(rng, pool, count=shape.photographs, needed_px=needed_px, balance=balance)
    group = np.empty((shape.histories, shape.photographs, shape.side_px, shape.side_px, 3), dtype=np.uint8)
    for row, history in zip(group, drawn, strict=True):
        for place, pixels in zip(row, photographs, strict=True):
            piece = history.apply(pixels, rng)[:side_px, :side_px]
            steps = [_own_noise(step, rng) for step in aftermath]
            place[...] = histories.apply(np.ascontiguousarray(piece), steps).image[: shape.side_px, : shape.side_px]
    return group


def _draw_photographs(
    rng: np.random.Generator, pool: PhotoPool, *, count: int, needed_px: int, balance: float
) -> list[RgbImage]:
    found: dict[str, RgbImage] = {}
    for _ in range(_PHOTOGRAPH_TRIES):
        photograph = pool.draw(rng, balance=balance)
        # Decoding keeps whole blocks only.
        if min(photograph.size) // GRID_PX * GRID_PX >= needed_px and photograph.source not in found:
            found[photograph.source] = pool.pixels(photograph).native
        if len(found) == count:
            return list(found.values())
    raise ValueError(f"fewer than {count} photographs have {needed_px} pixels to each side")


class GroupDataset(Dataset[torch.Tensor]):
    """Numbered groups: uint8 (H, P, S, S, 3) each. Group i draws from a generator seeded by (seed, stream, i)."""

    def __init__(
        self,
        pool: PhotoPool,
        config: HistoryConfig,
        *,
        shape: GroupShape,
        balance: float,
        seed: int,
        stream: int,
        length: int,
    ) -> None:
        self._pool = pool
        self._config = config
        self._shape = shape
        self._balance = balance
        self._seed = (seed, stream)
        self._length = length

    def __len__(self) -> int:
        """Number of groups in the run."""
        return self._length

    def __getitem__(self, index: int) -> torch.Tensor:
        """Make group `index`."""
        rng = np.random.default_rng((*self._seed, index))
        return torch.from_numpy(draw_group(rng, self._pool, self._config, shape=self._shape, balance=self._balance))
