"""The loss: BCE(A_refined, M), nothing else (paper). Further terms are ours and off unless a recipe asks for them.

Unlabelled pixels are left out of every term. A batch may be taken in parts, by one process or several: the loss of a
part is scaled by what is labelled in the whole batch, so that the parts' losses add up to the batch's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from boxprompt.training.config import RecipeTable

_MANIPULATED = 0.5  # share of the pixel
_DICE_SMOOTHING = 1.0  # pixels; an untouched image with a quiet map costs next to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class LossTerms:
    """Which terms, at which weight. The defaults are the paper's loss.

    Attributes:
        positive_weight: weight of manipulated pixels in the BCE.
        edge_weight: weight of a second BCE, of the pixels near a boundary alone (as IML-ViT has it); 0: none.
        edge_width_px: how near, in pixels of the sample.
        dice_weight: weight of 1 - soft Dice, the mean over images with a labelled pixel; 0: none.
        deep_supervision: weight of the BCE terms of the student's four scales, their mean; 0: none.
    """

    positive_weight: float = 1.0
    edge_weight: float = 0.0
    edge_width_px: int = 3
    dice_weight: float = 0.0
    deep_supervision: float = 0.0

    @classmethod
    def of(cls, recipe: RecipeTable) -> LossTerms:
        """The terms that a recipe asks for."""
        return cls(
            positive_weight=recipe.positive_weight,
            edge_weight=recipe.edge_weight,
            edge_width_px=recipe.edge_width_px,
            dice_weight=recipe.dice_weight,
            deep_supervision=recipe.deep_supervision,
        )


@dataclass(frozen=True, slots=True)
class Labelled:
    """How much of a batch is labelled.

    Attributes:
        pixels: labelled pixels.
        images: images with a labelled pixel.
    """

    pixels: float
    images: float

    @classmethod
    def of(cls, target: Tensor, labelled: Tensor | None) -> Labelled:
        """Count; arguments as those of `loss_share`."""
        if labelled is None:
            return cls(pixels=target.numel(), images=target.shape[0])
        by_image = labelled.flatten(1).sum(dim=1)
        return cls(pixels=int(by_image.sum()), images=int((by_image > 0).sum()))


def loss_share(
    logits: Tensor,
    target: Tensor,
    *,
    labelled: Tensor | None,
    terms: LossTerms,
    whole: Labelled,
    scales: Sequence[Tensor] = (),
) -> Tensor:
    """What a part of a batch adds to the loss of the whole.

    Args:
        logits: float (B, 1, H, W).
        target: float (B, 1, H, W) in [0, 1]; share of the pixel that is manipulated.
        labelled: bool (B, 1, H, W), False where the label is unknown; None labels everything.
        terms: the terms of the loss.
        whole: what is labelled in the whole batch.
        scales: logits of each scale, (B, 1, H, W) each, for deep supervision.

    Returns:
        A scalar; zero (with gradient) where nothing is labelled.
    """
    pixel_weight = _pixel_weights(target, labelled, terms)
    pixels, images = max(whole.pixels, 1), max(whole.images, 1)
    loss = _summed_bce(logits, target, pixel_weight, terms.positive_weight) / pixels
    if terms.dice_weight:
        loss = loss + terms.dice_weight * _summed_dice_loss(logits, target, labelled) / images
    if terms.deep_supervision:
        assert scales, "deep supervision without the scales' logits"
        each = [_summed_bce(scale, target, pixel_weight, terms.positive_weight) for scale in scales]
        loss = loss + terms.deep_supervision * torch.stack(each).mean() / pixels
    return loss


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
    terms = LossTerms(positive_weight=positive_weight)
    return loss_share(logits, target, labelled=labelled, terms=terms, whole=Labelled.of(target, labelled))


def near_boundary(target: Tensor, labelled: Tensor | None, *, width_px: int) -> Tensor:
    """Labelled pixels with labelled ones of both kinds no further away than `width_px`, along an axis or diagonally.

    The frame is no boundary, nor is the border of what is labelled.

    Args:
        target: float (B, 1, H, W); manipulated is over one half.
        labelled: bool (B, 1, H, W); None labels everything.
        width_px: reach.

    Returns:
        bool (B, 1, H, W).
    """
    manipulated = target > _MANIPULATED
    known = torch.ones_like(manipulated) if labelled is None else labelled
    both = [
        functional.max_pool2d((kind & known).float(), 2 * width_px + 1, stride=1, padding=width_px) > 0
        for kind in (manipulated, ~manipulated)
    ]
    return both[0] & both[1] & known


def _pixel_weights(target: Tensor, labelled: Tensor | None, terms: LossTerms) -> Tensor | None:
    """Weight of each pixel in the BCE, float (B, 1, H, W); None where all weigh the same."""
    if not terms.edge_weight:
        return None if labelled is None else labelled.float()
    near = near_boundary(target, labelled, width_px=terms.edge_width_px).float()
    base = torch.ones_like(near) if labelled is None else labelled.float()
    return base + terms.edge_weight * near


def _summed_bce(logits: Tensor, target: Tensor, weight: Tensor | None, positive_weight: float) -> Tensor:
    # float32: bfloat16 logits near ±8 would round the loss of confident pixels.
    positive = torch.tensor(positive_weight, device=logits.device)
    loss = functional.binary_cross_entropy_with_logits(
        logits.float(), target.float(), pos_weight=positive, reduction="none"
    )
    return (loss if weight is None else loss * weight).sum()


def _summed_dice_loss(logits: Tensor, target: Tensor, labelled: Tensor | None) -> Tensor:
    """Sum over images with a labelled pixel of 1 - (2 Σ p t + 1) / (Σ p + Σ t + 1)."""
    known = torch.ones_like(target, dtype=torch.bool) if labelled is None else labelled
    scores, truth = torch.sigmoid(logits.float()) * known, target.float() * known
    common = (scores * truth).flatten(1).sum(dim=1)
    total = scores.flatten(1).sum(dim=1) + truth.flatten(1).sum(dim=1)
    dice = (2 * common + _DICE_SMOOTHING) / (total + _DICE_SMOOTHING)
    return ((1 - dice) * known.flatten(1).any(dim=1)).sum()
