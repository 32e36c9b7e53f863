"""The fingerprint reads any image whole, whatever the tiles, shows what does not belong, and is chosen by its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from boxprompt.errors import ConfigurationError, StoppedError, WeightsMismatchError
from boxprompt.inference import fingerprint
from boxprompt.inference.fingerprint import FingerprintLocalizer
from boxprompt.inference.opening import open_localizer
from boxprompt.network.fingerprint import ARCHITECTURE, FingerprintConfig, FingerprintNetwork
from boxprompt.network.residual import INPUT_MEAN, INPUT_STD
from boxprompt.weights import WeightsFile, read_weights, rewrite_card, write_weights

CONFIG = FingerprintConfig(widths=(4, 6, 8), channels=5)


def fingerprint_weights(folder: Path, **card: Any) -> WeightsFile:
    torch.manual_seed(4)
    network = FingerprintNetwork(CONFIG).train()
    noise = np.random.default_rng(1).integers(0, 256, (2, 3, 64, 64)).astype(np.float32)
    for _ in range(8):  # statistics of BatchNorm near those of images
        network(torch.from_numpy(noise))
    fields = {
        "id": "fingerprint",
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
    return write_weights({name: value.numpy() for name, value in network.state_dict().items()}, fields, folder)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> WeightsFile:
    return fingerprint_weights(tmp_path_factory.mktemp("fingerprint"))


@pytest.fixture(scope="module")
def localizer(weights: WeightsFile) -> FingerprintLocalizer:
    return FingerprintLocalizer(weights, device="cpu")


def noise_image(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_the_field_does_not_depend_on_the_tiles(
    localizer: FingerprintLocalizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = noise_image(150, 133)
    whole = localizer.localize(image)
    field = localizer.field(image)
    assert field.shape == (19, 17, 5) and whole.tiles == 0
    monkeypatch.setattr(fingerprint, "TILE_PX", 64)
    tiled = localizer.localize(image)
    assert tiled.tiles == 9
    assert np.allclose(localizer.field(image), field, atol=1e-5)
    assert np.allclose(tiled.scores, whole.scores, atol=1e-3)


def test_scores_span_the_image(localizer: FingerprintLocalizer) -> None:
    for height, width in ((64, 96), (150, 133), (3, 5)):
        scores = localizer.localize(noise_image(height, width)).scores
        assert scores.shape == (max(1, round(height / 8)), max(1, round(width / 8)))
        assert scores.dtype == np.float32 and ((scores >= 0) & (scores <= 1)).all()


def test_another_noise_stands_out_without_any_training(localizer: FingerprintLocalizer) -> None:
    rng = np.random.default_rng(3)
    deviations = np.full((256, 320, 1), 2.0)
    deviations[96:160, 160:232] = 16.0
    image = np.clip(128 + rng.normal(0, 1, (256, 320, 3)) * deviations, 0, 255).astype(np.uint8)
    scores = localizer.localize(image).scores
    inside = np.zeros((32, 40), bool)
    inside[12:20, 20:29] = True
    assert np.median(scores[inside]) > 2 * np.median(scores[~inside])


def test_the_frame_of_an_image_is_no_edge_in_it(localizer: FingerprintLocalizer) -> None:
    # Noise has no mirror axis: what the frame shows differs, but not by the contrast of a black margin.
    lengths = np.linalg.norm(localizer.field(noise_image(240, 240)), axis=2)
    assert lengths[:3].mean() == pytest.approx(lengths[6:-6, 6:-6].mean(), rel=0.2)


def test_a_stop_is_heard_before_every_tile(localizer: FingerprintLocalizer) -> None:
    with pytest.raises(StoppedError):
        localizer.localize(noise_image(64, 64), should_stop=lambda: True)


def test_the_card_chooses_the_localizer(weights: WeightsFile) -> None:
    opened = open_localizer(weights, device="cpu")
    assert isinstance(opened, FingerprintLocalizer)
    assert opened.runtime.startswith("torch ") and opened.device
    assert opened.parameters()["window_cells"] == 3 and opened.parameters()["tile_overlap_px"] == 24


def test_what_it_cannot_do_is_told(weights: WeightsFile, localizer: FingerprintLocalizer) -> None:
    with pytest.raises(ConfigurationError, match="no runtime «openvino»"):
        open_localizer(weights, device="cpu", runtime="openvino")
    with pytest.raises(ConfigurationError, match="times students"):
        localizer.speed_probe()
    with pytest.raises(ValueError, match="expected uint8"):
        localizer.localize(np.zeros((8, 8), np.uint8))


def test_other_weights_are_refused(tmp_path: Path) -> None:
    weights = fingerprint_weights(tmp_path)
    for changes, told in (
        ({"architecture": "boxprompt-student"}, "are of architecture"),
        ({"student": {"widths": [4, 6]}}, "no fingerprint network"),
        ({"student": {"widths": [4, 6, 10], "channels": 5}}, "do not fit"),
    ):
        with pytest.raises(WeightsMismatchError, match=told):
            FingerprintLocalizer(rewrite_card(weights, **changes), device="cpu")
    assert read_weights(weights.path).card.architecture == ARCHITECTURE


def test_fingerprints_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    weights = fingerprint_weights(tmp_path)
    tensors = weights.tensors()
    tensors["head.bias"] = np.full_like(tensors["head.bias"], np.nan)
    card = weights.card.model_dump(exclude={"sha256"})
    with pytest.raises(WeightsMismatchError, match="not numbers"):
        FingerprintLocalizer(write_weights(tensors, card, tmp_path), device="cpu").localize(noise_image(32, 32))
