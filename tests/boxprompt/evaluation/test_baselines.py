"""The trivial baselines do what their docstrings say."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from boxprompt.evaluation.baselines import (
    BASELINES,
    all_ones,
    centred_gaussian,
    error_level,
    noise_deviation,
)


def noise(shape: tuple[int, int], *, sigma: float, seed: int = 0) -> np.ndarray:
    values = 128 + sigma * np.random.default_rng(seed).normal(size=(*shape, 1))
    return np.repeat(values, 3, axis=2).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", list(BASELINES))
@pytest.mark.parametrize("shape", [(40, 61), (1, 1), (3, 200)])
def test_every_baseline_gives_scores_of_the_images_own_size(name, shape):
    scores = BASELINES[name](noise(shape, sigma=20))
    assert (scores.dtype, scores.shape) == (np.float32, shape)
    assert 0 <= scores.min() <= scores.max() <= 1


@pytest.mark.parametrize("name", list(BASELINES))
def test_no_baseline_alters_the_image(name):
    image = noise((30, 30), sigma=20)
    before = image.copy()
    BASELINES[name](image)
    assert np.array_equal(image, before)


def test_all_ones_flags_every_pixel():
    assert all_ones(noise((4, 5), sigma=1)).min() == 1


def test_the_gaussian_has_its_peak_in_the_centre_and_a_quarter_of_each_side_as_sigma():
    scores = centred_gaussian(noise((101, 201), sigma=1))
    assert scores[50, 100] == 1
    assert scores[50, 100 + 50] == pytest.approx(np.exp(-0.5 * (50 / (201 / 4)) ** 2), rel=1e-5)
    assert np.array_equal(scores, scores[::-1, ::-1])


def test_noise_deviation_points_at_the_region_with_another_noise_level():
    image = noise((120, 120), sigma=4)
    image[40:80, 40:80] = noise((40, 40), sigma=20, seed=1)
    scores = noise_deviation(image)
    assert scores[48:72, 48:72].mean() > 4 * scores[:30].mean()


def test_noise_deviation_points_at_a_region_that_is_too_smooth():
    image = noise((120, 120), sigma=12)
    image[40:80, 40:80] = 128
    assert noise_deviation(image)[48:72, 48:72].min() > 0.9


def test_a_flat_image_has_no_error_level_and_no_noise():
    flat = np.full((32, 32, 3), 128, np.uint8)
    assert noise_deviation(flat).max() == 0
    assert error_level(flat, quality=90).max() == 0


def test_error_level_points_at_what_was_never_compressed():
    buffer = io.BytesIO()
    Image.fromarray(noise((96, 96), sigma=25)).save(buffer, format="JPEG", quality=90)
    image = np.asarray(Image.open(buffer)).copy()
    image[32:64, 32:64] = noise((32, 32), sigma=25, seed=1)
    scores = error_level(image, quality=90)
    assert scores[36:60, 36:60].mean() > 2 * scores[:24].mean()
