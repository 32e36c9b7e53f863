"""A field of fingerprints: for every 8×8 pixels a vector of what their residuals tell of source and editing history.

The idea is that of Noiseprint++ (F. Guillaro et al., «TruFor», CVPR 2023): windows of one source with one history have
vectors of like direction, and others have not. Network and weights are this project's own. Only high-pass residuals
enter, no colour: what a photograph shows is not to be told by. The stride is that of JPEG's grid, so that every vector
sees the grid at the same phase and a part whose grid is shifted has other vectors.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from boxprompt.network.config import WIDEST
from boxprompt.network.convolutions import Residual, convolution
from boxprompt.network.residual import TraceInput

ARCHITECTURE = "boxprompt-fingerprint"

STRIDE_PX = 8
"""Side of a cell of the field, in image pixels; also what tiles are aligned to."""

REACH_PX = 24
"""No pixel further from a cell than this, along an axis, has a part in its vector (a multiple of the stride)."""

# Colour planes that `TraceInput` gives before the residuals.
_COLOURS = 3


@dataclass(frozen=True, slots=True)
class FingerprintConfig:
    """Architecture of a fingerprint network.

    Attributes:
        widths: channels at 1/2, 1/4 and 1/8 of the image's resolution.
        channels: length D of a vector.
    """

    widths: tuple[int, int, int] = (32, 64, 96)
    channels: int = 32

    def __post_init__(self) -> None:
        if len(self.widths) != 3 or not 4 <= min(self.widths) <= max(self.widths) <= WIDEST:
            raise ValueError(f"widths are three numbers of 4 to {WIDEST}, not {self.widths!r}")
        if not 2 <= self.channels <= WIDEST:
            raise ValueError(f"channels are at least 2 and at most {WIDEST}, not {self.channels}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored on a weight card."""
        return {**asdict(self), "widths": list(self.widths)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FingerprintConfig:
        """Rebuild from `to_dict`, also after JSON.

        Raises:
            TypeError: an unknown name, or widths that are no numbers.
            ValueError: a value out of range.
        """
        plain = dict(values)
        if "widths" in plain:
            plain["widths"] = tuple(int(width) for width in plain["widths"])
        return cls(**plain)


class FingerprintNetwork(nn.Module):
    """Residuals to vectors, from any image of at least one pixel.

    Input: float (B, 3, H, W), RGB grey levels 0 to 255 (`boxprompt.network.residual.INPUT_MEAN`, `INPUT_STD`).
    Output: float (B, D, ⌈H/8⌉, ⌈W/8⌉), one vector for every 8×8 pixels from the top left; the last ones may lie partly
    beyond the image. A vector's length weighs it in a mean of several; the mean's direction is the fingerprint of them.
    """

    def __init__(self, config: FingerprintConfig) -> None:
        super().__init__()
        self.config = config
        half, quarter, eighth = config.widths
        self.traces = TraceInput()
        self.stem = convolution(self.traces.channels - _COLOURS, half, side=5, stride=2)
        self.at_2 = Residual(half)
        self.down_4 = convolution(half, quarter, stride=2)
        self.at_4 = Residual(quarter)
        self.down_8 = convolution(quarter, eighth, stride=2)
        self.mix = convolution(eighth, eighth, side=1)
        self.head = nn.Conv2d(eighth, config.channels, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the field; see the class for shapes."""
        height, width = image.shape[-2:]
        margins = (0, -width % STRIDE_PX, 0, -height % STRIDE_PX)
        whole = functional.pad(image, margins, mode="replicate") if any(margins) else image
        quarter = self.at_4(self.down_4(self.at_2(self.stem(self.traces(whole)[:, _COLOURS:]))))
        field: Tensor = self.head(self.mix(self.down_8(quarter)))
        return field


def window_means(field: Tensor, windows: Tensor, *, side: int) -> Tensor:
    """Fingerprints of square windows of a field.

    Args:
        field: float (B, D, h, w).
        windows: int (B, K, 2), (row, column) of the first cell of each window.
        side: of a window, in cells.

    Returns:
        float32 (B, K, D), of length 1.
    """
    # Means of all windows in one pass; then those asked for are picked.
    means = functional.avg_pool2d(field.float(), side, stride=1)
    chosen = windows[..., 0] * means.shape[-1] + windows[..., 1]
    index = chosen[:, None].expand(-1, field.shape[1], -1)
    return functional.normalize(torch.gather(means.flatten(2), 2, index).transpose(1, 2), dim=2)
