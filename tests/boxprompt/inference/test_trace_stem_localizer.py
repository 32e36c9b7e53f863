"""The trace stem reads any image whole, whatever the bands, and is chosen by its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from boxprompt.errors import ConfigurationError, StoppedError, WeightsMismatchError
from boxprompt.inference.opening import open_localizer
from boxprompt.inference.residual import on_image_grid
from boxprompt.inference.trace_stem import TraceStemLocalizer, bands
from boxprompt.network.trace.statistics import HALO_PX
from boxprompt.network.trace.stem import ARCHITECTURE, INPUT_MEAN, INPUT_STD, TraceStem, TraceStemConfig
from boxprompt.weights import WeightsFile, read_weights, write_weights

CONFIG = TraceStemConfig(groups=("residual", "grid", "chroma", "usual"), widths=(4, 4, 4))


def stem_weights(folder: Path, **card: Any) -> WeightsFile:
    torch.manual_seed(4)
    stem = TraceStem(CONFIG).train()
    for seed in range(8):  # statistics of BatchNorm near those of images
        stem(torch.from_numpy(noise_image(64, 64, seed=seed).astype(np.float32).transpose(2, 0, 1)[None]))
    torch.nn.init.normal_(stem.head.weight)
    tensors = {name: value.numpy() for name, value in stem.state_dict().items()}
    fields = {
        "id": "stem",
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


def noise_image(height: int, width: int, *, seed: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(90, 170, (height, width, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> WeightsFile:
    return stem_weights(tmp_path_factory.mktemp("stem"))


@pytest.fixture(scope="module")
def localizer(weights: WeightsFile) -> TraceStemLocalizer:
    return TraceStemLocalizer(weights, device="cpu")


@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(1, 1 << 22))
def test_bands_hold_every_row_once_and_begin_on_the_grid(height: int, width: int, pixels: int) -> None:
    parts = list(bands(height, width, pixels=pixels))
    assert [part.start for part in parts] == [0, *(part.stop for part in parts[:-1])]
    assert parts[-1].stop == height
    for part in parts:
        assert part.start % 16 == 0 and part.read_start % 16 == 0
        assert part.stop - part.start <= max(16, pixels // width)
        assert part.read_start == max(0, part.start - HALO_PX)
        assert part.read_stop == min(height, part.stop + HALO_PX)


def test_bands_say_what_the_whole_image_says(weights: WeightsFile, localizer: TraceStemLocalizer) -> None:
    image = noise_image(1210, 1001)
    image[300:700, 200:900] //= 2  # so that there is something to say
    found = localizer.localize(image)
    assert len(list(bands(1210, 1001))) == 2
    stem = TraceStem(CONFIG).eval()
    stem.load_state_dict({name: torch.from_numpy(value) for name, value in weights.tensors().items()})
    with torch.inference_mode():
        levels = torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1)[None])
        whole = torch.sigmoid(stem(levels).coarse_logits)[0, 0].numpy()
    assert whole.std() > 3e-3  # hundreds of times what rounding may do
    assert np.abs(found.scores - on_image_grid(whole, height=1210, width=1001, stride_px=8)).max() < 1e-4


def test_the_same_image_gives_the_same_bytes_in_both_views(localizer: TraceStemLocalizer) -> None:
    image = noise_image(301, 470)
    first, again = localizer.localize(image), localizer.localize(image, tiles=True, inspect=True)
    assert first.scores.tobytes() == again.scores.tobytes()
    assert first.scores.shape == (38, 59) and first.scores.dtype == np.float32
    assert 0.0 <= first.scores.min() <= first.scores.max() <= 1.0
    assert again.mean_gate is None and again.memory is None and first.tiles == 0
    assert set(first.seconds) == {"statistics", "forward"}


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 700), (17, 19)])
def test_the_smallest_images_get_a_cell(localizer: TraceStemLocalizer, height: int, width: int) -> None:
    scores = localizer.localize(noise_image(height, width)).scores
    assert scores.shape == (max(1, round(height / 8)), max(1, round(width / 8)))


def test_stopping_is_asked_before_every_band_and_before_the_network(localizer: TraceStemLocalizer) -> None:
    answers = iter([False, False, True])
    with pytest.raises(StoppedError):
        localizer.localize(noise_image(1210, 1001), should_stop=lambda: next(answers))
    with pytest.raises(StopIteration):
        next(answers)


def test_a_card_says_which_network_opens(weights: WeightsFile) -> None:
    opened = open_localizer(weights, device="cpu")
    assert isinstance(opened, TraceStemLocalizer)
    assert opened.device == "cpu" and opened.runtime.startswith("torch ")
    assert opened.parameters()["statistics"] == "residual, grid, chroma, usual"


def test_weights_that_do_not_fit_are_refused_in_a_sentence(tmp_path: Path, untrained_weights: Path) -> None:
    with pytest.raises(WeightsMismatchError, match="of architecture boxprompt-student, not boxprompt-trace-stem"):
        TraceStemLocalizer(read_weights(untrained_weights))
    with pytest.raises(WeightsMismatchError, match="do not fit"):
        open_localizer(stem_weights(tmp_path / "other", student={"widths": [8, 8, 8]}))
    with pytest.raises(WeightsMismatchError, match="no trace stem that can be built"):
        open_localizer(stem_weights(tmp_path / "none", student={"depth": 5}))


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    weights = stem_weights(tmp_path)
    tensors = weights.tensors()
    tensors["head.bias"] = np.array([np.nan], dtype=np.float16)
    spoilt = write_weights(tensors, weights.card.model_dump(exclude={"sha256"}), tmp_path)
    with pytest.raises(WeightsMismatchError, match="not numbers"):
        open_localizer(spoilt, device="cpu").localize(noise_image(64, 64))


def test_what_it_cannot_do_is_told(weights: WeightsFile, localizer: TraceStemLocalizer) -> None:
    with pytest.raises(ConfigurationError, match="runs on torch"):
        open_localizer(weights, device="cpu", runtime="openvino")
    with pytest.raises(ConfigurationError, match="trace stem"):
        localizer.speed_probe()
