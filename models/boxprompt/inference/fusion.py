"""Two localizers' model scores of one image as one map."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from boxprompt.contracts import ScoreMap, require_scores

# Scores nearer to 0 or 1 than this count as that: the logit of an exact 0 is no number.
_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class LogisticRule:
    """σ(bias + student_weight · logit(student) + residual_weight · logit(residual)), fitted on held-out images.

    Attributes:
        bias: added to the sum.
        student_weight: of the student's logit.
        residual_weight: of the residual stream's logit.
    """

    bias: float
    student_weight: float
    residual_weight: float

    def __post_init__(self) -> None:
        if not np.isfinite([self.bias, self.student_weight, self.residual_weight]).all():
            raise ValueError(f"the numbers of a rule are finite, not {self}")


def fuse(student: ScoreMap, residual: ScoreMap, *, rule: LogisticRule | None = None) -> ScoreMap:
    """Fuse the maps of the student and of the residual stream.

    Args:
        student: float32 (h, w) in [0, 1], covering the image.
        residual: float32 (h', w') in [0, 1], covering the same image.
        rule: how; None is the plain average of the scores.

    Returns:
        float32 in [0, 1] on a grid with the larger number of rows and of columns, to which both are interpolated.
    """
    rows, columns = np.maximum(require_scores(student).shape, require_scores(residual).shape)
    first, second = (_on_grid(scores, rows=int(rows), columns=int(columns)) for scores in (student, residual))
    if rule is None:
        return np.asarray((first + second) / 2, dtype=np.float32)
    total = rule.bias + rule.student_weight * _logit(first) + rule.residual_weight * _logit(second)
    return np.asarray(0.5 * (1 + np.tanh(total / 2)), dtype=np.float32)  # σ, without overflow


def _on_grid(scores: ScoreMap, *, rows: int, columns: int) -> ScoreMap:
    if scores.shape == (rows, columns):
        return scores
    return np.asarray(cv2.resize(scores, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _logit(scores: ScoreMap) -> ScoreMap:
    inside = np.clip(scores, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float32)
