"""Gated integration: G_i = σ(Conv(F'_i)), F_fused = Σ G_i ⊙ F'_i / Σ G_i, G_avg = mean of the G_i."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor, nn

_EPSILON = 1e-6


class GatedIntegration(nn.Module):
    """Gate-weighted aggregation of the scales.

    The paper says «gate-weighted aggregation» without a formula; the normalised weighted mean is ours: it keeps the
    magnitude of F_fused independent of how open the gates are. A gate is one channel, so that it can be shown.

    Input: F'_i (B, C, h, w).
    Output: F_fused (B, C, h, w) and G_avg (B, 1, h, w) in (0, 1).
    """

    def __init__(self, width: int, *, scales: int = 4) -> None:
        super().__init__()
        self.gates = nn.ModuleList(nn.Conv2d(width, 1, 3, padding=1) for _ in range(scales))

    def forward(self, scales: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return (F_fused, G_avg)."""
        gates = [torch.sigmoid(gate(scale)) for gate, scale in zip(self.gates, scales, strict=True)]
        # Folded pairwise: stacking first would copy every scale once more, a tenth of the forward time on a CPU.
        total = reduce(torch.add, gates)
        weighted = reduce(torch.add, (gate * scale for gate, scale in zip(gates, scales, strict=True)))
        return weighted / (total + _EPSILON), total / len(gates)


class PlainFusion(nn.Module):
    """The ablation without gates: F_fused is the mean of the F'_i and G_avg is 1 everywhere.

    Shapes as in `GatedIntegration`.
    """

    def forward(self, scales: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return (F_fused, G_avg)."""
        fused = reduce(torch.add, scales) / len(scales)
        return fused, torch.ones_like(fused[:, :1])
