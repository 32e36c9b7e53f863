"""BatchNorm over the batch of all processes, on any device; torch's own `SyncBatchNorm` refuses CPUs.

Without it every process would normalise by its own share, and a run's result would depend on how many there were.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from boxprompt.training.collectives import add_over_processes


class GlobalBatchNorm2d(nn.BatchNorm2d):
    """`nn.BatchNorm2d` whose training statistics are those of the shares of all processes together.

    Every process has a share of the same shape. State dict and evaluation are those of `nn.BatchNorm2d`.

    Args (of the constructor):
        like: the layer it replaces; parameters and statistics are shared with it.
        rank: number of this process.
        world: how many there are.
    """

    def __init__(self, like: nn.BatchNorm2d, *, rank: int, world: int) -> None:
        super().__init__(
            like.num_features,
            eps=like.eps,
            momentum=like.momentum,
            affine=like.affine,
            track_running_stats=like.track_running_stats,
        )
        self.weight, self.bias = like.weight, like.bias
        self.running_mean, self.running_var = like.running_mean, like.running_var
        self.num_batches_tracked = like.num_batches_tracked
        self.train(like.training)
        self._rank, self._world = rank, world

    def forward(self, features: Tensor) -> Tensor:
        """Normalise; float (B, C, H, W) in and out, in the type of the input."""
        if not self.training:
            return super().forward(features)
        values = features.float()
        variance, mean = self._statistics(values)
        self._remember(mean.detach(), variance.detach(), count=values.numel() // values.shape[1] * self._world)
        scale = torch.rsqrt(variance + self.eps)
        if self.affine:
            scale = scale * self.weight
        shift = -mean * scale if not self.affine else self.bias - mean * scale
        return (values * _by_channel(scale) + _by_channel(shift)).to(features.dtype)

    def _statistics(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Variance (biased) and mean of each channel over all processes, (C,) each."""
        own_variance, own_mean = torch.var_mean(values, dim=(0, 2, 3), correction=0)
        every = torch.zeros(self._world, 2, values.shape[1], device=values.device)
        every[self._rank] = torch.stack([own_variance, own_mean])
        # A sum of rows that are zero elsewhere: one exchange, and no sum of squares to lose digits in.
        gathered: Tensor = _SumOverProcesses.apply(every)  # type: ignore[no-untyped-call]  # torch's decorator
        variances, means = gathered.unbind(dim=1)
        mean = means.mean(dim=0)
        return (variances + (means - mean).square()).mean(dim=0), mean

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, *, count: int) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance * (count / max(count - 1, 1)), share)


def synchronise_batch_norms(network: nn.Module, *, rank: int, world: int) -> None:
    """Replace every `nn.BatchNorm2d` of a network, in place; its parameters stay the same objects.

    Args:
        network: on its device.
        rank: number of this process.
        world: how many there are.
    """
    for name, child in network.named_children():
        if type(child) is nn.BatchNorm2d:
            setattr(network, name, GlobalBatchNorm2d(child, rank=rank, world=world))
        else:
            synchronise_batch_norms(child, rank=rank, world=world)


def _by_channel(values: Tensor) -> Tensor:
    return values.view(1, -1, 1, 1)


class _SumOverProcesses(torch.autograd.Function):
    """The sum over all processes; so is the gradient, for a value enters the loss of every process."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:  # noqa: ARG004 - autograd's signature
        return _summed(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ARG004 - autograd's signature
        return _summed(gradient)


def _summed(values: Tensor) -> Tensor:
    total = values.contiguous().clone()
    add_over_processes(total)
    return total
