"""Dual guidance, Eq. 4: A_final = α (A'_base ⊙ G_avg) + (1 - α) A_mem."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn


class BaseResponse(nn.Module):
    """A'_base: the network's own response to F_fused, before any guidance.

    Input: F_fused (B, C, h, w). Output: A'_base (B, 1, h, w) in (0, 1).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.head = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.GELU(),
            nn.Conv2d(width, 1, 1),
        )

    def forward(self, fused: Tensor) -> Tensor:
        """Return A'_base."""
        return torch.sigmoid(self.head(fused))


class DualGuidance(nn.Module):
    """Eq. 4, with α fixed or learned (as σ of a free parameter, so that it stays in (0, 1)).

    Input: A'_base, G_avg and A_mem, each (B, 1, h, w) in [0, 1]; A_mem None where there is no memory.
    Output: A_final (B, 1, h, w) in [0, 1].
    """

    def __init__(self, alpha: float | Literal["learnable"]) -> None:
        super().__init__()
        self._alpha_logit: nn.Parameter | None = None
        self._alpha_fixed = 0.5
        if isinstance(alpha, str):
            self._alpha_logit = nn.Parameter(torch.tensor(0.0))
        else:
            self._alpha_fixed = float(alpha)

    @property
    def alpha(self) -> Tensor | float:
        """The current α."""
        return self._alpha_fixed if self._alpha_logit is None else torch.sigmoid(self._alpha_logit)

    def forward(self, base: Tensor, mean_gate: Tensor, memory: Tensor | None) -> Tensor:
        """Return A_final."""
        guided = base * mean_gate
        if memory is None:
            return guided
        return self.alpha * guided + (1 - self.alpha) * memory  # Eq. 4
