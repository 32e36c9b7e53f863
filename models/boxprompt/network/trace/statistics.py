"""The statistics of an image on its grid of cells, and their normalisation against the image itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.nn import functional

from boxprompt.network.trace import blocks, pixels

ERROR_QUALITIES = (70, 80, 90, 95)
CHROMA_QUALITIES = (80, 90, 95)

ALIGNMENT_PX = 16
"""Sides of what is read are multiples of this: two cells, a block of halved chroma."""

HALO_PX = 16
"""No pixel further away from a cell than this has a part in its local statistics (a multiple of the alignment)."""

# A deviation less than this is no contrast: most statistics are logarithms or shares, in which it is a few per cent.
_LEAST_DEVIATION = 0.05
_FURTHEST = 8.0

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "residual": tuple(
            f"residual-{moment}-{kernel}" for moment in ("level", "zeros") for kernel in ("square", "across", "down")
        ),
        "noise": ("noise-flattest", "noise-half-scale"),
        "grid": tuple(f"grid-{axis}-{phase}" for axis in ("column", "row") for phase in range(8)),
        "block": tuple(f"block-{what}-{band}" for what in ("energy", "zeros") for band in ("low", "middle", "high")),
        "error": tuple(f"error-{quality}" for quality in ERROR_QUALITIES),
        "chroma": tuple(
            f"chroma-{plane}-{what}"
            for plane in ("cb", "cr")
            for what in ("energy", "nothing", *(f"error-{quality}" for quality in CHROMA_QUALITIES), "fine")
        ),
        "exposure": ("exposure-luma", "exposure-clipped"),
        "usual": ("usual-low", "usual-middle", "usual-high", "usual-in-9", "usual-in-25", "usual-number"),
    }
)
"""Names of the statistics by group, in the order of their channels."""

_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114


@dataclass(frozen=True, slots=True)
class LocalStatistics:
    """What can be computed piece by piece.

    Attributes:
        cells: float32 (B, C, h, w), all groups but "usual".
        magnitudes: float32 (B, 35, h, w), from `blocks.magnitudes`; no channels where "usual" was not asked for.
    """

    cells: Tensor
    magnitudes: Tensor


class TraceStatistics(nn.Module):
    """Statistics by cell; nothing in it is learned."""

    transform: Tensor
    luma_tables: Tensor
    chroma_tables: Tensor

    def __init__(self, groups: tuple[str, ...] = tuple(GROUPS)) -> None:
        """Prepare kernels.

        Args:
            groups: which to compute, of `GROUPS`, in any order.

        Raises:
            ValueError: a group that does not exist, or none.
        """
        super().__init__()
        unknown = sorted(set(groups) - set(GROUPS))
        if unknown or not groups:
            raise ValueError(f"groups of statistics are {', '.join(GROUPS)}; not {', '.join(unknown) or 'none at all'}")
        self.groups = tuple(group for group in GROUPS if group in groups)
        fixed = {
            "transform": blocks.cosines(),
            "luma_tables": torch.stack([blocks.table(q) for q in ERROR_QUALITIES]),
            "chroma_tables": torch.stack([blocks.table(q, chroma=True) for q in CHROMA_QUALITIES]),
        }
        for name, value in fixed.items():
            # Fixed by the architecture: not in the state dict, so that no weights file can change them.
            self.register_buffer(name, value, persistent=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the channels of `forward`, before normalisation."""
        return tuple(name for group in self.groups for name in GROUPS[group])

    def forward(self, image: Tensor) -> Tensor:
        """All statistics of whole images: float32 (B, C, H/8, W/8) from grey levels, float (B, 3, H, W)."""
        return self.complete(self.local(image))

    @torch.no_grad()
    def local(self, image: Tensor) -> LocalStatistics:
        """What depends on a cell's surroundings alone.

        Args:
            image: float (B, 3, H, W), RGB grey levels 0 to 255; H and W multiples of 16.
        """
        # float32 also under autocast: bfloat16 keeps eight bits, as many as a grey level has, and no residual.
        with torch.autocast(image.device.type, enabled=False):
            seen = _Planes(image.float(), self.transform)
            parts = [self._group(group, seen) for group in self.groups if group != "usual"]
            batch, _, height, width = image.shape
            size = (batch, 0, height // pixels.CELL_PX, width // pixels.CELL_PX)
            compared = blocks.magnitudes(seen.blocks) if "usual" in self.groups else image.new_empty(size)
            return LocalStatistics(torch.cat(parts, dim=1) if parts else image.new_empty(size), compared)

    @torch.no_grad()
    def complete(self, local: LocalStatistics) -> Tensor:
        """Join what compares a cell with the whole image: float32 (B, C, h, w)."""
        if "usual" not in self.groups:
            return local.cells
        with torch.autocast(local.cells.device.type, enabled=False):
            return torch.cat([local.cells, blocks.usual(local.magnitudes)], dim=1)

    def _group(self, group: str, seen: _Planes) -> Tensor:
        rules: dict[str, Callable[[], Tensor]] = {
            "residual": lambda: pixels.residual_levels(seen.residuals),
            "noise": lambda: _noise(seen),
            "grid": lambda: pixels.grid_phases(seen.luma),
            "block": lambda: blocks.energies_and_zeros(seen.blocks),
            "error": lambda: _each(blocks.requantisation_error, seen.blocks, self.luma_tables),
            "chroma": lambda: _chroma(seen, self.transform, self.chroma_tables),
            "exposure": lambda: torch.cat([pixels.pooled(seen.luma) / 64 - 2, pixels.clipped(seen.levels)], dim=1),
        }
        return rules[group]()


class _Planes:
    """Planes that several groups share, each computed when it is first asked for."""

    def __init__(self, levels: Tensor, transform: Tensor) -> None:
        red, green, blue = levels.split(1, dim=1)
        self.levels = levels
        self.luma = _RED * red + _GREEN * green + _BLUE * blue
        # As JFIF has it, 128 for grey.
        self.chroma = ((blue - self.luma) / 1.772 + 128, (red - self.luma) / 1.402 + 128)
        self._transform = transform

    @cached_property
    def residuals(self) -> Tensor:
        return pixels.residuals(self.luma)

    @cached_property
    def blocks(self) -> Tensor:
        return blocks.coefficients(self.luma, self._transform)


def against_image(cells: Tensor) -> Tensor:
    """Distance from the image's median in deviations, robustly: float32 (B, C, h, w), at most 8 either way.

    What differs from its surroundings matters, not what the whole image has. The deviation is 1.4826 times the median
    absolute one, and at least 0.05.
    """
    flat = cells.flatten(2)
    median = flat.median(dim=2, keepdim=True).values
    distance = flat - median
    deviation = 1.4826 * distance.abs().median(dim=2, keepdim=True).values
    scaled = distance / deviation.clamp(min=_LEAST_DEVIATION)
    return scaled.clamp(-_FURTHEST, _FURTHEST).reshape(cells.shape)


def _each(statistic: Callable[[Tensor, Tensor], Tensor], coefficients: Tensor, tables: Tensor) -> Tensor:
    return torch.cat([statistic(coefficients, steps) for steps in tables], dim=1)


def _noise(seen: _Planes) -> Tensor:
    return torch.cat([pixels.flattest_noise(seen.residuals[:, :1]), pixels.half_scale_noise(seen.luma)], dim=1)


def _chroma(seen: _Planes, transform: Tensor, tables: Tensor) -> Tensor:
    """Statistics of blocks of chroma: at half its size as 4:2:0 stores it, a value for 2×2 cells; and at full size."""
    return torch.cat([_chroma_plane(plane, transform, tables) for plane in seen.chroma], dim=1)


def _chroma_plane(plane: Tensor, transform: Tensor, tables: Tensor) -> Tensor:
    halved = blocks.coefficients(functional.avg_pool2d(plane, 2), transform)
    errors = _each(blocks.requantisation_error, halved, tables)
    coarse = torch.cat([blocks.log_energy(halved), blocks.nothing(halved), errors], dim=1)
    enlarged = functional.interpolate(coarse, scale_factor=2, mode="nearest")
    return torch.cat([enlarged, blocks.fine_energy(blocks.coefficients(plane, transform))], dim=1)
