"""Exponential moving average of weights: what is validated and shipped when the recipe asks for it."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WeightAverage:
    """Averages parameters; buffers (BatchNorm statistics) are averaged too, counters are copied."""

    def __init__(self, network: nn.Module, *, decay: float) -> None:
        self._decay = decay
        self.state: dict[str, Tensor] = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, *, step: int) -> None:
        """Take in the weights after optimizer step number `step` (from 1).

        Early on the decay is (1 + step) / (10 + step), so that the random start is forgotten quickly.
        """
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            mean = self.state[name]
            if value.is_floating_point():
                mean.lerp_(value.detach(), 1 - decay)
            else:
                mean.copy_(value)
