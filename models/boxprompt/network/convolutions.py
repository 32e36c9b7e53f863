"""What the networks at native resolution are built of: convolutions with BatchNorm, beside the identity and upwards."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, width: int, *, dilation: int = 1) -> None:
        super().__init__()
        self.first = convolution(width, width)
        self.second = nn.Sequential(*list(convolution(width, width, dilation=dilation).children())[:-1])

    def forward(self, features: Tensor) -> Tensor:
        """Add what the convolutions make of features (B, C, H, W) to them."""
        return functional.relu(features + self.second(self.first(features)))


class Merge(nn.Module):
    """The deeper resolution, enlarged, joined to the finer one of the way down."""

    def __init__(self, deeper: int, finer: int) -> None:
        super().__init__()
        self.project = convolution(deeper, finer, side=1)
        self.join = convolution(2 * finer, finer)

    def forward(self, deeper: Tensor, finer: Tensor) -> Tensor:
        """Join features (B, D, H/2, W/2) to those at twice their resolution, (B, F, H, W)."""
        enlarged = functional.interpolate(self.project(deeper), scale_factor=2, mode="bilinear", align_corners=False)
        joined: Tensor = self.join(torch.cat([enlarged, finer], dim=1))
        return joined


def convolution(inputs: int, outputs: int, *, side: int = 3, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """A convolution that keeps the size (but for its stride), BatchNorm and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, side, stride, padding=dilation * (side // 2), dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
