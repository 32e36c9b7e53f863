"""Pixel metrics against IMDL-BenCo's definitions, written out plainly here.

Read from the wheel imdlbenco 0.1.45 (github.com/scu-zjz/IMDLBenCo): `PixelF1` in IMDLBenCo/evaluation/F1.py, `PixelIOU`
in IOU.py and `PixelAUC` in AUC.py; masks from datasets/abstract_dataset.py. The benchmark computes in float32 on a GPU;
here its formulas stand in float64.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from boxprompt.metrics.pixel import f1, iou, rank, truth_from_pixels

EPSILON = 1e-8
TINY = np.full((2, 3), 0.5, np.float32)


def outcomes(found, truth):
    """True and false positives, false and true negatives, as sums of products of zeros and ones."""
    found, truth = found.astype(float), truth.astype(float)
    return (
        (found * truth).sum(),
        (found * (1 - truth)).sum(),
        ((1 - found) * truth).sum(),
        ((1 - found) * (1 - truth)).sum(),
    )


def f1_of(tp, fp, fn):
    precision, recall = tp / (tp + fp + EPSILON), tp / (tp + fn + EPSILON)
    return 2 * precision * recall / (precision + recall + EPSILON)


def benco_f1(scores, truth, mode):
    tp, fp, fn, tn = outcomes(scores > 0.5, truth)
    origin, reverse = f1_of(tp, fp, fn), f1_of(fn, tn, tp)
    return {"origin": origin, "reverse": reverse, "double": max(origin, reverse)}[mode]


def benco_iou(scores, truth):
    found, truth = (scores > 0.5).astype(float), truth.astype(float)
    both = (found * truth).sum()
    return both / (found.sum() + truth.sum() - both + EPSILON)


def benco_auc(scores, truth):
    """The area under the curve through every pixel from the highest score down; ties fall as they lie."""
    sorted_truth = truth.ravel()[np.argsort(-scores.ravel(), kind="stable")].astype(float)
    hits = np.cumsum(sorted_truth) / sorted_truth.sum()
    alarms = np.cumsum(1 - sorted_truth) / (1 - sorted_truth).sum()
    return (np.diff(alarms) * (hits[1:] + hits[:-1]) / 2).sum()


@st.composite
def images(draw):
    """Scores and truth of one size; every score may fall on the threshold, masks may be empty or full."""
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=9))
    scores = draw(arrays(np.float32, shape, elements=st.floats(0, 1, width=32) | st.sampled_from([0.0, 0.5, 1.0])))
    return scores, draw(arrays(np.bool_, shape))


def degenerate(test):
    """Cases that must not be left to chance: empty and full masks under constant scores."""
    for truth in (np.zeros((2, 3), np.bool_), np.ones((2, 3), np.bool_)):
        for level in (0.0, 0.5, 1.0):
            test = example((np.full_like(TINY, level), truth))(test)
    return test


@pytest.mark.parametrize("mode", ["origin", "reverse", "double"])
def test_f1_is_the_benchmarks_in_each_of_its_modes(mode):
    @degenerate
    @given(images())
    def check(image):
        scores, truth = image
        found = float(f1(rank(scores, truth).confusion(0.5), variant=mode))
        assert found == pytest.approx(benco_f1(scores, truth, mode), abs=1e-6)

    check()


@degenerate
@given(images())
def test_iou_is_the_benchmarks(image):
    scores, truth = image
    assert float(iou(rank(scores, truth).confusion(0.5))) == pytest.approx(benco_iou(scores, truth), abs=1e-6)


@given(st.permutations(range(24)), arrays(np.bool_, 24).filter(lambda truth: truth.any() and not truth.all()))
def test_auc_is_the_benchmarks_where_no_scores_tie(order, truth):
    scores = (np.array(order, np.float32) / 32).reshape(4, 6)
    assert rank(scores, truth.reshape(4, 6)).auc() == pytest.approx(benco_auc(scores, truth), abs=1e-6)


def test_with_ties_the_benchmarks_auc_depends_on_the_order_of_pixels_and_ours_does_not():
    scores, truth = np.full((1, 4), 0.5, np.float32), np.array([[True, True, False, False]])
    assert (benco_auc(scores, truth), benco_auc(scores, ~truth)) == (1, 0)
    assert rank(scores, truth).auc() == rank(scores, ~truth).auc() == 0.5


@given(arrays(np.uint8, (3, 4, 3)))
def test_ground_truth_is_the_benchmarks(pixels):
    assert np.array_equal(truth_from_pixels(pixels), np.mean(pixels, axis=2) > 127.5)
