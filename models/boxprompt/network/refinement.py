"""Refinement: A_final and F_fused to the logits of A_refined."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Refinement(nn.Module):
    """Sharpens A_final with the fused features (structure unpublished; ours).

    The response enters twice: as a channel among the features and as a scaled skip, so that an untrained refinement
    passes A_final through instead of drowning it.

    Input: A_final (B, 1, h, w) in [0, 1], F_fused (B, C, h, w).
    Output: logits (B, 1, h, w); A_refined = σ(logits) after bilinear upsampling to (H, W).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = width // 2
        self.body = nn.Sequential(
            nn.Conv2d(width + 1, hidden, 3, padding=1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.GELU(),
            nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.GELU(),
            nn.Conv2d(hidden, 1, 1),
        )
        self.skip_scale = nn.Parameter(torch.tensor(4.0))

    def forward(self, response: Tensor, fused: Tensor) -> Tensor:
        """Return logits."""
        skip: Tensor = self.skip_scale * (2 * response - 1)
        refined: Tensor = self.body(torch.cat([fused, response.to(fused.dtype)], dim=1))
        return skip + refined
