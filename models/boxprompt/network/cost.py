"""Parameters and multiply-adds of a network: the two figures the paper's student is held to."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True, slots=True)
class Cost:
    """Size of a network.

    Attributes:
        parameters: trainable and fixed parameters.
        macs: multiply-adds of convolutions and matrix products for one image.
    """

    parameters: int
    macs: int


def measure_cost(network: nn.Module, *, side_px: int) -> Cost:
    """Count the parameters and the multiply-adds of one (1, 3, side, side) image.

    torch counts a multiply-add as two operations and leaves element-wise work out; so do the figures in the
    literature this is compared with.
    """
    was_training = network.training
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, side_px, side_px))
    network.train(was_training)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Cost(parameters=parameters, macs=counter.get_total_flops() // 2)
