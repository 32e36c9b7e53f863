"""The trace stem's network: a small U-Net on the grid of cells, from statistics to logits.

It sees a 64th of the image's pixels, so that it costs little where the residual stream (`boxprompt.network.residual`)
reads every one. Unlike that stream it knows the whole: every statistic enters twice, as it is and as its distance from
the image's median.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from boxprompt.network.config import WIDEST
from boxprompt.network.convolutions import Merge, Residual, convolution
from boxprompt.network.trace.pixels import CELL_PX
from boxprompt.network.trace.statistics import ALIGNMENT_PX, GROUPS, TraceStatistics, against_image

ARCHITECTURE = "boxprompt-trace-stem"

INPUT_MEAN = (0.0, 0.0, 0.0)
INPUT_STD = (1 / 255, 1 / 255, 1 / 255)
"""Grey levels enter as they are, 0 to 255: statistics are measured in them."""

_DEEPEST = 4  # cells by side of one pixel of the deepest resolution


@dataclass(frozen=True, slots=True)
class TraceStemConfig:
    """Architecture of a trace stem.

    Attributes:
        groups: of statistics, from `boxprompt.network.trace.statistics.GROUPS`, in that order.
        widths: channels at 1/8, 1/16 and 1/32 of the image's resolution.
    """

    groups: tuple[str, ...] = tuple(GROUPS)
    widths: tuple[int, int, int] = (48, 64, 96)

    def __post_init__(self) -> None:
        if len(self.widths) != 3 or not 4 <= min(self.widths) <= max(self.widths) <= WIDEST:
            raise ValueError(f"widths are three numbers of 4 to {WIDEST}, not {self.widths!r}")
        if not self.groups or self.groups != tuple(group for group in GROUPS if group in self.groups):
            raise ValueError(f"groups are some of {', '.join(GROUPS)}, in that order, not {self.groups!r}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored on a weight card."""
        return {"groups": list(self.groups), "widths": list(self.widths)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TraceStemConfig:
        """Rebuild from `to_dict`, also after JSON.

        Raises:
            TypeError: an unknown name, or widths that are no numbers.
            ValueError: a value out of range.
        """
        plain = dict(values)
        if "widths" in plain:
            plain["widths"] = tuple(int(width) for width in plain["widths"])
        if "groups" in plain:
            plain["groups"] = tuple(plain["groups"])
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class TraceStemOutput:
    """What a forward pass returns.

    Attributes:
        logits: float (B, 1, H, W); σ(logits) are the model scores.
        coarse_logits: float (B, 1, ⌈H/16⌉·2, ⌈W/16⌉·2), one for every cell of 8×8 pixels from the top left; the last
            ones may lie beyond the image.
    """

    logits: Tensor
    coarse_logits: Tensor


class TraceStem(nn.Module):
    """Statistics of an image, and the network that reads them.

    Input: float (B, 3, H, W), RGB grey levels 0 to 255 (`INPUT_MEAN`, `INPUT_STD`), of at least one pixel.
    """

    def __init__(self, config: TraceStemConfig) -> None:
        super().__init__()
        self.config = config
        eighth, sixteenth, deepest = config.widths
        self.statistics = TraceStatistics(config.groups)
        channels = 2 * len(self.statistics.names)
        self.scale = nn.BatchNorm2d(channels)
        self.stem = nn.Sequential(convolution(channels, eighth, side=1), Residual(eighth), Residual(eighth))
        self.down_16 = nn.Sequential(convolution(eighth, sixteenth, stride=2), Residual(sixteenth))
        self.down_32 = nn.Sequential(
            convolution(sixteenth, deepest, stride=2), Residual(deepest), Residual(deepest, dilation=2)
        )
        self.up_16 = Merge(deepest, sixteenth)
        self.up_8 = Merge(sixteenth, eighth)
        self.head = nn.Conv2d(eighth, 1, 1)

    def forward(self, image: Tensor) -> TraceStemOutput:
        """Localize; see `TraceStemOutput` for shapes."""
        height, width = image.shape[-2:]
        coarse = self.read(self.statistics(aligned(image)))
        logits = functional.interpolate(coarse, scale_factor=CELL_PX, mode="bilinear", align_corners=False)
        return TraceStemOutput(logits=logits[..., :height, :width], coarse_logits=coarse)

    def read(self, cells: Tensor) -> Tensor:
        """Logits of cells, float (B, 1, h, w), from the statistics of the whole image, float32 (B, C, h, w)."""
        height, width = cells.shape[-2:]
        seen = self.scale(torch.cat([cells, against_image(cells)], dim=1))
        margins = (0, -width % _DEEPEST, 0, -height % _DEEPEST)
        framed = functional.pad(seen, margins, mode="replicate") if any(margins) else seen
        eighth = self.stem(framed)
        sixteenth = self.down_16(eighth)
        logits: Tensor = self.head(self.up_8(self.up_16(self.down_32(sixteenth), sixteenth), eighth))
        return logits[..., :height, :width]

    @torch.no_grad()
    def initialise_bias(self, manipulated_share: float) -> None:
        """Start the last bias at the prior of a manipulated pixel, so that the first steps do not unlearn it.

        Args:
            manipulated_share: share of manipulated pixels in the training data, in (0, 1).
        """
        assert self.head.bias is not None
        self.head.bias.fill_(float(torch.logit(torch.tensor(manipulated_share))))


def aligned(image: Tensor) -> Tensor:
    """An image with its last rows and columns repeated to multiples of 16 pixels: its own grid stays where it is."""
    height, width = image.shape[-2:]
    margins = (0, -width % ALIGNMENT_PX, 0, -height % ALIGNMENT_PX)
    return functional.pad(image, margins, mode="replicate") if any(margins) else image
