"""Windows attract and repel as their group says; the loss and the retrieval agree with a count by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from boxprompt.training.contrast import Relations, contrastive_loss, relations, retrieval

SHAPE = {"histories": 2, "photographs": 2, "windows": 2}
# (history, photograph) of each window, in order.
PIECES = [(h, p) for h in range(2) for p in range(2) for _ in range(2)]


def unit(groups: int, length: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return functional.normalize(torch.randn(groups, len(PIECES), length, generator=generator), dim=2)


def by_hand(fingerprints: Tensor, related: Relations, temperature: float) -> float:
    total = []
    for group in fingerprints:
        for anchor in range(len(PIECES)):
            exponents = {
                other: math.exp(float(group[anchor] @ group[other]) / temperature)
                for other in range(len(PIECES))
                if related.counted[anchor, other]
            }
            shares = [
                exponents[other] / sum(exponents.values()) for other in exponents if related.positive[anchor, other]
            ]
            total.append(sum(-math.log(share) for share in shares) / len(shares))
    return sum(total) / len(total)


@pytest.mark.parametrize("alike", ["apart", "left-out", "together"])
def test_the_loss_is_the_published_one(alike: str) -> None:
    related = relations(**SHAPE, alike=alike)  # type: ignore[arg-type]
    found = unit(3)
    assert float(contrastive_loss(found, related, temperature=0.2)) == pytest.approx(by_hand(found, related, 0.2), 1e-5)


def test_only_windows_of_one_piece_attract_unless_photographs_are_together() -> None:
    for one, (history, photograph) in enumerate(PIECES):
        for other, (other_history, other_photograph) in enumerate(PIECES):
            same_history, same_photograph = history == other_history, photograph == other_photograph
            apart, left_out, together = (relations(**SHAPE, alike=alike) for alike in ("apart", "left-out", "together"))
            itself = one == other
            assert apart.positive[one, other] == (same_history and same_photograph and not itself)
            assert apart.counted[one, other] == (not itself)
            assert left_out.counted[one, other] == (not itself and not (same_history and not same_photograph))
            assert torch.equal(left_out.positive, apart.positive)
            assert together.positive[one, other] == (same_history and not itself)


def test_perfect_fingerprints_lose_nothing_and_mute_ones_lose_the_logarithm() -> None:
    related = relations(**SHAPE, alike="apart")
    perfect = torch.eye(4).repeat_interleave(2, dim=0)[None]
    assert float(contrastive_loss(perfect, related, temperature=0.02)) < 1e-6
    mute = torch.ones(1, 8, 1)
    assert float(contrastive_loss(mute, related, temperature=0.1)) == pytest.approx(math.log(7), abs=1e-5)


def test_retrieval_by_content_finds_the_photograph_and_misses_the_history() -> None:
    content = torch.zeros(1, 8, 3)
    for window, (_, photograph) in enumerate(PIECES):
        content[0, window, photograph] = 1.0
    content[..., 2] = torch.tensor([0, 1, 2, 3, 0.1, 1.1, 2.1, 3.1]) * 1e-2  # its own order within a photograph
    found = retrieval(functional.normalize(content, dim=2), **SHAPE)
    assert found.source < 1 and found.history < 1
    perfect = torch.eye(4).repeat_interleave(2, dim=0)[None]
    assert retrieval(perfect, **SHAPE) == retrieval(perfect.repeat(5, 1, 1), **SHAPE)
    assert retrieval(perfect, **SHAPE).source == retrieval(perfect, **SHAPE).history == 1.0


def test_history_retrieval_looks_within_a_photograph_only() -> None:
    histories_only = torch.zeros(1, 8, 2)
    for window, (history, _) in enumerate(PIECES):
        histories_only[0, window, history] = 1.0
    # Told apart by history alone: perfect within a photograph, a toss between photographs.
    assert retrieval(histories_only, **SHAPE).history == 1.0
    assert retrieval(histories_only, **SHAPE).source < 1.0
