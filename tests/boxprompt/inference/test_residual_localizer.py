"""The residual stream reads any image whole, whatever the tiles, and is chosen by its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from boxprompt.errors import ConfigurationError, StoppedError, WeightsMismatchError
from boxprompt.inference.localize import StudentLocalizer
from boxprompt.inference.opening import open_localizer
from boxprompt.inference.residual import ResidualLocalizer, on_image_grid, windows
from boxprompt.network.residual import (
    ALIGNMENT_PX,
    ARCHITECTURE,
    INPUT_MEAN,
    INPUT_STD,
    REACH_PX,
    ResidualConfig,
    ResidualStream,
)
from boxprompt.weights import WeightsFile, read_weights, rewrite_card, write_weights

CONFIG = ResidualConfig(widths=(4, 4, 4, 4))


def stream_weights(folder: Path, **card: Any) -> WeightsFile:
    torch.manual_seed(4)
    stream = ResidualStream(CONFIG).train()
    noise = np.random.default_rng(1).integers(0, 256, (2, 3, 64, 64)).astype(np.float32)
    for _ in range(8):  # statistics of BatchNorm near those of images
        stream(torch.from_numpy(noise))
    torch.nn.init.normal_(stream.head.weight)
    tensors = {name: value.numpy() for name, value in stream.state_dict().items()}
    fields = {
        "id": "stream",
        "architecture": ARCHITECTURE,
        "student": CONFIG.to_dict(),
        "input_mean": INPUT_MEAN,
        "input_std": INPUT_STD,
        "threshold": 0.5,
        "threshold_origin": "none; these weights are random",
        "training_data": (),
        "recipe": {},
        "code_commit": "unknown",
        "steps": 0,
        "licence": "Apache-2.0",
        "created": "2026-01-01",
        **card,
    }
    return write_weights(tensors, fields, folder)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> WeightsFile:
    return stream_weights(tmp_path_factory.mktemp("stream"))


@pytest.fixture(scope="module")
def localizer(weights: WeightsFile) -> ResidualLocalizer:
    return ResidualLocalizer(weights, device="cpu")


def noise_image(height: int, width: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(height + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(st.integers(1, 20_000), st.integers(1, 80).map(lambda count: count * ALIGNMENT_PX))
def test_windows_answer_for_every_pixel_once_and_read_their_reach(length: int, tile_px: int) -> None:
    parts = windows(length, tile_px=tile_px)
    assert [part.start for part in parts] == [0, *(part.stop for part in parts[:-1])]
    assert parts[-1].stop == length
    for part in parts:
        assert part.start % ALIGNMENT_PX == 0 and part.read_start % ALIGNMENT_PX == 0
        assert part.start < part.stop
        assert part.read_start == max(0, part.start - REACH_PX)
        assert part.read_stop == min(length, part.stop + REACH_PX)
        assert part.read_stop - part.read_start <= tile_px + 2 * REACH_PX


def test_a_tile_that_is_not_aligned_is_refused() -> None:
    for side in (0, 100):
        with pytest.raises(ValueError, match="multiple of 16"):
            windows(5000, tile_px=side)


def test_tiles_say_what_the_whole_image_says(weights: WeightsFile, localizer: ResidualLocalizer) -> None:
    image = noise_image(1400, 1334)
    found = localizer.localize(image)
    stream = ResidualStream(CONFIG).eval()
    stream.load_state_dict({name: torch.from_numpy(value) for name, value in weights.tensors().items()})
    with torch.inference_mode():
        levels = torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1)[None])
        whole = torch.sigmoid(stream.coarse(levels))[0, 0].numpy()
    assert found.tiles == 4
    assert whole.std() > 3e-3  # hundreds of times what rounding may do
    assert np.abs(found.scores - on_image_grid(whole, height=1400, width=1334)).max() < 1e-5


def test_the_same_image_gives_the_same_bytes_in_both_views(localizer: ResidualLocalizer) -> None:
    image = noise_image(301, 470)
    first, again = localizer.localize(image), localizer.localize(image, tiles=True, inspect=True)
    assert first.scores.tobytes() == again.scores.tobytes()
    assert first.scores.shape == (75, 118) and first.scores.dtype == np.float32
    assert 0.0 <= first.scores.min() <= first.scores.max() <= 1.0
    assert again.mean_gate is None and again.memory is None and first.tiles == 0


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 700), (17, 19)])
def test_the_smallest_images_get_a_cell(localizer: ResidualLocalizer, height: int, width: int) -> None:
    scores = localizer.localize(noise_image(height, width)).scores
    assert scores.shape == (max(1, round(height / 4)), max(1, round(width / 4)))


def test_cells_land_where_their_pixels_are() -> None:
    cells = np.arange(16, dtype=np.float32)[None].repeat(16, axis=0) / 16
    whole = on_image_grid(cells, height=64, width=64)
    assert np.array_equal(whole, cells)
    # 61 pixels: 15 cells of 61/15 pixels; the centre of cell i lies at ((i + ½) · 61/15) / 4 - ½ of the old ones.
    narrow = on_image_grid(cells, height=64, width=61)
    expected = ((np.arange(15) + 0.5) * 61 / 15 / 4 - 0.5) / 16
    assert narrow.shape == (16, 15)
    assert np.allclose(narrow[3], expected, atol=2e-3)  # OpenCV interpolates in steps of 1/32 of a cell


def test_cells_of_a_very_long_image_land_where_their_pixels_are() -> None:
    columns = 40_000
    cells = np.tile(np.linspace(0, 1, columns, dtype=np.float32), (3, 1))
    placed = on_image_grid(cells, height=9, width=4 * columns - 2)
    assert placed.shape == (2, columns)
    # A ramp stays one: half a cell at most lies between a cell's centre and where it is put.
    assert np.abs(placed[0] - cells[0]).max() < 0.6 / columns + 1e-6


def test_stopping_is_asked_before_every_tile(localizer: ResidualLocalizer) -> None:
    answers = iter([False, False, True])
    with pytest.raises(StoppedError):
        localizer.localize(noise_image(1400, 1334), should_stop=lambda: next(answers))


def test_a_card_says_which_network_opens(weights: WeightsFile, untrained_weights: Path) -> None:
    opened = open_localizer(weights, device="cpu")
    assert isinstance(opened, ResidualLocalizer)
    assert opened.device == "cpu" and opened.runtime.startswith("torch ")
    assert opened.parameters()["scale"] == "native, not resized"
    assert isinstance(open_localizer(read_weights(untrained_weights), device="cpu"), StudentLocalizer)


def test_weights_that_do_not_fit_are_refused_in_a_sentence(tmp_path: Path, untrained_weights: Path) -> None:
    with pytest.raises(WeightsMismatchError, match="of architecture boxprompt-student, not boxprompt-residual"):
        ResidualLocalizer(read_weights(untrained_weights))
    with pytest.raises(WeightsMismatchError, match="do not fit"):
        open_localizer(stream_weights(tmp_path / "other", student={"widths": [8, 8, 8, 8]}))
    with pytest.raises(WeightsMismatchError, match="no residual stream that can be built"):
        open_localizer(stream_weights(tmp_path / "none", student={"depth": 5}))


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    weights = stream_weights(tmp_path)
    data = bytearray(weights.path.read_bytes())
    data[-1] ^= 1
    weights.path.write_bytes(data)
    with pytest.raises(WeightsMismatchError, match="altered or damaged"):
        open_localizer(weights)


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    weights = stream_weights(tmp_path)
    tensors = weights.tensors()
    tensors["head.bias"] = np.array([np.nan], dtype=np.float16)
    spoilt = write_weights(tensors, weights.card.model_dump(exclude={"sha256"}), tmp_path)
    with pytest.raises(WeightsMismatchError, match="not numbers"):
        open_localizer(spoilt, device="cpu").localize(noise_image(64, 64))


def test_what_it_cannot_do_is_told(weights: WeightsFile, localizer: ResidualLocalizer) -> None:
    with pytest.raises(ConfigurationError, match="runs on torch"):
        open_localizer(weights, device="cpu", runtime="openvino")
    with pytest.raises(ConfigurationError, match="residual stream"):
        localizer.speed_probe()


def test_the_threshold_of_its_card_can_be_rewritten(tmp_path: Path) -> None:
    changed = rewrite_card(stream_weights(tmp_path), threshold=0.3)
    assert open_localizer(changed, device="cpu").card.threshold == 0.3
