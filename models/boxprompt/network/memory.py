"""Memory bank: learnable prototypes of manipulation patterns, from which an input retrieves the prior A_mem."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class MemoryBank(nn.Module):
    """K prototypes, each a key to be found by and a response to be retrieved.

    Every position of F_fused asks with a query; its softmax-weighted mixture of the prototypes' responses is A_mem.
    Size, widths and update rule are unpublished. Here prototypes are learned by gradient like any weight, and a
    prototype's response is one number in (0, 1), so that A_mem = Σ_k w_k σ(r_k) is a convex mixture: which prototype
    speaks where, and what it says, can be read off.

    Input: F_fused (B, C, h, w).
    Output: A_mem (B, 1, h, w) in (0, 1) and the retrieval weights w (B, K, h, w), which sum to 1 over K.
    """

    def __init__(self, width: int, *, size: int, key_width: int) -> None:
        super().__init__()
        self.query = nn.Conv2d(width, key_width, 1)
        self.keys = nn.Parameter(functional.normalize(torch.randn(size, key_width), dim=1))
        # Half the prototypes start as «untouched», half as «manipulated», so that retrieval carries signal at once.
        self.response_logits = nn.Parameter(torch.linspace(-2.0, 2.0, size))
        self.log_temperature = nn.Parameter(torch.tensor(0.0))

    def forward(self, fused: Tensor) -> tuple[Tensor, Tensor]:
        """Return (A_mem, w)."""
        query = functional.normalize(self.query(fused).float(), dim=1)
        keys = functional.normalize(self.keys, dim=1)
        # Cosine similarity, sharpened: with K prototypes a plain softmax over [-1, 1] could hardly prefer any.
        sharpened = keys * (8.0 * self.log_temperature.exp())
        # Products over channels as 1x1 convolutions, which keep the memory layout of the rest.
        weights = functional.conv2d(query, sharpened[:, :, None, None]).softmax(dim=1)
        prior = functional.conv2d(weights, torch.sigmoid(self.response_logits)[None, :, None, None])
        return prior, weights
