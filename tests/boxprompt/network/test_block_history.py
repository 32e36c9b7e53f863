"""Blocks with another past than the image's are scored, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from boxprompt.network.trace.history import GROUPS, history_scores
from boxprompt.network.trace.statistics import TraceStatistics


def photograph(*, seed: int, side: int = 256) -> NDArray[np.uint8]:
    """Soft colours with detail in every plane."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(60, 190, (9, 9, 3)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    detail = cv2.GaussianBlur(rng.normal(0, 30, (side, side, 3)).astype(np.float32), (0, 0), 1.0)
    return np.clip(coarse + detail, 0, 255).astype(np.uint8)


def compressed(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def scores(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    statistics = TraceStatistics(GROUPS)
    levels = torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1)[None])
    with torch.inference_mode():
        return np.asarray(history_scores(statistics(levels), names=statistics.names).numpy())


def test_a_piece_that_was_not_compressed_with_the_host_is_scored_over_it() -> None:
    image = compressed(photograph(seed=1), 70)
    image[64:160, 96:192] = photograph(seed=2)[64:160, 96:192]
    found = scores(compressed(image, 92))
    assert found.shape == (32, 32) and found.dtype == np.float32
    piece = np.zeros((32, 32), dtype=bool)
    piece[9:19, 13:23] = True
    edge = np.zeros((32, 32), dtype=bool)
    edge[7:21, 11:25] = True
    assert np.median(found[piece]) > 0.5 > np.quantile(found[~edge], 0.9)


def test_an_image_of_one_past_is_quiet() -> None:
    assert np.median(scores(compressed(photograph(seed=3), 85))) < 0.2


def test_any_number_of_cells_is_scored_and_stays_between_0_and_1() -> None:
    for side in (16, 48):
        found = scores(photograph(seed=4, side=side))
        assert found.shape == (side // 8, side // 8)
        assert np.isfinite(found).all() and 0 < found.min() <= found.max() < 1


def test_without_its_statistics_there_is_nothing_to_read() -> None:
    with pytest.raises(ValueError, match="usual-in-9"):
        history_scores(torch.zeros(1, 1, 4, 4), names=["chroma-cb-error-90"])
