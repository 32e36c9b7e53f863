"""Several networks' model scores of one image, and regions that repeat in it, as one map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import cv2
import numpy as np

from boxprompt.contracts import BoolMask, ScoreMap, require_scores
from boxprompt.traces.self_similarity import Repeat

# Scores nearer to 0 or 1 than this count as that: the logit of an exact 0 is no number.
_LEAST = 1e-4
# Larger factors overflow float32 in a sum of logits, and give scores that are no numbers.
_LARGEST = 1e6


@dataclass(frozen=True, slots=True)
class FusionRule:
    """How scores of networks and repeats within the image become one model score.

    The networks' scores p add up as logits: q = bias + Σ weight · logit(p).

    Two regions that repeat are evidence of their own, and what the networks see tells which of them is the copy: the
    side's score s = σ(logit(copy_score) + side_weight · (mean q of the copy - mean q of the original)), and the copy is
    scored strength · s, the original strength · (1 - s). A repeat also explains why the image drew attention at all,
    so that σ(q) is weakened in proportion to the strongest repeat, by `explained` at most. The larger score counts.

    Attributes:
        weights: by name of a network, of its logit; as `bias` and `side_weight` a million at most, either way.
        bias: added to the logits' sum.
        side_weight: of what the networks say of a repeat's two sides.
        explained: in [0, 1]; 0 leaves the networks' scores as they are.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    bias: float = 0.0
    side_weight: float = 1.0
    explained: float = 0.0

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        if not all(abs(number) <= _LARGEST for number in (self.bias, self.side_weight, *self.weights.values())):
            raise ValueError(f"the numbers of a rule are {_LARGEST:g} at most, either way, not {self}")
        if not 0 <= self.explained <= 1:
            raise ValueError(f"`explained` is a share in [0, 1], not {self.explained}")

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


def fuse(
    scores: Mapping[str, ScoreMap], *, rule: FusionRule, shape: tuple[int, int], repeats: Sequence[Repeat] = ()
) -> ScoreMap:
    """Fuse what is known of one image.

    Args:
        scores: by name of a network, float32 (h, w) in [0, 1], each covering the image on a grid of its own.
        rule: how; names the same networks.
        shape: grid of the result, (rows, columns).
        repeats: regions that repeat within the image.

    Returns:
        float32 in [0, 1] of that shape, covering the image.

    Raises:
        ValueError: no maps, or others than the rule's.
    """
    if not scores or set(scores) != set(rule.weights):
        raise ValueError(f"the rule fuses {sorted(rule.weights)}, not {sorted(scores)}")
    total: ScoreMap = np.full(shape, rule.bias, dtype=np.float32)
    for name, weight in rule.weights.items():
        total += np.float32(weight) * _logit(_on_grid(require_scores(scores[name]), shape))
    fused = _sigmoid(total)
    if repeats:
        explained = rule.explained * max(repeat.strength for repeat in repeats)
        fused = np.maximum(fused * (1 - explained), _repeated(repeats, total, rule))
    return np.asarray(fused, dtype=np.float32)


def _repeated(repeats: Sequence[Repeat], total: ScoreMap, rule: FusionRule) -> ScoreMap:
    """Scores of the repeats' two sides, where they lie; 0 elsewhere."""
    scores: ScoreMap = np.zeros_like(total)
    for repeat in repeats:
        copy, original = (_coverage(side, total.shape) for side in (repeat.copy, repeat.original))
        seen = rule.side_weight * (_mean(total, copy) - _mean(total, original))
        side = float(_sigmoid(_logit(np.float32(repeat.copy_score)) + np.float32(seen)))
        for coverage, share in ((copy, side), (original, 1 - side)):
            np.maximum(scores, repeat.strength * share * coverage, out=scores)
    return scores


def _coverage(mask: BoolMask, shape: tuple[int, ...]) -> ScoreMap:
    return _on_grid(mask.astype(np.float32), shape)


def _mean(values: ScoreMap, coverage: ScoreMap) -> float:
    return float((values * coverage).sum() / max(float(coverage.sum()), 1e-6))


def _on_grid(scores: ScoreMap, shape: tuple[int, ...]) -> ScoreMap:
    if scores.shape == shape:
        return scores
    # Means of what a coarser cell covers; a finer grid is interpolated.
    shrinks = scores.shape[0] > shape[0] and scores.shape[1] > shape[1]
    resized = cv2.resize(scores, (shape[1], shape[0]), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(np.clip(resized, 0.0, 1.0), dtype=np.float32)


def _logit(scores: ScoreMap | np.float32) -> ScoreMap:
    inside = np.clip(scores, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float32)


def _sigmoid(logits: ScoreMap) -> ScoreMap:
    return np.asarray(0.5 * (1 + np.tanh(logits / 2)), dtype=np.float32)  # without overflow
