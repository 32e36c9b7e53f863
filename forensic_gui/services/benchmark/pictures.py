"""Photograph-like pictures from a seed: smooth areas, edges, texture and grain, as codecs meet them in photographs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import OutputError

JPEG_QUALITY = 90
# Cells across the picture and amplitude in grey levels, from large shapes to fine texture.
_OCTAVES = ((4, 60.0), (16, 34.0), (64, 17.0), (256, 9.0), (1024, 5.0))
_GRAIN = 2.5


def make_photograph(width: int, height: int, *, seed: int) -> NDArray[np.uint8]:
    """A picture with a spectrum like a photograph's.

    Args:
        width: in pixels.
        height: in pixels.
        seed: the same seed gives the same picture, with the same versions of numpy and OpenCV.

    Returns:
        uint8 (height, width, 3).
    """
    draws = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 118.0, np.float32)
    for cells, amplitude in _OCTAVES:
        rows = max(2, round(cells * height / width))
        noise = draws.standard_normal((rows, cells, 3), dtype=np.float32)
        # Channels of photographs go together: most of the signal is common to them.
        noise = 0.8 * noise.mean(axis=2, keepdims=True) * np.float32(3**0.5) + 0.2 * noise
        picture += amplitude * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    picture += draws.normal(0.0, _GRAIN, picture.shape[:2]).astype(np.float32)[..., None]
    _draw_edges(picture, draws)
    return np.clip(picture, 0, 255).astype(np.uint8)


def write_photograph(path: Path, *, width: int, height: int, seed: int) -> Path:
    """`make_photograph` as a JPEG file of quality 90.

    Raises:
        OutputError: it could not be written.
    """
    picture = make_photograph(width, height, seed=seed)
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert done
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror}.") from error
    return path


def _draw_edges(picture: NDArray[np.float32], draws: np.random.Generator) -> None:
    """Add and take light in a few discs: hard edges, which smooth noise has none of."""
    height, width = picture.shape[:2]
    light = np.zeros((height, width), np.float32)
    for _ in range(12):
        centre = (int(draws.integers(width)), int(draws.integers(height)))
        radius = max(1, int(draws.uniform(0.02, 0.15) * width))
        cv2.circle(light, centre, radius, float(draws.uniform(-40, 40)), thickness=-1)
    picture += light[..., None]
