"""Multi-scale preprocessing: each F_i to the F'_i of common width and resolution."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from boxprompt.network.backbone import SCALE_WIDTHS


class MultiScalePreprocessing(nn.Module):
    """Projects every scale to width C and resamples it to the resolution of F1.

    The 1×1 projection comes before the resampling, where it costs least. BatchNorm, because it generalised better
    than LayerNorm in published trials on this task (IML-ViT).

    Input: F_i (B, C_i, h_i, w_i), finest first.
    Output: F'_i (B, C, h_1, w_1), one for each scale.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.projections = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.GELU())
            for channels in SCALE_WIDTHS
        )

    def forward(self, scales: Sequence[Tensor]) -> list[Tensor]:
        """Return [F'_1, …, F'_4]."""
        size = scales[0].shape[-2:]
        projected = [project(scale) for project, scale in zip(self.projections, scales, strict=True)]
        return [
            scale
            if scale.shape[-2:] == size
            else functional.interpolate(scale, size=size, mode="bilinear", align_corners=False)
            for scale in projected
        ]
