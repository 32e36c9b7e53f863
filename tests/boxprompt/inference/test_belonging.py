"""What does not belong is what lies far from the larger part, in directions in which that part does not vary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from boxprompt.inference.belonging import BelongingRule, fingerprints, squared_distances, strangeness

RULE = BelongingRule(window_cells=1, kept_share=0.6)


def two_parts(share: float) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A field of two directions with noise, the second on a square of about `share`."""
    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.normal(size=(8, 2)))[0].T
    side = round(24 * share**0.5)
    inside = np.zeros((24, 24), dtype=bool)
    inside[3 : 3 + side, 4 : 4 + side] = True
    field = np.where(inside[..., None], directions[1], directions[0]) + rng.normal(0, 0.1, (24, 24, 8))
    return field.astype(np.float32), inside


@pytest.mark.parametrize("share", [0.01, 0.1, 0.25])
def test_the_smaller_part_stands_out(share: float) -> None:
    field, inside = two_parts(share)
    scores = strangeness(field, rule=RULE)
    assert scores[inside].min() > scores[~inside].max()
    assert scores[inside].mean() > 0.5 > scores[~inside].mean()


def test_dropping_the_furthest_keeps_the_smaller_part_from_hiding_itself() -> None:
    field, inside = two_parts(0.25)
    everything = strangeness(field, rule=BelongingRule(window_cells=1, kept_share=1.0))
    robust = strangeness(field, rule=RULE)
    assert robust[inside].mean() - robust[~inside].mean() > 2 * (everything[inside].mean() - everything[~inside].mean())


def test_a_difference_counts_less_where_the_whole_image_varies() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(0, [1.0, 0.05, 0.05], (500, 3)).astype(np.float32)
    rows[0], rows[1] = (0.6, 0, 0), (0, 0.6, 0)
    distances = squared_distances(rows, rule=BelongingRule())
    assert distances[1] > 50 * distances[0]


def test_distances_are_mahalanobis_where_nothing_is_dropped() -> None:
    rows = np.random.default_rng(2).normal(size=(300, 4)) @ np.array(
        [[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 2, 1], [0, 0, 0, 3]]
    )
    found = squared_distances(rows.astype(np.float32), rule=BelongingRule(kept_share=1.0, ridge=1e-9))
    offsets = rows - rows.mean(axis=0)
    inverse = np.linalg.inv(np.cov(rows.T, bias=True))
    assert np.allclose(found, np.einsum("nd,de,ne->n", offsets, inverse, offsets), rtol=1e-4)
    assert found.mean() == pytest.approx(4, rel=1e-4)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 1000))
def test_scores_are_scores_for_a_field_of_any_size(rows: int, columns: int, seed: int) -> None:
    field = np.random.default_rng(seed).normal(size=(rows, columns, 5)).astype(np.float32)
    scores = strangeness(field)
    assert scores.shape == (rows, columns) and scores.dtype == np.float32
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize("value", [0.0, 1.5])
def test_a_field_without_any_difference_has_nothing_strange(value: float) -> None:
    assert strangeness(np.full((4, 5, 3), value, np.float32)).max() < 1e-3


def test_the_length_of_a_vector_weighs_it_and_scale_does_not_matter() -> None:
    field = two_parts(0.1)[0]
    assert np.allclose(strangeness(field), strangeness(field * np.float32(8)), atol=1e-4)
    field[10, 10] *= 100
    nearby = fingerprints(field, window_cells=3)[9, 9]
    assert nearby @ (field[10, 10] / np.linalg.norm(field[10, 10])) > 0.99


def test_a_rule_is_checked() -> None:
    with pytest.raises(ValueError, match="odd"):
        BelongingRule(window_cells=2)
    with pytest.raises(ValueError, match="kept share"):
        BelongingRule(kept_share=0.0)
    with pytest.raises(ValueError, match="more than 0"):
        BelongingRule(ridge=0.0)
