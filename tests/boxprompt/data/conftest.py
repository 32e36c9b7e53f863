"""Small photographs made on the spot: textured, each unlike the others, some with label maps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest


def textured(seed: int, *, size: tuple[int, int] = (360, 480)) -> np.ndarray:
    """An RGB picture with structure at every scale, uint8 (H, W, 3)."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((*size, 3), dtype=np.float32) + rng.uniform(60, 190, 3).astype(np.float32)
    for sigma, strength in ((1, 40), (5, 160), (25, 700)):
        noise = rng.standard_normal((*size, 3)).astype(np.float32)
        picture += strength * cv2.GaussianBlur(noise, (0, 0), sigma)
    for _ in range(6):
        corner = rng.integers(0, min(size), 2)
        colour = [int(c) for c in rng.integers(0, 256, 3)]
        cv2.circle(picture, (int(corner[0]), int(corner[1])), int(rng.integers(10, 60)), colour, -1)
    return np.clip(picture, 0, 255).astype(np.uint8)


def labelled(size: tuple[int, int]) -> np.ndarray:
    """A label map with a head (1) on a body (2), uint8 (H, W)."""
    labels = np.zeros(size, dtype=np.uint8)
    cv2.rectangle(labels, (size[1] // 2 - 40, 120), (size[1] // 2 + 40, 300), 2, -1)
    cv2.circle(labels, (size[1] // 2, 90), 30, 1, -1)
    return labels


@pytest.fixture(scope="session")
def make_picture() -> Callable[..., np.ndarray]:
    return textured


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `people` with images and label maps, and a folder `things` with a JPEG and PNGs."""
    root = tmp_path_factory.mktemp("photographs")
    for name in ("people/images", "people/masks", "things"):
        (root / name).mkdir(parents=True)
    for index in range(4):
        bgr = cv2.cvtColor(textured(index, size=(420, 330)), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(root / f"people/images/{index:02d}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])
        cv2.imwrite(str(root / f"people/masks/{index:02d}.png"), labelled((420, 330)))
    for index in range(4, 10):
        bgr = cv2.cvtColor(textured(index), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(root / f"things/{index:02d}{'.png' if index % 2 else '.jpg'}"), bgr)
    return root
