"""The trace stem trains on aligned crops, resumes to the bit, and ends in weights that open."""

from __future__ import annotations

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

from boxprompt.data.degrade import jpeg
from boxprompt.errors import CheckpointError, ConfigurationError
from boxprompt.inference.opening import open_localizer
from boxprompt.network.trace.stem import ARCHITECTURE, INPUT_MEAN, INPUT_STD
from boxprompt.training.crop_samples import CropDataset
from boxprompt.training.loop import NetworkTrainer
from boxprompt.training.trace_stem import TRACE_STEM_RUN
from boxprompt.training.trace_stem_config import TraceStemTrainingConfig
from boxprompt.training.trace_stem_samples import aligned_crop
from boxprompt.training.validation import ValidationSet
from boxprompt.weights import read_weights, rewrite_card

RUN = """
name = "smallest"
[trace_stem]
groups = ["residual", "chroma"]
widths = [4, 4, 8]
[data]
photos = [{{ path = "{photos}", terms = "made by a test" }}]
validation_share = 0.25
validation_count = 6
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


class TwiceCompressed:
    """Noise that was compressed, with a square that never was, compressed less afterwards: only blocks tell it."""

    def sample(self, rng: np.random.Generator) -> Drawn:
        noise = np.clip(rng.normal(128, 12, (120, 140, 3)), 0, 255).astype(np.uint8)
        image = jpeg(noise, quality=60, subsampling="4:2:0", shift=(0, 0))
        mask = np.zeros((120, 140), dtype=bool)
        top, left = rng.integers(0, 60, 2)
        mask[top : top + 60, left : left + 60] = True
        image = np.where(mask[..., None], noise, image).astype(np.uint8)
        return Drawn(jpeg(image, quality=95, subsampling="4:4:4", shift=(0, 0)), mask)


def config(folder: Path, **recipe: Any) -> TraceStemTrainingConfig:
    steps = {"steps": 4, "batch_size": 2, "warmup_steps": 1, "ema_decay": 0.9, "learning_rate": 1e-3, **recipe}
    return TraceStemTrainingConfig.model_validate(
        {
            "name": "trial",
            "trace_stem": {"groups": ("block", "chroma"), "widths": (8, 8, 8)},
            "data": {"photos": [{"path": "nowhere", "terms": "none"}], "workers": 0, "crop_side_px": 64},
            "recipe": steps,
            "run": {"output": str(folder), "device": "cpu", "validate_every": 100},
        }
    )


def crops(length: int, *, stream: int = 1) -> CropDataset:
    return CropDataset(TwiceCompressed(), crop=partial(aligned_crop, side_px=64), seed=0, stream=stream, length=length)


@pytest.fixture(scope="module")
def validation() -> ValidationSet:
    return ValidationSet(crops(6), mean=INPUT_MEAN, std=INPUT_STD)


def trainer(folder: Path, validation: ValidationSet, **recipe: Any) -> NetworkTrainer:
    return TRACE_STEM_RUN.trainer(config(folder, **recipe), source=TwiceCompressed(), validation=validation)


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


def test_it_learns_what_only_blocks_tell(tmp_path: Path, validation: ValidationSet) -> None:
    scored: list[float] = []
    run = trainer(tmp_path, validation, steps=40, batch_size=8, warmup_steps=4, learning_rate=4e-3, ema_decay=0.8)
    run.run(on_event=lambda event: scored.append(event.validation_auc) if event.validation_auc else None)
    assert scored[-1] > 0.9


def test_another_recipe_is_refused_on_resuming(tmp_path: Path, validation: ValidationSet) -> None:
    trainer(tmp_path, validation, steps=1).run()
    with pytest.raises(CheckpointError, match="another recipe"):
        trainer(tmp_path, validation, learning_rate=5e-4).resume()


@given(st.integers(0, 10_000), st.integers(1, 90), st.integers(1, 110))
def test_a_crop_is_the_images_own_pixels_on_its_own_grid(seed: int, height: int, width: int) -> None:
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint8)
    image = np.stack([rows, columns, rows], axis=2)
    mask = rows > columns
    crop, cut = aligned_crop(image, mask, side_px=64, rng=np.random.default_rng(seed))
    assert crop.shape == (64, 64, 3)
    top, left = int(crop[0, 0, 0]), int(crop[0, 0, 1])
    assert top % 16 == 0 and left % 16 == 0
    own = (slice(0, min(64, height - top)), slice(0, min(64, width - left)))
    assert np.array_equal(crop[own], image[top : top + 64, left : left + 64])
    assert np.array_equal(cut[own], mask[top : top + 64, left : left + 64])
    assert np.array_equal(cut, crop[..., 0] > crop[..., 1])  # beyond the image both are mirrored


def test_crops_come_from_everywhere_and_are_numbered() -> None:
    rows, columns = np.mgrid[0:240, 0:200].astype(np.uint8)
    image = np.stack([rows, columns, rows], axis=2)
    nothing = np.zeros((240, 200), dtype=bool)
    corners = {
        tuple(aligned_crop(image, nothing, side_px=64, rng=np.random.default_rng(seed))[0][0, 0, :2])
        for seed in range(600)
    }
    assert len(corners) == 12 * 9
    for one, other in zip(crops(8)[5], crops(8)[5], strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(crops(8)[0][0], crops(8, stream=2)[0][0])


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


def test_a_run_ends_in_weights_that_open_and_say_what_they_are(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos)
    stopped = TRACE_STEM_RUN.train(TRACE_STEM_RUN.read_config(path), should_stop=lambda: True)
    assert stopped.result.step == 1 and not stopped.result.finished
    ended = TRACE_STEM_RUN.train(TRACE_STEM_RUN.read_config(path), resume=True)
    assert ended.result.finished
    weights = read_weights(tmp_path / "out" / "smallest.safetensors")
    assert weights.card == ended.weights.card
    assert weights.card.architecture == ARCHITECTURE
    assert weights.card.student == {"groups": ["residual", "chroma"], "widths": [4, 4, 8]}
    assert weights.card.steps == 2 and weights.card.recipe["data"]["crop_side_px"] == 64
    assert weights.card.training_data[0].images == 8 and weights.card.parent is None
    found = open_localizer(weights, device="cpu").localize(np.zeros((100, 90, 3), np.uint8))
    assert found.scores.shape == (12, 11) and np.isfinite(found.scores).all()


def test_a_run_may_start_from_weights_and_names_them(tmp_path: Path, photos: Path) -> None:
    parent = TRACE_STEM_RUN.train(TRACE_STEM_RUN.read_config(write_run(tmp_path, photos))).weights
    read = TRACE_STEM_RUN.read_config(write_run(tmp_path, photos))
    further = read.model_copy(
        update={"run": read.run.model_copy(update={"initial": parent.path, "output": tmp_path / "further"})}
    )
    assert TRACE_STEM_RUN.train(further).weights.card.parent == parent.card.sha256
    rewrite_card(parent, architecture="another")
    with pytest.raises(ConfigurationError, match="differs from that of the weights to start from"):
        TRACE_STEM_RUN.train(further)


def test_a_file_is_recognised_by_its_table_and_refused_in_a_sentence(tmp_path: Path, photos: Path) -> None:
    path = write_run(tmp_path, photos)
    assert TRACE_STEM_RUN.describes(path)
    assert not TRACE_STEM_RUN.describes(tmp_path / "none.toml")
    path.write_text(path.read_text().replace('"residual", "chroma"', '"chroma", "residual"'))
    with pytest.raises(ConfigurationError, match=r"\[trace_stem\] cannot be used: groups are some of"):
        TRACE_STEM_RUN.train(TRACE_STEM_RUN.read_config(path))
    path.write_text(path.read_text().replace("crop_side_px = 64", "crop_side_px = 72"))
    with pytest.raises(ConfigurationError, match="crop_side_px"):
        TRACE_STEM_RUN.read_config(path)
    path.write_text(path.read_text().replace("crop_side_px = 72", "crop_side_px = 64") + "\n[other]\n")
    with pytest.raises(ConfigurationError, match="other"):
        TRACE_STEM_RUN.read_config(path)
