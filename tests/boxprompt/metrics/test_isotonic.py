"""The isotonic fit is scikit-learn's, and the table made of it keeps apart what the scores keep apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from boxprompt.metrics.isotonic import (
    LEAST_SLOPE,
    MonotoneTable,
    isotonic_regression,
    isotonic_table,
    merged,
    pool_adjacent_violators,
    temperature_table,
)

shares = st.floats(0, 1, allow_subnormal=False)
weights = st.floats(1e-3, 1e3)
samples = st.lists(st.tuples(shares, weights), min_size=1, max_size=60)


def columns(drawn):
    return tuple(np.array(column, dtype=np.float64) for column in zip(*drawn, strict=True))


@given(samples)
def test_the_fit_is_that_of_scikit_learn(drawn):
    values, heavy = columns(drawn)
    expected = (
        IsotonicRegression().fit(np.arange(values.size), values, sample_weight=heavy).predict(np.arange(values.size))
    )
    assert isotonic_regression(values, heavy) == pytest.approx(expected, abs=1e-6)


def test_the_blocks_of_a_fit_have_the_mean_position_value_and_weight_of_their_samples():
    blocks = pool_adjacent_violators(
        np.array([0.0, 0.6, 0.2, 1.0]), np.array([1.0, 1.0, 3.0, 2.0]), positions=np.array([0.1, 0.2, 0.3, 0.8])
    )
    assert blocks.size.tolist() == [1, 2, 1]
    assert blocks.weight.tolist() == [1, 4, 2]
    assert blocks.value == pytest.approx([0, 0.3, 1])
    assert blocks.centre == pytest.approx([0.1, (0.2 + 3 * 0.3) / 4, 0.8])


@given(samples, st.integers(1, 8))
def test_merging_keeps_order_weight_and_mean_and_leaves_no_more_than_asked_for(drawn, most):
    values, heavy = columns(drawn)
    blocks = pool_adjacent_violators(values, heavy)
    fewer = merged(blocks, most=most)
    assert fewer.value.size == min(most, blocks.value.size)
    assert np.all(np.diff(fewer.value) >= 0) and np.all(np.diff(fewer.centre) > 0)
    assert fewer.weight.sum() == pytest.approx(heavy.sum())
    assert np.average(fewer.value, weights=fewer.weight) == pytest.approx(np.average(values, weights=heavy))
    assert fewer.size.sum() == values.size


def test_merging_joins_the_steps_that_differ_least_for_their_weight():
    blocks = pool_adjacent_violators(np.array([0.1, 0.2, 0.25, 0.9]), np.array([100.0, 100.0, 1.0, 100.0]))
    assert merged(blocks, most=3).size.tolist() == [1, 2, 1]


@st.composite
def fitted_tables(draw):
    score = draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=80, unique=True))
    values, heavy = columns(draw(st.lists(st.tuples(shares, weights), min_size=len(score), max_size=len(score))))
    return isotonic_table(np.sort(np.array(score)) / 10_000, values, heavy)


@given(fitted_tables())
def test_a_fitted_table_is_short_and_rises_everywhere(table):
    assert 2 <= table.scores.size <= 32
    slopes = np.diff(table.shares) / np.diff(table.scores)
    assert slopes.min() == pytest.approx(LEAST_SLOPE, rel=1e-3) or slopes.min() > LEAST_SLOPE


@given(fitted_tables(), st.lists(st.floats(0, 1, width=32, allow_subnormal=False), min_size=2, max_size=30))
def test_scores_apart_stay_apart_and_in_order(table, drawn):
    scores = np.unique(np.round(np.array(drawn, dtype=np.float32).astype(np.float64), 9))
    assert np.all(np.diff(table.apply(scores)) > 0)


@pytest.mark.parametrize(
    "table",
    [
        isotonic_table(np.linspace(0, 1, 9), np.array([0, 0.1, 0.05, 0.05, 0.4, 0.2, 0.3, 0.1, 0.1]), np.ones(9)),
        temperature_table(3.0),
    ],
)
def test_ranking_area_under_the_curve_and_best_f1_do_not_change(table):
    generator = np.random.default_rng(5)
    scores = generator.beta(1, 4, size=4000).astype(np.float32)
    labels = generator.random(4000) < scores
    calibrated = table.apply(scores)
    assert np.array_equal(np.argsort(scores, kind="stable"), np.argsort(calibrated, kind="stable"))
    assert roc_auc_score(labels, calibrated) == roc_auc_score(labels, scores)
    assert best_f1(calibrated, labels) == best_f1(scores, labels)


def best_f1(scores, labels):
    order = np.argsort(scores)[::-1]
    hits = np.cumsum(labels[order])
    distinct = np.append(np.diff(scores[order]) != 0, True)  # a threshold does not divide equal scores
    return (2 * hits / (np.arange(1, scores.size + 1) + labels.sum()))[distinct].max()


def test_a_fit_that_rises_is_met_at_its_knots_to_within_the_tilt():
    scores = np.linspace(0.05, 0.95, 10)
    table = isotonic_table(scores, scores**2, np.ones(10))
    assert table.apply(scores) == pytest.approx(scores**2, abs=LEAST_SLOPE)
    assert table.apply(np.array([0.0, 0.01])) == pytest.approx(0.05**2, abs=LEAST_SLOPE)  # level beyond the data


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 8.0])
def test_a_temperature_is_met_between_its_knots_too(temperature):
    scores = np.linspace(0.001, 0.999, 999)
    logits = np.log(scores) - np.log1p(-scores)
    expected = 1 / (1 + np.exp(-logits / temperature))
    assert temperature_table(temperature).apply(scores) == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize(
    ("scores", "table_shares"),
    [
        ([0.0, 1.0], [0.2, 0.2]),
        ([0.0, 0.5, 0.5, 1.0], [0.1, 0.2, 0.3, 0.4]),
        ([0.0, 1.0], [0.4, 0.1]),
        ([0.1, 1.0], [0.0, 0.5]),
        ([0.0, 1.0], [0.0, 1.5]),
        ([0.0, 1.0], [0.0, float("nan")]),
        ([0.0], [0.0]),
        ([0.0, 1.0], [0.0, 0.5, 1.0]),
    ],
)
def test_what_is_no_increasing_map_of_zero_to_one_is_no_table(scores, table_shares):
    with pytest.raises(ValueError, match="table"):
        MonotoneTable(np.array(scores), np.array(table_shares))


@pytest.mark.parametrize(
    ("values", "heavy", "positions"),
    [
        ([], [], None),
        ([0.1], [0.0], None),
        ([0.1, 0.2], [1.0], None),
        ([0.1, 0.2], [1.0, 1.0], [0.5, 0.5]),
    ],
)
def test_samples_without_weight_or_out_of_order_are_refused(values, heavy, positions):
    with pytest.raises(ValueError, match="weights"):
        pool_adjacent_violators(
            np.array(values, dtype=np.float64),
            np.array(heavy),
            positions=None if positions is None else np.array(positions),
        )
