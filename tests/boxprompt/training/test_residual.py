"""The residual stream trains on native-scale crops, resumes to the bit, and ends in weights that open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from boxprompt.errors import CheckpointError, ConfigurationError
from boxprompt.inference.opening import open_localizer
from boxprompt.inference.preprocess import normalise
from boxprompt.network.residual import ALIGNMENT_PX, ARCHITECTURE, INPUT_MEAN, INPUT_STD
from boxprompt.training.crop_samples import CropDataset
from boxprompt.training.loop import NetworkTrainer, to_input
from boxprompt.training.residual import RESIDUAL_RUN
from boxprompt.training.residual_config import ResidualTrainingConfig
from boxprompt.training.residual_samples import boundary, native_crop
from boxprompt.training.validation import ValidationSet
from boxprompt.weights import read_weights, rewrite_card

RUN = """
name = "smallest"
[residual]
widths = [4, 4, 8, 8]
[data]
photos = [{{ path = "{photos}", terms = "made by a test" }}]
validation_share = 0.25
validation_count = 3
crop_side_px = 64
workers = {workers}
[data.synthesis]
authentic = 0.1
[recipe]
steps = 2
warmup_steps = 1
batch_size = 2
ema_decay = 0.9
[run]
output = "{output}"
device = "cpu"
seed = 3
"""


@dataclass(frozen=True)
class Drawn:
    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]


class NoisySquares:
    """Smooth images with one noisy square: nothing tells it but its residuals."""

    def sample(self, rng: np.random.Generator) -> Drawn:
        image = np.full((120, 140, 3), rng.integers(60, 190), dtype=np.uint8)
        mask = np.zeros((120, 140), dtype=bool)
        top, left = rng.integers(0, 60, 2)
        mask[top : top + 60, left : left + 60] = True
        image[mask] = np.clip(image[mask] + rng.normal(0, 8, (3600, 3)), 0, 255)
        return Drawn(image, mask)


def config(folder: Path, **recipe: Any) -> ResidualTrainingConfig:
    steps = {"steps": 4, "batch_size": 2, "warmup_steps": 1, "ema_decay": 0.9, "learning_rate": 1e-3, **recipe}
    return ResidualTrainingConfig.model_validate(
        {
            "name": "trial",
            "residual": {"widths": (4, 4, 8, 8)},
            "data": {"photos": [{"path": "nowhere", "terms": "none"}], "workers": 0, "crop_side_px": 64},
            "recipe": steps,
            "run": {"output": str(folder), "device": "cpu", "validate_every": 8},
        }
    )


def crops(length: int, *, stream: int = 1, boundary_share: float = 0.5) -> CropDataset:
    cut = partial(native_crop, side_px=64, boundary_share=boundary_share)
    return CropDataset(NoisySquares(), crop=cut, seed=0, stream=stream, length=length)


@pytest.fixture(scope="module")
def validation() -> ValidationSet:
    return ValidationSet(crops(6), mean=INPUT_MEAN, std=INPUT_STD)


def trainer(folder: Path, validation: ValidationSet, **recipe: Any) -> NetworkTrainer:
    return RESIDUAL_RUN.trainer(config(folder, **recipe), source=NoisySquares(), validation=validation)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """More than one thread, so that the order in which gradients are added could differ."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_run_in_two_pieces_equals_a_run_in_one(tmp_path: Path, validation: ValidationSet, precision: str) -> None:
    whole = trainer(tmp_path / "whole", validation, precision=precision)
    assert whole.run().finished

    steps = iter([False, True])
    piece = trainer(tmp_path / "pieces", validation, precision=precision)
    assert not piece.run(should_stop=lambda: next(steps)).finished
    rest = trainer(tmp_path / "pieces", validation, precision=precision)
    rest.resume()
    assert rest.run().step == 4

    for name, value in whole.shipped_state().items():
        assert torch.equal(value, rest.shipped_state()[name]), name
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, rest.network.state_dict()[name]), name


def test_it_learns_what_only_residuals_tell(tmp_path: Path, validation: ValidationSet) -> None:
    scored: list[float] = []
    run = trainer(tmp_path, validation, steps=48, batch_size=8, warmup_steps=4, learning_rate=4e-3, ema_decay=0.8)
    run.run(on_event=lambda event: scored.append(event.validation_auc) if event.validation_auc else None)
    assert scored[-1] > 0.9


def test_resuming_another_recipe_is_refused_and_another_length_is_not(
    tmp_path: Path, validation: ValidationSet
) -> None:
    trainer(tmp_path, validation, steps=1).run()
    with pytest.raises(CheckpointError, match="another recipe"):
        trainer(tmp_path, validation, learning_rate=5e-4).resume()
    longer = trainer(tmp_path, validation, steps=2)
    longer.resume()
    assert longer.run().step == 2


def test_training_shows_the_network_grey_levels_as_inference_does() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    ours = to_input(torch.from_numpy(images), torch.device("cpu"), mean=INPUT_MEAN, std=INPUT_STD).numpy()
    theirs = normalise(images, mean=INPUT_MEAN, std=INPUT_STD)
    assert np.array_equal(theirs, images.transpose(0, 3, 1, 2).astype(np.float32))
    assert np.allclose(ours, theirs, atol=1e-4)


def test_a_crop_is_the_images_own_pixels_and_keeps_the_phase_of_its_blocks() -> None:
    rows, columns = np.mgrid[0:96, 0:112].astype(np.uint8)
    image = np.stack([rows, columns, rows], axis=2)
    mask = (rows > 30) & (columns > 40)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        crop, cut = native_crop(image, mask, side_px=48, boundary_share=0.5, rng=rng)
        top, left = int(crop[0, 0, 0]), int(crop[0, 0, 1])
        assert top % ALIGNMENT_PX == 0 and left % ALIGNMENT_PX == 0
        assert np.array_equal(crop, image[top : top + 48, left : left + 48])
        assert np.array_equal(cut, mask[top : top + 48, left : left + 48])


@given(st.integers(0, 10_000), st.integers(0, 250), st.integers(0, 250))
def test_a_crop_on_a_boundary_shows_both_sides_of_it(seed: int, top: int, left: int) -> None:
    mask = np.zeros((300, 300), dtype=bool)
    mask[top : top + 50, left : left + 50] = True
    image = np.zeros((300, 300, 3), dtype=np.uint8)
    _, cut = native_crop(image, mask, side_px=64, boundary_share=1.0, rng=np.random.default_rng(seed))
    assert cut.any() and not cut.all()


def test_an_untouched_image_is_cropped_anywhere() -> None:
    image = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    nothing = np.zeros((200, 200), dtype=bool)
    seen = {
        native_crop(image, nothing, side_px=64, boundary_share=1.0, rng=np.random.default_rng(seed))[0].tobytes()
        for seed in range(6)
    }
    assert len(seen) == 6


@pytest.mark.parametrize(("height", "width"), [(40, 200), (200, 40), (9, 9)])
def test_a_small_image_is_mirrored_not_resized(height: int, width: int) -> None:
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint8)
    image = np.stack([rows, columns, rows], axis=2)
    crop, _ = native_crop(
        image, np.zeros((height, width), bool), side_px=64, boundary_share=0.5, rng=np.random.default_rng(0)
    )
    assert crop.shape == (64, 64, 3)
    assert np.abs(np.diff(crop[..., 0].astype(int), axis=0)).max() <= 1
    assert np.abs(np.diff(crop[..., 1].astype(int), axis=1)).max() <= 1


def test_the_boundary_is_one_pixel_wide_and_not_at_the_frame() -> None:
    mask = np.zeros((6, 8), dtype=bool)
    mask[:4, :5] = True
    expected = np.zeros_like(mask)
    expected[3, :5] = expected[:4, 4] = True
    assert np.array_equal(boundary(mask), expected)
    assert not boundary(np.ones((5, 5), dtype=bool)).any()


def test_crop_i_is_the_same_however_often_it_is_drawn() -> None:
    first, again = crops(8), crops(8)
    for index in (7, 0, 3):
        for one, other in zip(first[index], again[index], strict=True):
            assert torch.equal(one, other)
    assert not torch.equal(first[0][0], first[1][0])
    assert not torch.equal(first[0][0], crops(8, stream=2)[0][0])


def test_crops_flip_with_their_masks() -> None:
    for index in range(8):
        image, target = crops(8, boundary_share=1.0)[index]
        inside = target[0] > 0.5
        assert image[inside].float().std() > 4 > image[~inside].float().std()


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


def write_run(tmp_path: Path, photos: Path, *, workers: int = 0) -> Path:
    path = tmp_path / "run.toml"
    text = RUN.format(photos=photos.as_posix(), output=(tmp_path / "out").as_posix(), workers=workers)
    path.write_text(text)
    return path


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_ends_in_weights_that_open_and_say_what_they_are(tmp_path: Path, photos: Path, workers: int) -> None:
    ended = RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(write_run(tmp_path, photos, workers=workers)))
    assert ended.result.finished
    weights = read_weights(tmp_path / "out" / "smallest.safetensors")
    assert weights.card == ended.weights.card
    assert weights.card.architecture == ARCHITECTURE and weights.card.student["widths"] == [4, 4, 8, 8]
    assert weights.card.steps == 2 and weights.card.recipe["data"]["crop_side_px"] == 64
    assert weights.card.training_data[0].images == 8 and weights.card.parent is None
    found = open_localizer(weights, device="cpu").localize(np.zeros((100, 90, 3), np.uint8))
    assert found.scores.shape == (25, 22) and np.isfinite(found.scores).all()


def test_a_run_resumes_from_its_checkpoint(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos)
    stopped = RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(path), should_stop=lambda: True)
    assert stopped.result.step == 1 and not stopped.result.finished
    assert RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(path), resume=True).result.step == 2


def test_a_run_may_start_from_weights_and_names_them(tmp_path: Path, photos: Path) -> None:
    parent = RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(write_run(tmp_path, photos))).weights
    kept = rewrite_card(parent)
    start = tmp_path / "start"
    start.mkdir()
    for suffix in (".safetensors", ".json"):
        (start / f"smallest{suffix}").write_bytes(kept.path.with_suffix(suffix).read_bytes())
    path = write_run(tmp_path, photos)
    path.write_text(path.read_text() + f'initial = "{(start / "smallest.safetensors").as_posix()}"\n')
    ended = RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(path))
    assert ended.weights.card.parent == kept.card.sha256
    path.write_text(path.read_text().replace("[4, 4, 8, 8]", "[4, 4, 4, 8]"))
    with pytest.raises(ConfigurationError, match="differs from that of the weights"):
        RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(path))


def test_the_weights_of_a_student_are_no_start(tmp_path: Path, photos: Path, untrained_weights: Path) -> None:
    path = write_run(tmp_path, photos)
    path.write_text(path.read_text() + f'initial = "{untrained_weights.as_posix()}"\n')
    with pytest.raises(ConfigurationError, match="differs from that of the weights"):
        RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(path))


def test_a_file_says_by_its_table_which_network_it_trains(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos)
    assert RESIDUAL_RUN.describes(path)
    path.write_text(path.read_text().replace("[residual]", "[student]"))
    assert not RESIDUAL_RUN.describes(path)
    assert not RESIDUAL_RUN.describes(tmp_path / "gone.toml")


def test_settings_that_cannot_be_used_are_told_in_a_sentence(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos)
    text = path.read_text()
    path.write_text(text.replace("crop_side_px = 64", "crop_side_px = 100"))
    with pytest.raises(ConfigurationError, match=r"data\.crop_side_px"):
        RESIDUAL_RUN.read_config(path)
    path.write_text(text.replace("[4, 4, 8, 8]", "[4, 4, 8, 1]"))
    with pytest.raises(ConfigurationError, match=r"\[residual\] cannot be used: widths"):
        RESIDUAL_RUN.train(RESIDUAL_RUN.read_config(path))
