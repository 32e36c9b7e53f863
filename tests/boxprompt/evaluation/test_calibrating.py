"""A calibration is fitted to held-out images by source group, and says how well it does on groups it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from boxprompt.errors import CalibrationError
from boxprompt.evaluation.calibrating import CalibrationTally
from boxprompt.metrics.pixel import RankedScores

OF = {"weights_sha256": "a" * 64, "network_sha256": "c" * 64, "dataset_sha256": "b" * 64}


def image(generator, share_of, *, pixels=2000, touched=True):
    """Scores of one image, of which the share `share_of(score)` is manipulated."""
    scores = generator.beta(1, 3, size=pixels).astype(np.float32)
    labels = (generator.random(pixels) < share_of(scores)) & touched
    return RankedScores(manipulated=np.sort(scores[labels]), untouched=np.sort(scores[~labels]))


def fitted(images):
    tally = CalibrationTally()
    for number, one in enumerate(images):
        tally.add(one, group=f"photograph {number // 2}")
    return tally.fit(**OF, dataset="held out")


def many(share_of, *, count=40, touched=True):
    generator = np.random.default_rng(11)
    return [image(generator, share_of, touched=touched) for _ in range(count)]


def turning(scores):
    """What the first weights did: shares rise with the score, then fall."""
    return 0.3 * np.minimum(scores, np.maximum(0.9 - scores, 0))


def cooled(scores):
    logits = np.log(scores) - np.log1p(-scores)
    return 1 / (1 + np.exp(-logits / 2))


def test_a_curve_that_turns_over_is_given_an_isotonic_table():
    calibration = fitted(many(turning))
    assert calibration.method == "isotonic"
    assert calibration.brier_after["isotonic"] < calibration.brier_after["temperature"]
    assert calibration.error_after < 0.02 < calibration.error_before


def test_one_temperature_is_kept_where_it_fits_as_well():
    calibration = fitted(many(cooled, count=12))
    assert calibration.method == "temperature"
    assert calibration.table().apply(np.array([0.2, 0.5])) == pytest.approx([1 / 3, 0.5], abs=0.03)


def test_the_table_says_what_an_isotonic_fit_to_all_pixels_says():
    images = many(turning)
    scores = np.concatenate([np.concatenate([one.manipulated, one.untouched]) for one in images])
    labels = np.concatenate([np.repeat([1.0, 0.0], [one.manipulated.size, one.untouched.size]) for one in images])
    expected = IsotonicRegression().fit(scores, labels)
    asked = np.linspace(0.02, 0.9, 50)
    assert fitted(images).table().apply(asked) == pytest.approx(expected.predict(asked), abs=0.02)


def test_it_says_what_it_was_fitted_on_and_which_share_it_presumes():
    generator = np.random.default_rng(4)
    small, large = (image(generator, cooled, pixels=pixels) for pixels in (500, 50_000))
    plain = many(turning, count=8, touched=False)
    calibration = fitted([small, large, *plain])
    assert (calibration.manipulated_images, calibration.untouched_images) == (2, 8)
    assert (calibration.source_groups, calibration.fitted_on) == (5, "held out")
    shares = [one.manipulated.size / (one.manipulated.size + one.untouched.size) for one in (small, large)]
    assert calibration.prior == pytest.approx(sum(shares) / 10)  # every image counts alike, however large it is


def test_the_brier_score_before_is_that_of_the_scores_as_they_are():
    images = many(turning, count=10)
    scores = np.concatenate([np.concatenate([one.manipulated, one.untouched]) for one in images])
    labels = np.concatenate([np.repeat([1, 0], [one.manipulated.size, one.untouched.size]) for one in images])
    assert fitted(images).brier_before == pytest.approx(brier_score_loss(labels, scores), abs=1e-3)


def test_what_one_photograph_says_is_never_measured_on_itself():
    """Five photographs, each with a rule of its own: a fit that saw them all would look better than it is."""
    generator = np.random.default_rng(8)
    images = [
        image(generator, lambda scores, level=level: np.full(scores.shape, level))
        for level in (0.0, 0.0, 0.0, 0.0, 0.9)
    ]
    tally = CalibrationTally()
    for number, one in enumerate(images):
        tally.add(one, group=str(number))
    calibration = tally.fit(**OF, dataset="five")
    # The odd one is met by a share of 0, the others by .225: a fit to all five would have met each by .18.
    assert calibration.brier_after["isotonic"] == pytest.approx((0.9 + 4 * 0.225**2) / 5, abs=0.01)


def test_the_order_of_images_changes_nothing():
    images = many(turning, count=20)
    first, second = CalibrationTally(), CalibrationTally()
    for number, one in enumerate(images):
        first.add(one, group=str(number // 2))
    for number, one in reversed(list(enumerate(images))):
        second.add(one, group=str(number // 2))
    one, other = (tally.fit(**OF, dataset="d") for tally in (first, second))
    assert np.array(one.knots) == pytest.approx(np.array(other.knots), abs=1e-9)
    assert one.error_after == pytest.approx(other.error_after)


@pytest.mark.parametrize(
    ("images", "told"),
    [
        (many(turning, count=8), "at least 5 source photographs"),
        (many(turning, count=12, touched=False), "manipulated and untouched pixels"),
    ],
)
def test_too_few_photographs_or_pixels_of_one_kind_are_refused(images, told):
    with pytest.raises(CalibrationError, match=told):
        fitted(images)
