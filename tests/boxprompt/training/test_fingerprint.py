"""The fingerprint network trains without masks, resumes to the bit, and ends in weights that open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils.data import Dataset

from boxprompt.errors import CheckpointError, ConfigurationError
from boxprompt.inference.opening import open_localizer
from boxprompt.network.fingerprint import ARCHITECTURE, FingerprintConfig, FingerprintNetwork
from boxprompt.training import fingerprint
from boxprompt.training.fingerprint import FINGERPRINT_KIND
from boxprompt.training.fingerprint_config import FingerprintTrainingConfig
from boxprompt.training.fingerprint_loop import ContrastEvent, FingerprintTrainer
from boxprompt.training.loop import TrainingEvent
from boxprompt.weights import read_weights, rewrite_card

RUN = """
name = "smallest"
[fingerprint]
widths = [4, 4, 8]
channels = 4
[contrast]
histories = 2
photographs = 2
piece_px = 80
window_cells = 2
[data]
photos = [{{ path = "{photos}", terms = "made by a test" }}]
validation_share = 0.4
validation_count = 2
workers = {workers}
[data.histories]
rescale_share = 0.2
[recipe]
steps = 2
warmup_steps = 1
batch_size = 1
ema_decay = 0.9
[run]
output = "{output}"
device = "cpu"
seed = 3
"""


class NoiseHistories(Dataset[Tensor]):
    """Two «photographs» of different content, each with two strengths of noise as its histories."""

    def __init__(self, length: int, *, stream: int = 0) -> None:
        self._length, self._stream = length, stream

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Tensor:
        rng = np.random.default_rng((self._stream, index))
        levels = rng.integers(60, 190, (1, 2, 1, 1, 3))
        noise = rng.normal(0, 1, (2, 2, 80, 80, 3)) * np.array([2.0, 9.0]).reshape(2, 1, 1, 1, 1)
        return torch.from_numpy(np.clip(levels + noise, 0, 255).astype(np.uint8))


def config(folder: Path, **recipe: Any) -> FingerprintTrainingConfig:
    steps = {"steps": 4, "batch_size": 1, "warmup_steps": 1, "ema_decay": 0.9, "learning_rate": 1e-3, **recipe}
    return FingerprintTrainingConfig.model_validate(
        {
            "name": "trial",
            "fingerprint": {"widths": (4, 4, 8), "channels": 4},
            "contrast": {"histories": 2, "photographs": 2, "piece_px": 80, "window_cells": 2, "alike": "together"},
            "data": {"photos": [{"path": "nowhere", "terms": "none"}], "workers": 0},
            "recipe": steps,
            "run": {"output": str(folder), "device": "cpu", "validate_every": 8},
        }
    )


def trainer(folder: Path, **recipe: Any) -> FingerprintTrainer:
    fixed = NoiseHistories(4, stream=1)
    return FingerprintTrainer(
        config(folder, **recipe),
        build=lambda: FingerprintNetwork(FingerprintConfig(widths=(4, 4, 8), channels=4)),
        groups=NoiseHistories,
        validation=[fixed[index] for index in range(len(fixed))],
    )


@pytest.fixture
def two_threads() -> Iterator[None]:
    """More than one thread, so that the order in which gradients are added could differ."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_run_in_two_pieces_equals_a_run_in_one(tmp_path: Path, precision: str) -> None:
    whole = trainer(tmp_path / "whole", precision=precision)
    assert whole.run().finished

    steps = iter([False, True])
    piece = trainer(tmp_path / "pieces", precision=precision)
    assert not piece.run(should_stop=lambda: next(steps)).finished
    rest = trainer(tmp_path / "pieces", precision=precision)
    rest.resume()
    assert rest.run().step == 4

    for name, value in whole.shipped_state().items():
        assert torch.equal(value, rest.shipped_state()[name]), name
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, rest.network.state_dict()[name]), name


def test_it_learns_to_tell_histories_apart_where_content_does_not_help(tmp_path: Path) -> None:
    events: list[TrainingEvent] = []
    run = trainer(tmp_path, steps=40, warmup_steps=2, learning_rate=8e-3, ema_decay=0.7)
    last = run.run(on_event=events.append).last
    assert isinstance(last, ContrastEvent) and isinstance(events[0], ContrastEvent)
    assert last.validation_history is not None and last.validation_history > 0.9
    assert last.validation_loss is not None and events[0].validation_loss is not None
    assert last.validation_loss < events[0].validation_loss - 0.3
    assert (tmp_path / "log.csv").read_text().count("\n") == 1 + len(events)


def test_resuming_another_recipe_is_refused_and_another_length_is_not(tmp_path: Path) -> None:
    trainer(tmp_path, steps=1).run()
    with pytest.raises(CheckpointError, match="another recipe"):
        trainer(tmp_path, learning_rate=5e-4).resume()
    longer = trainer(tmp_path, steps=2, hold_until=2)
    longer.resume()
    assert longer.run().step == 2


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(5):
        small = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        large = cv2.resize(small, (400, 376), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + rng.normal(0, 6, large.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"photo{number}.png"), noisy)
    return folder


def write_run(tmp_path: Path, photos: Path, *, workers: int = 0) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(
        RUN.format(photos=photos.as_posix(), output=(tmp_path / "out").as_posix(), workers=workers), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_ends_in_weights_that_open_and_say_what_they_are(tmp_path: Path, photos: Path, workers: int) -> None:
    ended = fingerprint.train(FINGERPRINT_KIND.read_config(write_run(tmp_path, photos, workers=workers)))
    assert ended.result.finished
    weights = read_weights(tmp_path / "out" / "smallest.safetensors")
    assert ended.weights is not None and weights.card == ended.weights.card
    assert weights.card.architecture == ARCHITECTURE
    assert weights.card.student == {"widths": [4, 4, 8], "channels": 4}
    assert weights.card.steps == 2 and weights.card.recipe["contrast"]["piece_px"] == 80
    assert weights.card.training_data[0].images == 5 and weights.card.parent is None
    found = open_localizer(weights, device="cpu").localize(np.zeros((100, 90, 3), np.uint8))
    assert found.scores.shape == (12, 11) and np.isfinite(found.scores).all()


def test_a_run_resumes_from_its_checkpoint(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos)
    stopped = fingerprint.train(FINGERPRINT_KIND.read_config(path), should_stop=lambda: True)
    assert stopped.result.step == 1 and not stopped.result.finished
    assert fingerprint.train(FINGERPRINT_KIND.read_config(path), resume=True).result.step == 2


def test_a_run_may_start_from_weights_of_its_own_kind_alone(
    tmp_path: Path, photos: Path, untrained_weights: Path
) -> None:
    fingerprint.train(FINGERPRINT_KIND.read_config(write_run(tmp_path, photos)))
    parent = rewrite_card(read_weights(tmp_path / "out" / "smallest.safetensors"))
    start = tmp_path / "start"
    start.mkdir()
    for suffix in (".safetensors", ".json"):
        (start / f"smallest{suffix}").write_bytes(parent.path.with_suffix(suffix).read_bytes())
    path = write_run(tmp_path, photos)
    text = path.read_text()
    path.write_text(text + f'initial = "{(start / "smallest.safetensors").as_posix()}"\n')
    fingerprint.train(FINGERPRINT_KIND.read_config(path))
    assert read_weights(tmp_path / "out" / "smallest.safetensors").card.parent == parent.card.sha256
    path.write_text(text + f'initial = "{untrained_weights.as_posix()}"\n')
    with pytest.raises(ConfigurationError, match="differs from that of the weights"):
        fingerprint.train(FINGERPRINT_KIND.read_config(path))


def test_a_file_says_by_its_table_which_network_it_trains(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos)
    assert FINGERPRINT_KIND.describes(path)
    path.write_text(path.read_text().replace("[fingerprint]", "[residual]"))
    assert not FINGERPRINT_KIND.describes(path)
    assert not FINGERPRINT_KIND.describes(tmp_path / "gone.toml")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("piece_px = 80", "piece_px = 72", "have 80 pixels or more"),
        ("[recipe]", "[recipe]\npositive_weight = 3.0", "positive_weight: .* without masks"),
        ("[run]", "[run]\ntensorboard = true", "log.csv alone"),
        ("rescale_share = 0.2", "rescale_shares = 0.2", "unknown synthesis setting"),
        ("widths = [4, 4, 8]", "widths = [4, 4, 1]", r"\[fingerprint\] cannot be used: widths"),
        ("photographs = 2", "photographs = 4", "fewer than 4 photographs"),
    ],
)
def test_settings_that_cannot_be_used_are_told_in_a_sentence(
    tmp_path: Path, photos: Path, before: str, after: str, told: str
) -> None:
    path = write_run(tmp_path, photos)
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(ConfigurationError, match=told):
        fingerprint.train(FINGERPRINT_KIND.read_config(path))
