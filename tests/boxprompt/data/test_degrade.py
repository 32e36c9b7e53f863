from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from boxprompt.data import degrade


def test_every_cell_of_the_grid_returns_rgb_and_leaves_its_input_alone(make_picture):
    picture = make_picture(1, size=(96, 128))
    before = picture.copy()
    for cell in degrade.robustness_grid():
        result = cell.apply(picture, 7)
        assert result.dtype == np.uint8 and result.ndim == 3 and result.shape[2] == 3, cell.family
        if cell.family != "resize":
            assert result.shape == picture.shape
    np.testing.assert_array_equal(picture, before)


def test_the_grid_has_the_protocols_levels():
    levels: dict[str, list[float | str]] = {}
    for cell in degrade.robustness_grid():
        levels.setdefault(cell.family, []).append(cell.level)
    assert levels["blur"] == [0, 3, 7, 11, 15, 19, 23]
    assert levels["noise"] == [3, 7, 11, 15, 19, 23]
    assert sorted(levels["jpeg"]) == [50, 60, 70, 80, 90, 100]


def test_lower_jpeg_quality_loses_more(make_picture):
    picture = make_picture(2).astype(int)
    errors = [
        np.abs(degrade.jpeg(picture.astype(np.uint8), quality=q).astype(int) - picture).mean() for q in (95, 75, 50)
    ]
    assert errors[0] < errors[1] < errors[2]


def test_encoded_bytes_are_the_jpeg_that_was_asked_for(make_picture):
    data = degrade.encode_jpeg(make_picture(3), quality=80, subsampling="4:4:4")
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3
    with Image.open(io.BytesIO(degrade.encode_jpeg(make_picture(3), quality=80))) as image:
        assert image.layer[0][1:3] == (2, 2)


def test_channels_stay_rgb_through_jpeg():
    red = np.zeros((32, 32, 3), dtype=np.uint8)
    red[..., 0] = 200
    np.testing.assert_allclose(degrade.jpeg(red, quality=95).reshape(-1, 3).mean(axis=0), (200, 0, 0), atol=3)


def test_a_shifted_grid_puts_block_edges_elsewhere(make_picture):
    def blockiness_by_column(image: np.ndarray) -> np.ndarray:
        steps = np.abs(np.diff(image.astype(int).sum(axis=2), axis=1)).mean(axis=0)
        return np.array([steps[k::8].mean() for k in range(8)])

    picture = make_picture(4)
    aligned = blockiness_by_column(degrade.jpeg(picture, quality=10))
    shifted = degrade.jpeg(picture, quality=10, shift=(0, 3))
    assert shifted.shape == picture.shape
    assert int(np.argmax(aligned)) == 7
    assert int(np.argmax(blockiness_by_column(shifted))) == 4


def test_noise_has_the_variance_asked_for_and_follows_its_seed():
    grey = np.full((256, 256, 3), 128, dtype=np.uint8)
    noisy = degrade.gaussian_noise(grey, variance=23, seed=5)
    # Rounding to integers adds a twelfth.
    assert (noisy.astype(float) - 128).var() == pytest.approx(23, rel=0.05)
    np.testing.assert_array_equal(noisy, degrade.gaussian_noise(grey, variance=23, seed=5))
    assert (noisy != degrade.gaussian_noise(grey, variance=23, seed=6)).any()


def test_grey_noise_is_the_same_in_the_three_channels():
    noisy = degrade.gaussian_noise(np.full((64, 64, 3), 128, np.uint8), variance=9, seed=1, grey=True)
    assert (noisy[..., 0] == noisy[..., 1]).all() and (noisy[..., 1] == noisy[..., 2]).all()
    assert noisy.std() > 2


def test_a_blur_kernel_of_zero_changes_nothing(make_picture):
    picture = make_picture(5, size=(40, 40))
    np.testing.assert_array_equal(degrade.gaussian_blur(picture, kernel_px=0), picture)
    assert degrade.gaussian_blur(picture, kernel_px=7).std() < picture.std()


def test_a_large_image_is_shrunk_by_a_sharing_service_and_a_small_one_is_not(make_picture):
    recipe = degrade.SocialRecipe(longest_px=200, quality=70, sharpen=0.3)
    assert degrade.social_network(make_picture(6, size=(300, 400)), recipe=recipe).shape == (150, 200, 3)
    assert degrade.social_network(make_picture(6, size=(90, 120)), recipe=recipe).shape == (90, 120, 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda image: degrade.jpeg(image, quality=0),
        lambda image: degrade.encode_jpeg(image, quality=80, subsampling="4:1:1"),
        lambda image: degrade.gaussian_blur(image, kernel_px=4),
        lambda image: degrade.gaussian_noise(image, variance=-1, seed=0),
        lambda image: degrade.rescale(image, factor=0),
        lambda image: degrade.jpeg(image[..., 0], quality=80),
    ],
)
def test_levels_that_mean_nothing_are_refused(call):
    with pytest.raises(ValueError):
        call(np.zeros((16, 16, 3), dtype=np.uint8))


def test_bytes_that_are_no_image_are_refused():
    with pytest.raises(ValueError, match="not a readable image"):
        degrade.decode_rgb(b"not an image")
