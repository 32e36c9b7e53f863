"""Several localizers' model scores of one image as one map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import cv2
import numpy as np

from boxprompt.contracts import ScoreMap, require_scores

# Scores nearer to 0 or 1 than this count as that: the logit of an exact 0 is no number.
_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class FusionRule:
    """How scores of networks and repetitions found within the image become one model score.

    The networks' scores p add up as logits: q = σ(bias + Σ weight · logit(p)). Where a region repeats within the image
    with strength m, that is evidence of its own, and what else the image shows only says which of the two regions
    is the copy: the score there is m · (least + (1 - least) · q). A repetition also explains why the image drew
    attention at all, so that elsewhere q is weakened in proportion to the strongest repetition, by `explained` at most.

    Attributes:
        weights: by name of a network, of its logit.
        bias: added to the logits' sum.
        least: share of a repetition's strength that counts whatever the networks say, in [0, 1].
        explained: in [0, 1]; 0 leaves the networks' scores as they are.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    bias: float = 0.0
    least: float = 0.5
    explained: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite([self.bias, *self.weights.values()]).all():
            raise ValueError(f"the numbers of a rule are finite, not {self}")
        if not (0 <= self.least <= 1 and 0 <= self.explained <= 1):
            raise ValueError(f"`least` and `explained` are shares in [0, 1], not {self.least} and {self.explained}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as stored on a weight card."""
        return {**asdict(self), "weights": dict(self.weights)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FusionRule:
        """Rebuild from `to_dict`, also after JSON.

        Raises:
            TypeError: an unknown name, or a value that is no number.
            ValueError: a value out of range.
        """
        plain = dict(values)
        weights = {str(name): float(weight) for name, weight in dict(plain.pop("weights", {})).items()}
        return cls(weights=weights, **plain)


def fuse(scores: Mapping[str, ScoreMap], *, rule: FusionRule, repetition: ScoreMap | None = None) -> ScoreMap:
    """Fuse maps of one image.

    Args:
        scores: by name of a network, float32 (h, w) in [0, 1], each covering the image on a grid of its own.
        rule: how; names the same networks.
        repetition: strength of regions that repeat within the image, float32 (h', w') in [0, 1]; None where none was
            looked for.

    Returns:
        float32 in [0, 1] on the grid of the networks' map with most cells.

    Raises:
        ValueError: no maps, or others than the rule's.
    """
    if not scores or set(scores) != set(rule.weights):
        raise ValueError(f"the rule fuses {sorted(rule.weights)}, not {sorted(scores)}")
    shape = max((require_scores(one).shape for one in scores.values()), key=lambda size: size[0] * size[1])
    total = np.full(shape, rule.bias, dtype=np.float32)
    for name, weight in rule.weights.items():
        total += weight * _logit(_on_grid(scores[name], shape))
    network = 0.5 * (1 + np.tanh(total / 2))  # σ, without overflow
    if repetition is None:
        return np.asarray(network, dtype=np.float32)
    strength = _on_grid(require_scores(repetition), shape)
    elsewhere = network * (1 - rule.explained * float(strength.max()))
    repeated = strength * (rule.least + (1 - rule.least) * network)
    return np.asarray(np.maximum(elsewhere * (1 - strength), repeated), dtype=np.float32)


def _on_grid(scores: ScoreMap, shape: tuple[int, ...]) -> ScoreMap:
    if scores.shape == shape:
        return scores
    # Means of what a coarser cell covers; a finer grid is interpolated.
    shrinks = scores.shape[0] > shape[0] and scores.shape[1] > shape[1]
    resized = cv2.resize(scores, (shape[1], shape[0]), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(np.clip(resized, 0.0, 1.0), dtype=np.float32)


def _logit(scores: ScoreMap) -> ScoreMap:
    inside = np.clip(scores, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float32)
