"""The residual stream: a small fully-convolutional network that reads an image at its native resolution.

Resizing erases the traces of an edit, so nothing here resizes: RGB, nine high-pass residuals and, where the
configuration asks for them, recompression errors (`boxprompt.network.recompression`) enter a U-Net whose answers depend
on the pixels around them alone (`REACH_PX` to each side). That is why an image of any size can be read in tiles with
the same result as in one piece. BatchNorm keeps it so (GroupNorm would mix a whole tile into each answer),
generalised better than LayerNorm in published trials on this task (IML-ViT), and folds into the convolutions for
inference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from boxprompt.network.config import WIDEST
from boxprompt.network.convolutions import Merge, Residual, convolution
from boxprompt.network.recompression import RecompressionError
from boxprompt.traces import srm

ARCHITECTURE = "boxprompt-residual"

INPUT_MEAN = (0.0, 0.0, 0.0)
INPUT_STD = (1 / 255, 1 / 255, 1 / 255)
"""Grey levels enter as they are, 0 to 255: residuals are measured in them."""

STRIDE_PX = 4
"""Side of a cell of the coarse answer, in image pixels."""

ALIGNMENT_PX = 16
"""Tiles begin at multiples of this, the pixel of the deepest resolution."""

REACH_PX = 128
"""No pixel further away than this, along an axis, has a part in an answer (a multiple of the alignment)."""

# Residuals of this many grey levels are halved: sensor noise stays nearly linear, edges of things saturate.
_RESIDUAL_SCALE = 3.0


@dataclass(frozen=True, slots=True)
class ResidualConfig:
    """Architecture of a residual stream.

    Attributes:
        widths: channels at 1/2, 1/4, 1/8 and 1/16 of the image's resolution.
        recompressions: JPEG qualities whose recompression errors are inputs as well; none by default.
    """

    widths: tuple[int, int, int, int] = (24, 48, 96, 128)
    recompressions: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.widths) != 4 or not 4 <= min(self.widths) <= max(self.widths) <= WIDEST:
            raise ValueError(f"widths are four numbers of 4 to {WIDEST}, not {self.widths!r}")
        if len(self.recompressions) > 8 or not all(1 <= quality <= 100 for quality in self.recompressions):
            raise ValueError(
                f"recompressions are eight JPEG qualities of 1 to 100 at most, not {self.recompressions!r}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored on a weight card."""
        return {"widths": list(self.widths), "recompressions": list(self.recompressions)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ResidualConfig:
        """Rebuild from `to_dict`, also after JSON.

        Raises:
            TypeError: an unknown name, or widths that are no numbers.
            ValueError: a value out of range.
        """
        plain = dict(values)
        for name in ("widths", "recompressions"):
            if name in plain:
                plain[name] = tuple(int(value) for value in plain[name])
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class ResidualOutput:
    """What a forward pass returns.

    Attributes:
        logits: float (B, 1, H, W); σ(logits) are the model scores.
        coarse_logits: float (B, 1, ⌈H/16⌉·4, ⌈W/16⌉·4), a cell for every 4×4 pixels from the top left; the last ones
            may lie beyond the image.
    """

    logits: Tensor
    coarse_logits: Tensor


class TraceInput(nn.Module):
    """RGB and its residuals as channels; nothing in it is learned.

    Input: float (B, 3, H, W), grey levels 0 to 255.
    Output: float (B, 12, H, W): RGB in [-1, 1], then the three kernels' residuals of each channel, in (-1, 1).
    """

    kernels: Tensor

    def __init__(self) -> None:
        super().__init__()
        kernels = torch.from_numpy(srm.residual_kernels())[:, None].repeat(3, 1, 1, 1)
        # Fixed by the architecture: not in the state dict, so that no weights file can change them.
        self.register_buffer("kernels", kernels, persistent=False)

    @property
    def channels(self) -> int:
        """Number of output channels."""
        return 3 + len(self.kernels)

    def forward(self, image: Tensor) -> Tensor:
        """Return colour and residuals."""
        # float32 also under autocast: bfloat16 keeps eight bits, as many as a grey level has, and no residual.
        with torch.autocast(image.device.type, enabled=False):
            levels = image.float()
            # Repeated borders, not zeros: the frame of an image is no edge in it.
            framed = functional.pad(levels, (srm.SIDE_PX // 2,) * 4, mode="replicate")
            residuals = functional.conv2d(framed, self.kernels, groups=3)
            return torch.cat([levels / 127.5 - 1.0, functional.softsign(residuals / _RESIDUAL_SCALE)], dim=1)


class ResidualStream(nn.Module):
    """A U-Net over colour and residuals, from any image of at least one pixel.

    Input: float (B, 3, H, W), RGB grey levels 0 to 255 (`INPUT_MEAN`, `INPUT_STD`).
    """

    def __init__(self, config: ResidualConfig) -> None:
        super().__init__()
        self.config = config
        half, quarter, eighth, sixteenth = config.widths
        self.traces = TraceInput()
        self.recompression = RecompressionError(config.recompressions) if config.recompressions else None
        inputs = self.traces.channels + (self.recompression.channels if self.recompression else 0)
        self.stem = nn.Sequential(
            convolution(inputs, half, side=5, stride=2),
            convolution(half, half),
        )
        self.down_4 = nn.Sequential(convolution(half, quarter, stride=2), Residual(quarter))
        self.down_8 = nn.Sequential(convolution(quarter, eighth, stride=2), Residual(eighth))
        self.down_16 = nn.Sequential(convolution(eighth, sixteenth, stride=2), Residual(sixteenth, dilation=2))
        self.up_8 = Merge(sixteenth, eighth)
        self.up_4 = Merge(eighth, quarter)
        self.head = nn.Conv2d(quarter, 1, 1)

    def forward(self, image: Tensor) -> ResidualOutput:
        """Localize; see `ResidualOutput` for shapes."""
        height, width = image.shape[-2:]
        coarse = self.coarse(image)
        logits = functional.interpolate(coarse, scale_factor=STRIDE_PX, mode="bilinear", align_corners=False)
        return ResidualOutput(logits=logits[..., :height, :width], coarse_logits=coarse)

    def coarse(self, image: Tensor) -> Tensor:
        """The coarse answer alone, all that inference needs; see `ResidualOutput.coarse_logits`."""
        height, width = image.shape[-2:]
        margins = (0, -width % ALIGNMENT_PX, 0, -height % ALIGNMENT_PX)
        whole = functional.pad(image, margins, mode="replicate") if any(margins) else image
        seen = self.traces(whole)
        if self.recompression is not None:
            seen = torch.cat([seen, self.recompression(whole)], dim=1)
        quarter = self.down_4(self.stem(seen))
        eighth = self.down_8(quarter)
        logits: Tensor = self.head(self.up_4(self.up_8(self.down_16(eighth), eighth), quarter))
        return logits

    @torch.no_grad()
    def initialise_bias(self, manipulated_share: float) -> None:
        """Start the last bias at the prior of a manipulated pixel, so that the first steps do not unlearn it.

        Args:
            manipulated_share: share of manipulated pixels in the training data, in (0, 1).
        """
        assert self.head.bias is not None
        self.head.bias.fill_(float(torch.logit(torch.tensor(manipulated_share))))
