"""Folding BatchNorm into the convolution before it: the same function in fewer passes over memory.

For inference only, and exact up to float32 rounding: γ (W x - μ) / σ + β = (γ/σ W) x + (β - γ μ / σ).
"""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batch_norms(network: nn.Module) -> None:
    """Fold, in place, every BatchNorm2d that directly follows a convolution in the same sequential container.

    Args:
        network: in evaluation mode; it can no longer be trained afterwards.

    Raises:
        ValueError: the network is in training mode.
    """
    if network.training:
        raise ValueError("BatchNorm can be folded in evaluation mode only")
    for container in list(network.modules()):
        if isinstance(container, nn.Sequential):
            _fold_container(container)


def _fold_container(container: nn.Sequential) -> None:
    for (name, layer), (norm_name, norm) in pairwise(list(container.named_children())):
        if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(container, name, fuse_conv_bn_eval(layer, norm))
            setattr(container, norm_name, nn.Identity())
