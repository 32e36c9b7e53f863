"""Pixel metrics against scikit-learn and against IMDL-BenCo's formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from boxprompt.contracts import IGNORE_LABEL
from boxprompt.metrics.pixel import Confusion, f1, iou, precision, rank, recall, threshold_grid, truth_from_pixels

SHAPE = (7, 9)
# Few distinct values, so that ties are the rule, and some that sit exactly on thresholds of the grid.
SCORES = arrays(np.float32, SHAPE, elements=st.sampled_from([0.0, 0.001, 0.25, 0.3, 0.5, 0.7, 0.999, 1.0]))
TRUTHS = arrays(np.bool_, SHAPE)
LABELS = arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 1, IGNORE_LABEL]))
THRESHOLDS = st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.7, 1.0])


def benco_f1(scores, truth, threshold):
    """The benchmark's arithmetic: precision and recall first, each with its epsilon."""
    found = scores > np.float32(threshold)
    tp, fp, fn = (found & truth).sum(), (found & ~truth).sum(), (~found & truth).sum()
    p, r = tp / (tp + fp + 1e-8), tp / (tp + fn + 1e-8)
    return 2 * p * r / (p + r + 1e-8)


@given(SCORES, TRUTHS, THRESHOLDS)
def test_f1_iou_precision_and_recall_agree_with_scikit_learn(scores, truth, threshold):
    counts = rank(scores, truth).confusion(threshold)
    expected, found = truth.ravel(), (scores > np.float32(threshold)).ravel()
    assert float(f1(counts)) == pytest.approx(reference.f1_score(expected, found, zero_division=0), abs=1e-6)
    assert float(iou(counts)) == pytest.approx(reference.jaccard_score(expected, found, zero_division=0), abs=1e-6)
    assert float(precision(counts)) == pytest.approx(
        reference.precision_score(expected, found, zero_division=0), abs=1e-6
    )
    assert float(recall(counts)) == pytest.approx(reference.recall_score(expected, found, zero_division=0), abs=1e-6)


@given(SCORES, TRUTHS, THRESHOLDS)
def test_f1_agrees_with_the_benchmarks_formula_and_its_inverse_with_inverted_prediction(scores, truth, threshold):
    counts = rank(scores, truth).confusion(threshold)
    forward = benco_f1(scores, truth, threshold)
    inverse = benco_f1(1.0 - (scores > np.float32(threshold)), truth, 0.5)
    assert float(f1(counts)) == pytest.approx(forward, abs=1e-6)
    assert float(f1(counts, variant="reverse")) == pytest.approx(inverse, abs=1e-6)
    assert float(f1(counts, variant="double")) == pytest.approx(max(forward, inverse), abs=1e-6)


@given(SCORES, TRUTHS.filter(lambda truth: truth.any() and not truth.all()))
def test_auc_agrees_with_scikit_learn_when_scores_tie(scores, truth):
    assert rank(scores, truth).auc() == pytest.approx(reference.roc_auc_score(truth.ravel(), scores.ravel()), abs=1e-6)


@given(SCORES, LABELS, THRESHOLDS)
def test_ignored_pixels_are_left_out_of_every_count(scores, labels, threshold):
    ranked = rank(scores, labels)
    kept = labels != IGNORE_LABEL
    alone = rank(scores[kept][None], labels[kept][None] == 1)
    assert np.array_equal(ranked.manipulated, alone.manipulated)
    assert np.array_equal(ranked.untouched, alone.untouched)
    assert total(ranked.confusion(threshold)) == kept.sum()


@given(SCORES, TRUTHS)
def test_a_curve_is_what_each_threshold_gives_alone(scores, truth):
    ranked = rank(scores, truth)
    grid = threshold_grid(20)
    assert f1(ranked.confusion(grid)).tolist() == [float(f1(ranked.confusion(float(cut)))) for cut in grid]


def total(counts: Confusion) -> int:
    outcomes = (counts.true_positive, counts.false_positive, counts.false_negative, counts.true_negative)
    return int(sum(int(outcome) for outcome in outcomes))


def test_a_score_equal_to_the_threshold_is_not_flagged():
    counts = rank(np.full((2, 2), 0.3, np.float32), np.ones((2, 2), np.bool_)).confusion(0.3)
    assert (int(counts.true_positive), int(counts.false_negative)) == (0, 4)


def test_counts_of_a_small_example_are_as_counted_by_hand():
    scores = np.array([[0.9, 0.9, 0.1], [0.6, 0.2, 0.1]], np.float32)
    truth = np.array([[True, False, False], [True, True, False]])
    counts = rank(scores, truth).confusion(0.5)
    outcomes = (counts.true_positive, counts.false_positive, counts.false_negative, counts.true_negative)
    assert [int(outcome) for outcome in outcomes] == [2, 1, 1, 2]
    assert float(f1(counts)) == pytest.approx(2 / 3, abs=1e-6)
    assert float(iou(counts)) == pytest.approx(0.5, abs=1e-6)
    assert float(iou(counts, variant="reverse")) == pytest.approx(1 / 5, abs=1e-6)


def test_an_image_without_manipulation_has_an_f1_of_zero():
    untouched = rank(np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.bool_))
    assert float(f1(untouched.confusion(0.5))) == 0


@pytest.mark.parametrize("value", [True, False])
def test_auc_of_one_kind_of_pixel_is_not_a_number(value):
    assert math.isnan(rank(np.ones(SHAPE, np.float32), np.full(SHAPE, value)).auc())


def test_auc_of_equal_scores_is_one_half():
    truth = np.arange(63).reshape(SHAPE) % 5 == 0
    assert rank(np.ones(SHAPE, np.float32), truth).auc() == 0.5


def test_the_grid_holds_thousandths_and_both_ends():
    grid = threshold_grid()
    assert grid.dtype == np.float32
    assert (grid.size, grid[0], grid[500], grid[-1]) == (1001, 0, np.float32(0.5), 1)
    assert bool(np.all(np.diff(grid) > 0))


@pytest.mark.parametrize(
    ("pixel", "manipulated"),
    [((127, 128, 127), False), ((128, 128, 127), True), ((255, 127, 0), False), ((255, 128, 0), True)],
)
def test_ground_truth_is_a_channel_mean_over_127_and_a_half(pixel, manipulated):
    assert truth_from_pixels(np.full((2, 3, 3), pixel, np.uint8)).tolist() == [[manipulated] * 3] * 2


def test_ground_truth_of_one_channel_begins_at_128():
    assert truth_from_pixels(np.array([[127, 128]], np.uint8)).tolist() == [[False, True]]


@pytest.mark.parametrize("pixels", [np.zeros((2, 2), np.uint16), np.zeros(4, np.uint8)])
def test_a_mask_image_of_another_kind_is_refused(pixels):
    with pytest.raises(ValueError, match="mask image"):
        truth_from_pixels(pixels)


@pytest.mark.parametrize("bad", [math.nan, -0.001, 1.001, math.inf])
def test_scores_that_are_no_model_scores_are_refused(bad):
    scores = np.zeros(SHAPE, np.float32)
    scores[3, 4] = bad
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        rank(scores, np.zeros(SHAPE, np.bool_))


def test_truth_of_another_size_is_refused_and_never_resized():
    with pytest.raises(ValueError, match="ground truth is"):
        rank(np.zeros((4, 4), np.float32), np.zeros((4, 5), np.bool_))


@pytest.mark.parametrize("truth", [np.full(SHAPE, 2, np.uint8), np.zeros(SHAPE, np.int64)])
def test_labels_of_another_meaning_are_refused(truth):
    with pytest.raises(ValueError, match="labels 0, 1 and 255"):
        rank(np.zeros(SHAPE, np.float32), truth)


@given(SCORES, TRUTHS.filter(lambda truth: truth.any()))
def test_average_precision_agrees_with_scikit_learn_when_scores_tie(scores, truth):
    expected = reference.average_precision_score(truth.ravel(), scores.ravel())
    assert rank(scores, truth).average_precision() == pytest.approx(expected, abs=1e-6)


def test_average_precision_of_constant_scores_is_the_share_that_is_manipulated():
    truth = np.arange(63).reshape(SHAPE) % 7 == 0
    assert rank(np.full(SHAPE, 0.3, np.float32), truth).average_precision() == pytest.approx(1 / 7)


def test_average_precision_without_manipulated_pixels_is_not_a_number():
    assert math.isnan(rank(np.ones(SHAPE, np.float32), np.zeros(SHAPE, np.bool_)).average_precision())
