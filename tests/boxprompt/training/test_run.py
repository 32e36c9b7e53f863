"""A run goes from a TOML file to weights whose card says what they were made of."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from boxprompt.errors import ConfigurationError
from boxprompt.inference.localize import StudentLocalizer
from boxprompt.training.run import read_config, train
from boxprompt.weights import read_weights

RUN = """
name = "smallest"
[data]
photos = [{{ path = "{photos}", terms = "made by a test" }}]
validation_share = 0.25
validation_count = 2
workers = {workers}
[data.synthesis]
authentic = {authentic}
[recipe]
steps = 2
warmup_steps = 1
batch_size = 2
ema_decay = 0.9
[run]
output = "{output}"
device = "cpu"
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(8):
        small = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        large = cv2.resize(small, (400, 300), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + rng.normal(0, 6, large.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"photo{number}.png"), noisy)
    return folder


def write_run(tmp_path: Path, photos: Path, *, workers: int = 0, authentic: str = "0.3") -> Path:
    path = tmp_path / "run.toml"
    path.write_text(
        RUN.format(photos=photos.as_posix(), output=(tmp_path / "out").as_posix(), workers=workers, authentic=authentic)
    )
    return path


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_ends_in_weights_that_load_and_say_what_they_are(tmp_path: Path, photos: Path, workers: int) -> None:
    ended = train(read_config(write_run(tmp_path, photos, workers=workers)))
    assert ended.result.finished
    weights = read_weights(tmp_path / "out" / "smallest.safetensors")
    assert weights.card == ended.weights.card
    assert weights.card.steps == 2 and weights.card.recipe["recipe"]["batch_size"] == 2
    (source,) = weights.card.training_data
    assert (source.images, source.terms) == (8, "made by a test")
    assert weights.card.threshold_origin == "the paper's, not calibrated"
    found = StudentLocalizer(weights, device="cpu").localize(np.zeros((300, 400, 3), np.uint8))
    assert np.isfinite(found.scores).all()


def test_a_run_may_start_from_weights_and_names_them(tmp_path: Path, photos: Path, untrained_weights: Path) -> None:
    path = write_run(tmp_path, photos)
    path.write_text(path.read_text() + f'initial = "{untrained_weights.as_posix()}"\n')
    ended = train(read_config(path))
    parent = read_weights(untrained_weights)
    assert ended.weights.card.parent == parent.card.sha256
    name = "backbone.body.patch_embed.conv1.conv.weight"
    assert np.allclose(ended.weights.tensors()[name], parent.tensors()[name], atol=5e-3)
    path.write_text(path.read_text() + "[student]\nuse_memory = false\n")
    with pytest.raises(ConfigurationError, match="differs from that of the weights"):
        train(read_config(path))


def test_a_folder_without_photographs_is_told_in_a_sentence(tmp_path: Path) -> None:
    for photos in (tmp_path / "empty", tmp_path / "missing"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(ConfigurationError, match="photos cannot be used"):
            train(read_config(write_run(tmp_path, photos)))


def test_an_unknown_synthesis_setting_is_told_in_a_sentence(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos, authentic="0.3\nunknown_thing = 1")
    with pytest.raises(ConfigurationError, match="unknown_thing"):
        train(read_config(path))


def test_a_missing_or_wrong_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_config(tmp_path / "gone.toml")
    (tmp_path / "wrong.toml").write_text("name = 'x'\n[recipe]\nstepz = 3\n")
    with pytest.raises(ConfigurationError, match=r"recipe\.steps: Field required; recipe\.stepz: Extra inputs"):
        read_config(tmp_path / "wrong.toml")
    (tmp_path / "broken.toml").write_text("name = \n")
    with pytest.raises(ConfigurationError, match="is not TOML"):
        read_config(tmp_path / "broken.toml")
