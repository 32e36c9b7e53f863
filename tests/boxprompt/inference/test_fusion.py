"""Two maps of one image become one, on one grid."""

from __future__ import annotations

import numpy as np
import pytest

from boxprompt.inference.fusion import LogisticRule, fuse


def constant(value: float, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.full(shape, value, dtype=np.float32)


def test_the_plain_rule_is_the_mean_on_the_finer_grid() -> None:
    fused = fuse(constant(0.2, 8, 30), constant(0.6, 12, 20))
    assert fused.shape == (12, 30) and fused.dtype == np.float32
    assert np.allclose(fused, 0.4)


def test_a_score_stays_at_its_place() -> None:
    student, residual = constant(0, 4, 4), constant(0, 8, 8)
    student[3, 0] = 1
    fused = fuse(student, residual)
    assert np.unravel_index(fused.argmax(), fused.shape) == (7, 0)
    assert fused[:4].max() == 0 and fused[:, 4:].max() == 0


def test_the_logistic_rule_adds_logits() -> None:
    rule = LogisticRule(bias=-1.0, student_weight=0.5, residual_weight=2.0)
    fused = fuse(constant(0.2, 3, 3), constant(0.7, 3, 3), rule=rule)
    logit = -1.0 + 0.5 * np.log(0.2 / 0.8) + 2.0 * np.log(0.7 / 0.3)
    assert np.allclose(fused, 1 / (1 + np.exp(-logit)), atol=1e-6)


def test_a_rule_of_one_map_gives_that_map_back() -> None:
    scores = np.random.default_rng(2).uniform(0.01, 0.99, (6, 7)).astype(np.float32)
    rule = LogisticRule(bias=0.0, student_weight=1.0, residual_weight=0.0)
    assert np.allclose(fuse(scores, constant(0.9, 6, 7), rule=rule), scores, atol=1e-6)


def test_scores_of_exactly_nothing_or_all_stay_finite() -> None:
    rule = LogisticRule(bias=0.0, student_weight=100.0, residual_weight=100.0)
    for value in (0.0, 1.0):
        fused = fuse(constant(value, 2, 2), constant(value, 2, 2), rule=rule)
        assert np.isfinite(fused).all() and np.allclose(fused, value)


def test_what_is_no_map_of_scores_or_no_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="float32"):
        fuse(np.zeros((2, 2)), constant(0, 2, 2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="finite"):
        LogisticRule(bias=float("nan"), student_weight=1, residual_weight=1)
