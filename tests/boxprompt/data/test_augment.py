"""Augmentation keeps labels on the pixels they are of."""

from __future__ import annotations

import numpy as np
import pytest

from boxprompt.data import augment


@pytest.fixture
def square() -> tuple[np.ndarray, np.ndarray]:
    """A bright square that is labelled as manipulated, in a dark surrounding of which half is unlabelled."""
    image = np.full((60, 90, 3), 40, np.uint8)
    labels = np.zeros((60, 90), np.uint8)
    labels[:, 45:] = 255
    image[12:36, 9:33], labels[12:36, 9:33] = 230, 1
    return image, labels


def test_mirroring_moves_image_and_labels_together(square: tuple[np.ndarray, np.ndarray]) -> None:
    image, labels = augment.mirrored(*square)
    assert np.array_equal(labels == 1, image[..., 0] > 120)
    assert labels[0, 0] == 255


def test_every_way_of_processing_keeps_labels_on_their_pixels(square: tuple[np.ndarray, np.ndarray]) -> None:
    sizes, changed = set(), 0
    for seed in range(60):
        image, labels = augment.post_processed(*square, np.random.default_rng(seed))
        assert labels.shape == image.shape[:2] and labels.dtype == np.uint8
        assert set(np.unique(labels)) == {0, 1, 255}
        bright = image.mean(axis=2) > 135
        assert np.count_nonzero((labels == 1) != bright) < 0.04 * labels.size, seed
        sizes.add(labels.shape)
        changed += image.shape != square[0].shape or not np.array_equal(image, square[0])
    assert len(sizes) > 5, "another scale is one of the ways"
    assert changed > 50


def test_a_seed_gives_the_same_image_again(square: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = (augment.post_processed(*square, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])
