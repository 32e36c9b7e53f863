"""Supervised contrast over a group: which windows attract, which repel, and how well that is kept apart.

The loss is that of P. Khosla et al., «Supervised Contrastive Learning», NeurIPS 2020, Eq. 2 (the sum over positives
outside the logarithm), with two of its choices made differently: the denominator holds windows of the anchor's own
group alone, and pairs of which nothing is known take no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Photographs = Literal["apart", "left-out", "together"]
"""What two photographs with the same drawn history are to each other: they repel, take no part, or attract."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Which pairs of a group's windows belong together.

    Attributes:
        positive: bool (N, N), attract; the diagonal is False.
        counted: bool (N, N), attract or repel; the diagonal is False.
    """

    positive: Tensor
    counted: Tensor


def relations(*, histories: int, photographs: int, windows: int, alike: Photographs) -> Relations:
    """Relations of windows in the order (history, photograph, window), N = H·P·K in all.

    Windows of one piece attract and other pieces repel; `alike` says what two photographs with one history do.
    """
    history = torch.arange(histories).repeat_interleave(photographs * windows)
    photograph = torch.arange(photographs).repeat_interleave(windows).repeat(histories)
    same_history = history[:, None] == history[None]
    same_photograph = photograph[:, None] == photograph[None]
    others = ~torch.eye(len(history), dtype=torch.bool)
    positive = same_history & same_photograph if alike != "together" else same_history
    counted = others if alike != "left-out" else others & ~(same_history & ~same_photograph)
    return Relations(positive=positive & others, counted=counted)


def contrastive_loss(fingerprints: Tensor, related: Relations, *, temperature: float) -> Tensor:
    """Mean over anchors and their positives of -log of the positive's share among the counted windows.

    Args:
        fingerprints: float32 (G, N, D) of length 1, of G groups.
        related: of the N windows of a group; every window has a positive.
        temperature: by which cosines are divided.

    Returns:
        float32 scalar; log of the number of counted windows where fingerprints say nothing.
    """
    similarities = fingerprints @ fingerprints.transpose(1, 2) / temperature
    excluded = ~related.counted.to(similarities.device)
    shares = similarities - torch.logsumexp(similarities.masked_fill(excluded, -torch.inf), dim=2, keepdim=True)
    positive = related.positive.to(similarities.device).to(shares.dtype)
    by_anchor = -(shares * positive).sum(dim=2) / positive.sum(dim=1)
    return by_anchor.mean()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How often the window of the most similar fingerprint is the right one.

    Attributes:
        source: among all other windows of the group, it is of the same photograph and history.
        history: among the other windows of the same photograph, it is of the same history: content cannot help.
    """

    source: float
    history: float


def retrieval(fingerprints: Tensor, *, histories: int, photographs: int, windows: int) -> Retrieval:
    """Retrieval within groups.

    Args:
        fingerprints: float32 (G, N, D) of length 1, in the order (history, photograph, window).
        histories: H.
        photographs: P.
        windows: K; N = H·P·K.
    """
    pieces = torch.arange(histories * photographs).repeat_interleave(windows)
    photograph = pieces % photographs
    similarities = fingerprints @ fingerprints.transpose(1, 2)
    itself = torch.eye(len(pieces), dtype=torch.bool)
    elsewhere = photograph[:, None] != photograph[None]
    return Retrieval(
        source=_hit_share(similarities.masked_fill(itself, -torch.inf), pieces),
        history=_hit_share(similarities.masked_fill(itself | elsewhere, -torch.inf), pieces),
    )


def _hit_share(similarities: Tensor, pieces: Tensor) -> float:
    nearest = similarities.argmax(dim=2)
    return float((pieces[nearest] == pieces).float().mean())
