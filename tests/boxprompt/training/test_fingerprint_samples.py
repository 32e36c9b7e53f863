"""Groups: the same photographs under the same histories with one aftermath, on the grid, the same whenever drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from boxprompt.data import degrade
from boxprompt.data.synthesis.config import HistoryConfig
from boxprompt.data.synthesis.histories import Step
from boxprompt.data.synthesis.pool import PhotoPool
from boxprompt.network.fingerprint import REACH_PX, STRIDE_PX
from boxprompt.training.fingerprint_samples import GroupDataset, GroupShape, History, draw_group, draw_history
from boxprompt.training.fingerprint_windows import corner_windows, least_side_cells

SHAPE = GroupShape(histories=3, photographs=2, side_px=96)
BARE = HistoryConfig(
    native_share=1.0,
    on_grid_share=1.0,
    scene_share=0,
    prior_noise_share=0,
    prior_jpeg_counts=(1, 0, 0),
    untouched_share=1.0,
    rescale_share=0,
    blur_share=0,
    sharpen_share=0,
    noise_share=0,
    tone_share=0,
)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> PhotoPool:
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(4):
        small = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        large = cv2.resize(small, (440, 400), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + rng.normal(0, 6, large.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"photo{number}.png"), noisy)
    return PhotoPool.open([folder])


def coordinates() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:240, 0:248].astype(np.uint8)
    return np.stack([rows, columns, rows], axis=2)


def test_a_group_is_the_same_whenever_it_is_drawn(pool: PhotoPool) -> None:
    def dataset(stream: int) -> GroupDataset:
        return GroupDataset(pool, HistoryConfig(), shape=SHAPE, balance=1.0, seed=5, stream=stream, length=4)

    first = dataset(0)
    assert first[2].shape == (3, 2, 96, 96, 3) and first[2].dtype == torch.uint8
    drawn = [first[index] for index in (0, 1, 2)]
    assert torch.equal(dataset(0)[2], drawn[2]) and torch.equal(dataset(0)[0], drawn[0])
    assert not torch.equal(drawn[0], drawn[1])
    assert not torch.equal(dataset(1)[0], drawn[0])


def test_without_any_history_pieces_are_the_photographs_own_pixels(pool: PhotoPool) -> None:
    group = draw_group(np.random.default_rng(1), pool, BARE, shape=SHAPE, balance=1.0)
    photographs = [pool.pixels(photograph).native for photograph in pool.photographs]
    for piece in group.reshape(-1, 96, 96, 3):
        assert any(
            np.array_equal(piece, photograph[top : top + 96, left : left + 96])
            for photograph in photographs
            for top in range(0, 400 - 96, 8)
            for left in range(0, 440 - 96, 8)
        )


def test_the_aftermath_is_one_for_all_pieces_and_on_their_grid(pool: PhotoPool) -> None:
    last = replace(BARE, untouched_share=0, social_share=0, jpeg_counts=(0, 1, 0), quality=(50, 50))
    group = draw_group(np.random.default_rng(2), pool, last, shape=SHAPE, balance=1.0)
    for piece in group.reshape(-1, 96, 96, 3)[..., 1].astype(float):
        steps = np.abs(np.diff(piece, axis=1)).mean(axis=0)
        across = steps[7::8].mean()  # between blocks
        assert across > 1.15 * np.delete(steps, np.arange(7, 95, 8)).mean()


@pytest.mark.parametrize("phase", [(0, 0), (3, 5)])
def test_a_native_view_keeps_the_grids_phase(phase: tuple[int, int]) -> None:
    history = History("off-grid" if any(phase) else "on-grid", 100, 100, phase, "area", ())
    for seed in range(10):
        square = history.apply(coordinates(), np.random.default_rng(seed))
        assert square.shape == (100, 100, 3)
        assert (int(square[0, 0, 0]) % 8, int(square[0, 0, 1]) % 8) == phase


def test_a_resized_view_is_the_same_operation_in_every_photograph() -> None:
    history = History("resized", 200, 120, (0, 0), "lanczos", (Step("blur", {"sigma_px": 1.0}),))
    flat = np.full((240, 240, 3), 90, np.uint8)
    assert np.array_equal(history.apply(flat, np.random.default_rng(0)), flat[:120, :120])
    seen = history.apply(coordinates(), np.random.default_rng(0))
    assert seen.shape == (120, 120, 3)
    assert np.diff(seen[:, 60, 0].astype(float))[10:-10].mean() == pytest.approx(200 / 120, abs=0.05)


def test_noise_is_drawn_anew_for_every_piece() -> None:
    history = History("on-grid", 64, 64, (0, 0), "area", (Step("noise", {"variance": 20, "seed": 1, "grey": False}),))
    flat = np.full((80, 80, 3), 120, np.uint8)
    one, other = (history.apply(flat, np.random.default_rng(seed)) for seed in (1, 2))
    assert not np.array_equal(one, other)
    assert one.std() == pytest.approx(20**0.5, rel=0.1) == other.std()


def test_histories_end_large_enough_and_need_no_more_pixels_than_photographs_have() -> None:
    config = replace(HistoryConfig(), rescale_share=0.5, rescale=(0.4, 2.0))
    for seed in range(200):
        history = draw_history(np.random.default_rng(seed), config, side_px=150)
        assert 150 // 2 <= history.view_px <= history.source_px <= 352
        pixels = np.full((359, 359, 3), 100, np.uint8)
        assert min(history.apply(pixels, np.random.default_rng(0)).shape[:2]) >= 150


def test_too_few_photographs_are_told(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), np.full((400, 400, 3), 100, np.uint8))
    with pytest.raises(ValueError, match="fewer than 2 photographs"):
        draw_group(np.random.default_rng(0), PhotoPool.open([tmp_path]), BARE, shape=SHAPE, balance=1.0)
    with pytest.raises(ValueError, match="two histories"):
        GroupShape(histories=1, photographs=2, side_px=96)


def test_windows_neither_overlap_nor_see_beyond_the_piece() -> None:
    side = least_side_cells(4)
    windows = corner_windows(side, window_cells=4)
    seen = np.zeros((side, side), int)
    for top, left in windows.tolist():
        seen[top : top + 4, left : left + 4] += 1
    border = REACH_PX // STRIDE_PX
    assert seen.max() == 1 and seen.sum() == 4 * 16
    assert seen[border:-border, border:-border].sum() == seen.sum()
    with pytest.raises(ValueError, match="do not fit"):
        corner_windows(side - 1, window_cells=4)


def test_compressed_photographs_keep_the_past_that_a_group_tells_apart(pool: PhotoPool) -> None:
    # A prior compression must be there to see: the group differs from its photographs by JPEG's own error.
    before = replace(BARE, prior_jpeg_counts=(0, 1, 0), prior_quality=(40, 40))
    group = draw_group(np.random.default_rng(3), pool, before, shape=SHAPE, balance=1.0)
    piece = np.ascontiguousarray(group[0, 0])
    again = degrade.jpeg(piece, quality=95, subsampling="4:4:4")
    assert not np.array_equal(again, piece)
