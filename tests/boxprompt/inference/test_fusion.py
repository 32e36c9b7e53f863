"""Maps of one image become one, on one grid."""

from __future__ import annotations

import json
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from boxprompt.inference.fusion import FusionRule, fuse

Map: TypeAlias = NDArray[np.float32]

ALONE = FusionRule(weights={"student": 1.0})
BOTH = FusionRule(weights={"student": 0.5, "residual": 2.0}, bias=-1.0)


def constant(value: float, *shape: int) -> Map:
    return np.full(shape, value, dtype=np.float32)


def random(*shape: int, seed: int = 2) -> Map:
    return np.random.default_rng(seed).uniform(0.01, 0.99, shape).astype(np.float32)


def test_logits_add_up() -> None:
    fused = fuse({"student": constant(0.2, 3, 3), "residual": constant(0.7, 3, 3)}, rule=BOTH)
    logit = -1.0 + 0.5 * np.log(0.2 / 0.8) + 2.0 * np.log(0.7 / 0.3)
    assert np.allclose(fused, 1 / (1 + np.exp(-logit)), atol=1e-6)


def test_a_rule_of_one_map_gives_that_map_back() -> None:
    scores = random(6, 7)
    assert np.allclose(fuse({"student": scores}, rule=ALONE), scores, atol=1e-6)


def test_the_grid_is_that_of_the_finest_map_and_scores_stay_at_their_place() -> None:
    student, residual = constant(0.1, 4, 4), constant(0.5, 8, 12)
    student[3, 0] = 0.9
    fused = fuse({"student": student, "residual": residual}, rule=BOTH)
    assert fused.shape == (8, 12) and fused.dtype == np.float32
    assert np.unravel_index(fused.argmax(), fused.shape) == (7, 0)


def test_without_repetitions_only_the_networks_speak() -> None:
    scores = {"student": random(6, 7)}
    rule = FusionRule(weights={"student": 1.0}, least=0.4, explained=0.8)
    assert np.array_equal(fuse(scores, rule=rule), fuse(scores, rule=rule, repetition=constant(0, 6, 7)))


def test_of_two_regions_that_repeat_the_networks_choose_the_copy() -> None:
    scores, repetition = constant(0.1, 4, 8), constant(0, 4, 8)
    repetition[1:3, 1:3] = repetition[1:3, 5:7] = 1
    scores[1:3, 5:7] = 0.6
    fused = fuse({"student": scores}, rule=FusionRule(weights={"student": 1.0}, least=0.5), repetition=repetition)
    assert np.allclose(fused[1:3, 5:7], 0.8) and np.allclose(fused[1:3, 1:3], 0.55)


def test_a_repetition_weakens_what_it_explains_and_nothing_under_it_gains_from_elsewhere() -> None:
    scores, repetition = constant(0.6, 4, 4), constant(0, 4, 4)
    repetition[0, 0] = 0.5
    rule = FusionRule(weights={"student": 1.0}, least=1.0, explained=0.8)
    fused = fuse({"student": scores}, rule=rule, repetition=repetition)
    assert np.isclose(fused[0, 0], 0.5) and np.allclose(fused[2:, 2:], 0.6 * 0.6)


def test_a_finer_map_of_repetitions_is_averaged_over_the_cells() -> None:
    repetition = constant(0, 8, 8)
    repetition[::2, ::2] = 1
    rule = FusionRule(weights={"student": 1.0}, least=1.0, explained=0.0)
    fused = fuse({"student": constant(0.0, 4, 4)}, rule=rule, repetition=repetition)
    assert np.allclose(fused, 0.25, atol=1e-3)


def test_a_rule_survives_a_card() -> None:
    rule = FusionRule(weights={"student": 0.5, "residual": 1.0}, bias=-0.2, least=0.3, explained=0.7)
    assert FusionRule.from_dict(json.loads(json.dumps(rule.to_dict()))) == rule


@pytest.mark.parametrize("values", [{"bias": float("nan")}, {"least": 1.5}, {"explained": -0.1}])
def test_a_rule_that_cannot_be_used_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not"):
        FusionRule(weights={"student": 1.0}, **values)


def test_maps_that_the_rule_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="residual"):
        fuse({"student": random(3, 3)}, rule=BOTH)
    with pytest.raises(ValueError, match="fuses"):
        fuse({}, rule=FusionRule())
