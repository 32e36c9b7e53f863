"""Maps of one image, and what repeats in it, become one map on one grid."""

from __future__ import annotations

import json
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from boxprompt.inference.fusion import FusionRule, fuse
from boxprompt.traces.self_similarity import Repeat

Map: TypeAlias = NDArray[np.float32]

ALONE = FusionRule(weights={"student": 1.0})
BOTH = FusionRule(weights={"student": 0.5, "residual": 2.0}, bias=-1.0)


def constant(value: float, *shape: int) -> Map:
    return np.full(shape, value, dtype=np.float32)


def random(*shape: int, seed: int = 2) -> Map:
    return np.random.default_rng(seed).uniform(0.01, 0.99, shape).astype(np.float32)


def repeat(*, strength: float = 0.8, copy_score: float = 0.5, shape: tuple[int, int] = (4, 8)) -> Repeat:
    """The left half's middle, and the right half's as its copy."""
    original, copy = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    rows, half = slice(shape[0] // 4, 3 * shape[0] // 4), shape[1] // 2
    original[rows, half // 4 : 3 * half // 4] = True
    copy[rows, half + half // 4 : half + 3 * half // 4] = True
    return Repeat(np.eye(2, 3), original, copy, strength, copy_score)


def test_logits_add_up() -> None:
    scores = {"student": constant(0.2, 3, 3), "residual": constant(0.7, 3, 3)}
    logit = -1.0 + 0.5 * np.log(0.2 / 0.8) + 2.0 * np.log(0.7 / 0.3)
    assert np.allclose(fuse(scores, rule=BOTH, shape=(3, 3)), 1 / (1 + np.exp(-logit)), atol=1e-6)


def test_a_rule_of_one_map_gives_that_map_back() -> None:
    scores = random(6, 7)
    assert np.allclose(fuse({"student": scores}, rule=ALONE, shape=(6, 7)), scores, atol=1e-6)


def test_every_map_comes_onto_the_grid_asked_for_and_scores_stay_at_their_place() -> None:
    student, residual = constant(0.1, 4, 4), constant(0.5, 16, 24)
    student[3, 0] = 0.9
    fused = fuse({"student": student, "residual": residual}, rule=BOTH, shape=(8, 12))
    assert fused.shape == (8, 12) and fused.dtype == np.float32
    assert np.unravel_index(fused.argmax(), fused.shape) == (7, 0)


def test_without_repeats_only_the_networks_speak() -> None:
    scores = {"student": random(6, 7)}
    rule = FusionRule(weights={"student": 1.0}, side_weight=3.0, explained=0.8)
    assert np.array_equal(fuse(scores, rule=rule, shape=(6, 7)), fuse(scores, rule=ALONE, shape=(6, 7)))


def test_a_repeats_strength_is_shared_by_its_sides_as_they_look() -> None:
    pair = repeat(strength=0.8, copy_score=0.75)
    fused = fuse({"student": constant(0.01, 4, 8)}, rule=ALONE, shape=(4, 8), repeats=[pair])
    assert np.allclose(fused[pair.copy], 0.6, atol=1e-6) and np.allclose(fused[pair.original], 0.2, atol=1e-6)
    assert np.allclose(fused[0], 0.01, atol=1e-4)


def test_what_the_networks_see_can_turn_the_sides_round() -> None:
    pair, scores = repeat(strength=1.0, copy_score=0.6), constant(0.02, 4, 8)
    scores[pair.original] = 0.4
    deaf, heeding = (
        fuse({"student": scores}, rule=FusionRule({"student": 1.0}, side_weight=weight), shape=(4, 8), repeats=[pair])
        for weight in (0.0, 1.0)
    )
    assert deaf[pair.copy].min() > deaf[pair.original].max()
    assert heeding[pair.original].min() > heeding[pair.copy].max()


def test_a_repeat_weakens_what_it_explains_by_its_strength() -> None:
    pair, rule = repeat(strength=0.5), FusionRule(weights={"student": 1.0}, side_weight=0.0, explained=0.8)
    fused = fuse({"student": constant(0.6, 4, 8)}, rule=rule, shape=(4, 8), repeats=[pair])
    assert np.allclose(fused[0], 0.6 * (1 - 0.8 * 0.5))


def test_a_finer_grid_of_repeats_is_averaged_over_the_cells() -> None:
    pair = repeat(strength=1.0, copy_score=0.5, shape=(4, 8))
    fused = fuse({"student": constant(0.0, 1, 2)}, rule=ALONE, shape=(1, 2), repeats=[pair])
    assert np.allclose(fused, 0.5 * 0.25, atol=1e-3)


def test_of_several_repeats_the_stronger_counts_where_they_meet() -> None:
    pairs = [repeat(strength=0.4), repeat(strength=0.9)]
    fused = fuse({"student": constant(0.0, 4, 8)}, rule=ALONE, shape=(4, 8), repeats=pairs)
    assert np.allclose(fused[pairs[0].copy], 0.45, atol=1e-6)


def test_a_rule_survives_a_card() -> None:
    rule = FusionRule(weights={"student": 0.5, "residual": 1.0}, bias=-0.2, side_weight=0.3, explained=0.7)
    assert FusionRule.from_dict(json.loads(json.dumps(rule.to_dict()))) == rule


@pytest.mark.parametrize(
    "values",
    [{"bias": float("nan")}, {"side_weight": float("inf")}, {"bias": 1e38}, {"side_weight": -1e39}, {"explained": 1.1}],
)
def test_a_rule_that_cannot_be_used_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not"):
        FusionRule(weights={"student": 1.0}, **values)


def test_a_weight_that_would_overflow_is_refused() -> None:
    with pytest.raises(ValueError, match="not"):
        FusionRule(weights={"student": 1e39})
    largest = FusionRule(weights={"student": 1e6, "residual": -1e6})
    assert np.isfinite(
        fuse({"student": constant(1.0, 2, 2), "residual": constant(1.0, 2, 2)}, rule=largest, shape=(2, 2))
    ).all()


def test_maps_that_the_rule_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="residual"):
        fuse({"student": random(3, 3)}, rule=BOTH, shape=(3, 3))
    with pytest.raises(ValueError, match="fuses"):
        fuse({}, rule=FusionRule(), shape=(3, 3))
