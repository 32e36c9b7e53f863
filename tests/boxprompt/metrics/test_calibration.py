"""Reliability, calibration error and temperature."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from boxprompt.metrics.calibration import ReliabilityTally, fit_temperature, reliability


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


@pytest.fixture
def samples():
    generator = np.random.default_rng(3)
    logits = generator.normal(scale=2, size=20_000)
    return logits, generator.random(20_000) < sigmoid(logits)


def test_the_curve_agrees_with_scikit_learn(samples):
    logits, labels = samples
    curve = reliability(sigmoid(logits), labels, bins=10)
    share, mean = calibration_curve(labels, sigmoid(logits), n_bins=10)
    assert curve.share_positive == pytest.approx(share, abs=1e-9)
    assert curve.mean_score == pytest.approx(mean, abs=1e-9)
    assert curve.count.sum() == labels.size


def test_the_error_is_the_mean_gap_weighted_by_the_samples_of_each_bin():
    scores = np.array([0.1, 0.1, 0.1, 0.9])
    labels = np.array([False, False, True, True])
    expected = (3 * abs(1 / 3 - 0.1) + 1 * abs(1 - 0.9)) / 4
    assert reliability(scores, labels, bins=2).expected_calibration_error == pytest.approx(expected)


def test_both_ends_of_the_scale_are_counted_and_empty_bins_are_not_numbers():
    curve = reliability(np.array([0.0, 1.0]), np.array([False, True]), bins=3)
    assert curve.count.tolist() == [1, 0, 1]
    assert np.isnan(curve.share_positive).tolist() == [False, True, False]
    assert curve.expected_calibration_error == 0


def test_a_known_temperature_is_found_again(samples):
    logits, labels = samples
    assert fit_temperature(logits * 3, labels) == pytest.approx(3, rel=0.05)


def test_a_weight_counts_like_as_many_samples(samples):
    logits, labels = samples[0][:500] * 2, samples[1][:500]
    times = np.random.default_rng(2).integers(1, 5, size=500)
    repeated = fit_temperature(np.repeat(logits, times), np.repeat(labels, times))
    assert fit_temperature(logits, labels, weights=times) == pytest.approx(repeated)
    with pytest.raises(ValueError, match="as many weights"):
        fit_temperature(logits, labels, weights=times[1:])


def test_no_other_temperature_has_a_lower_loss(samples):
    logits, labels = samples
    best = fit_temperature(logits * 0.4, labels)
    losses = [log_loss(labels, sigmoid(logits * 0.4 / t)) for t in (best * 0.99, best, best * 1.01)]
    assert losses[1] == min(losses)


def test_labels_that_the_logits_separate_give_the_coldest_temperature():
    assert fit_temperature(np.array([-1.0, 1.0]), np.array([False, True])) == pytest.approx(0.01)


def test_logits_that_are_wrong_everywhere_give_the_hottest_temperature():
    assert fit_temperature(np.array([-1.0, 1.0]), np.array([True, False])) == pytest.approx(100)


def test_scores_outside_the_scale_are_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        reliability(np.array([1.5]), np.array([True]))


def test_logits_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="finite"):
        fit_temperature(np.array([np.inf]), np.array([True]))


@pytest.mark.parametrize(
    ("values", "labels"),
    [([], np.array([], bool)), ([0.5], np.array([1])), ([0.5, 0.5], np.array([True])), ([[0.5]], np.array([[True]]))],
)
def test_values_and_labels_must_pair(values, labels):
    with pytest.raises(ValueError, match="labels"):
        reliability(np.array(values, float), labels)


@given(
    arrays(np.float32, st.integers(1, 60), elements=st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.9, 1.0])),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
def test_a_curve_gathered_image_by_image_is_that_of_all_pixels_at_once(scores, bins, random):
    labels = np.array([random.random() < 0.4 for _ in scores])
    tally = ReliabilityTally(bins=bins)
    cut = random.randint(0, scores.size)
    for part in (slice(None, cut), slice(cut, None)):
        for label in (True, False):
            tally.add_sorted(np.sort(scores[part][labels[part] == label]), positive=label)
    gathered, whole = tally.curve(), binned_one_by_one(scores, labels, bins)
    assert gathered.count.tolist() == [len(each) for each in whole]
    for index, each in enumerate(whole):
        if each:
            assert gathered.mean_score[index] == pytest.approx(np.mean([score for score, _ in each]))
            assert gathered.share_positive[index] == pytest.approx(np.mean([label for _, label in each]))


def binned_one_by_one(scores, labels, bins):
    """Samples by bin: the first bin whose upper end a score does not exceed."""
    found = [[] for _ in range(bins)]
    ends = np.linspace(0, 1, bins + 1)[1:]
    for score, label in zip(scores.astype(float), labels, strict=True):
        found[next(index for index, end in enumerate(ends) if score <= end or index == bins - 1)].append((score, label))
    return found


def test_a_curve_of_nothing_has_no_error():
    curve = ReliabilityTally(bins=4).curve()
    assert curve.count.tolist() == [0] * 4
    assert np.isnan(curve.expected_calibration_error)
