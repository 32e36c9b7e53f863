"""The loss: BCE(A_refined, M), nothing else (paper); unlabelled pixels left out."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def masked_bce(
    logits: Tensor, target: Tensor, *, labelled: Tensor | None = None, positive_weight: float = 1.0
) -> Tensor:
    """Binary cross-entropy of logits, averaged over labelled pixels.

    Args:
        logits: float (B, 1, H, W).
        target: float (B, 1, H, W) in [0, 1]; share of the pixel that is manipulated.
        labelled: bool (B, 1, H, W), False where the label is unknown; None labels everything.
        positive_weight: weight of manipulated pixels; 1 is the paper's loss.

    Returns:
        A scalar; zero (with gradient) where nothing is labelled.
    """
    # float32: bfloat16 logits near ±8 would round the loss of confident pixels.
    weight = torch.tensor(positive_weight, device=logits.device)
    loss = functional.binary_cross_entropy_with_logits(
        logits.float(), target.float(), pos_weight=weight, reduction="none"
    )
    if labelled is None:
        return loss.mean()
    return (loss * labelled).sum() / labelled.sum().clamp(min=1)
