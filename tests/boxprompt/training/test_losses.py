"""The loss is the paper's unless a recipe asks for more; unlabelled pixels are in no term; parts add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from boxprompt.training.config import RecipeTable
from boxprompt.training.losses import Labelled, LossTerms, loss_share, masked_bce, near_boundary


def drawn(seed: int = 0, *, images: int = 4, side: int = 12) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, targets with a square each, and labels of all but some rows."""
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(images, 1, side, side, generator=generator)
    target = torch.zeros(images, 1, side, side)
    target[:, :, 3:8, 4:9] = 1.0
    labelled = torch.ones_like(target, dtype=torch.bool)
    for number in range(images):
        labelled[number, :, : 3 * number] = False
    return logits, target, labelled


def loss_of(logits: Tensor, target: Tensor, labelled: Tensor | None = None, *, scales: Any = (), **terms: Any) -> float:
    whole = Labelled.of(target, labelled)
    share = loss_share(logits, target, labelled=labelled, terms=LossTerms(**terms), whole=whole, scales=scales)
    return float(share.detach())


def test_by_default_the_loss_is_the_papers() -> None:
    logits, target, _ = drawn()
    assert LossTerms.of(RecipeTable(steps=200)) == LossTerms()
    expected = functional.binary_cross_entropy_with_logits(logits, target)
    assert loss_of(logits, target) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"positive_weight": 3.0},
        {"edge_weight": 2.0, "edge_width_px": 2},
        {"dice_weight": 1.0},
        {"deep_supervision": 0.7},
    ],
)
def test_what_unlabelled_pixels_say_changes_no_term(terms: dict[str, float]) -> None:
    logits, target, labelled = drawn()
    scale = logits.flip(0)
    elsewhere = torch.where(labelled, logits, torch.full_like(logits, 9.0))
    scale_elsewhere = torch.where(labelled, scale, torch.full_like(logits, -9.0))
    opposite = torch.where(labelled, target, 1 - target)
    first = loss_of(logits, target, labelled, scales=(scale,), **terms)
    assert loss_of(elsewhere, opposite, labelled, scales=(scale_elsewhere,), **terms) == pytest.approx(first, rel=1e-6)
    assert loss_of(logits, target, scales=(scale,), **terms) != pytest.approx(first, rel=1e-3)


@pytest.mark.parametrize("terms", [{}, {"edge_weight": 2.0, "dice_weight": 0.5, "positive_weight": 2.0}])
def test_the_shares_of_parts_add_up_to_the_loss_of_the_whole(terms: dict[str, float]) -> None:
    logits, target, labelled = drawn(images=5)
    whole = Labelled.of(target, labelled)
    parts = [slice(0, 2), slice(2, 3), slice(3, 5)]
    shares = [
        loss_share(logits[part], target[part], labelled=labelled[part], terms=LossTerms(**terms), whole=whole)
        for part in parts
    ]
    assert float(sum(shares)) == pytest.approx(loss_of(logits, target, labelled, **terms), rel=1e-6)


def test_a_band_lies_on_both_sides_of_a_boundary_and_not_along_the_frame() -> None:
    target = torch.zeros(1, 1, 9, 12)
    target[..., :6] = 1.0
    band = near_boundary(target, None, width_px=2)
    assert band[0, 0].all(dim=0).tolist() == [False] * 4 + [True] * 4 + [False] * 4
    assert torch.equal(band, near_boundary(1 - target, None, width_px=2))
    assert not near_boundary(torch.ones_like(target), None, width_px=2).any()


def test_the_border_of_what_is_labelled_is_no_boundary() -> None:
    target = torch.zeros(1, 1, 4, 10)
    target[..., :3] = 1.0
    labelled = torch.ones_like(target, dtype=torch.bool)
    labelled[..., 3:6] = False  # what lies between the two kinds is not known
    assert not near_boundary(target, labelled, width_px=2).any()
    near = near_boundary(target, labelled, width_px=4)[0, 0, 0]
    assert near.nonzero().flatten().tolist() == [2, 6]


def test_pixels_near_a_boundary_weigh_more_by_what_is_asked() -> None:
    _, target, _ = drawn(images=1)
    band = near_boundary(target, None, width_px=1)
    share = float(band.float().mean())
    assert loss_of(torch.zeros_like(target), target, edge_weight=3.0, edge_width_px=1) == pytest.approx(
        (1 + 3 * share) * np.log(2), rel=1e-6
    )


def test_the_dice_term_is_the_mean_over_images_of_one_minus_soft_dice() -> None:
    logits, target, labelled = drawn()
    expected = []
    for one, truth, known in zip(torch.sigmoid(logits), target, labelled, strict=True):
        scores, right = one[known], truth[known]
        if known.any():
            expected.append(1 - (2 * float((scores * right).sum()) + 1) / (float(scores.sum() + right.sum()) + 1))
    with_dice = loss_of(logits, target, labelled, dice_weight=0.5) - loss_of(logits, target, labelled)
    assert with_dice == pytest.approx(0.5 * np.mean(expected), rel=1e-5)


def test_a_quiet_map_of_an_untouched_image_costs_no_dice() -> None:
    quiet, untouched = torch.full((2, 1, 8, 8), -20.0), torch.zeros(2, 1, 8, 8)
    assert loss_of(quiet, untouched, dice_weight=1.0) < 1e-6
    assert loss_of(-quiet, untouched, dice_weight=1.0) > 0.9


def test_an_image_without_labels_is_no_image_in_the_mean() -> None:
    logits, target, labelled = drawn(images=3)
    labelled[1] = False
    kept = [0, 2]
    assert loss_of(logits, target, labelled, dice_weight=1.0) == pytest.approx(
        loss_of(logits[kept], target[kept], labelled[kept], dice_weight=1.0), rel=1e-6
    )


def test_deep_supervision_adds_the_mean_of_the_scales_losses() -> None:
    logits, target, labelled = drawn()
    scales = [logits * factor for factor in (0.5, 1.5)]
    each = [float(masked_bce(scale, target, labelled=labelled)) for scale in scales]
    added = loss_of(logits, target, labelled, scales=scales, deep_supervision=0.4) - loss_of(logits, target, labelled)
    assert added == pytest.approx(0.4 * np.mean(each), rel=1e-5)


def test_nothing_labelled_gives_nothing_to_learn() -> None:
    logits, target, labelled = drawn()
    logits.requires_grad_()
    terms = LossTerms(edge_weight=1.0, dice_weight=1.0)
    nothing = torch.zeros_like(labelled)
    loss = loss_share(logits, target, labelled=nothing, terms=terms, whole=Labelled.of(target, nothing))
    loss.backward()
    assert float(loss.detach()) == 0.0 and logits.grad is not None and not logits.grad.any()
