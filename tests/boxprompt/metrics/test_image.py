"""Image-level scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from boxprompt.metrics.image import counts_as_flagged, image_auc, share_flagged, summarise


def test_summaries_are_the_maximum_the_mean_of_the_highest_hundredth_and_the_mean():
    scores = (np.arange(200).reshape(10, 20) / 200).astype(np.float32)
    summary = summarise(scores)
    assert summary.highest == pytest.approx(199 / 200)
    assert summary.top_mean == pytest.approx((199 + 198) / 400)
    assert summary.mean == pytest.approx(199 / 400)


def test_the_highest_hundredth_of_a_tiny_map_is_one_pixel():
    assert summarise(np.array([[0.25, 0.75]], np.float32)).top_mean == 0.75


def test_a_pixel_is_flagged_only_strictly_over_the_threshold():
    assert share_flagged(np.array([[0.1, 0.3], [0.31, 1.0]], np.float32), threshold=0.3) == 0.5


@pytest.mark.parametrize(
    ("share", "at_least", "flagged"), [(0, 0, False), (1e-6, 0, True), (0.009, 0.01, False), (0.01, 0.01, True)]
)
def test_an_image_is_flagged_by_any_pixel_or_by_a_share_of_them(share, at_least, flagged):
    assert counts_as_flagged(share, at_least=at_least) is flagged


@given(
    st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0]), min_size=1), st.lists(st.sampled_from([0.0, 0.5, 0.9]), min_size=1)
)
def test_image_auc_agrees_with_scikit_learn(manipulated, untouched):
    expected = roc_auc_score([1] * len(manipulated) + [0] * len(untouched), manipulated + untouched)
    assert image_auc(np.array(manipulated), np.array(untouched)) == pytest.approx(expected, abs=1e-6)


def test_image_auc_tells_scores_apart_that_any_one_threshold_would_merge():
    # A known error of this field is to threshold first: both classes would be "1" at 0.5.
    assert image_auc(np.array([0.9, 0.8]), np.array([0.7, 0.6])) == 1


def test_image_auc_without_untouched_images_is_not_a_number():
    assert math.isnan(image_auc(np.array([0.5]), np.array([])))
