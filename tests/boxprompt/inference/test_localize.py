"""A localizer gives the same scores every time, of the stated shape, at the right place."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from boxprompt.contracts import RgbImage
from boxprompt.errors import DeviceUnavailableError, StoppedError, WeightsMismatchError
from boxprompt.inference.device import describe_runtime, resolve_device
from boxprompt.inference.localize import StudentLocalizer
from boxprompt.inference.preprocess import normalise, resize_to_square
from boxprompt.weights import read_weights, rewrite_card, write_weights


@pytest.fixture(scope="module")
def localizer(untrained_weights: Path) -> StudentLocalizer:
    return StudentLocalizer(read_weights(untrained_weights), device="cpu")


@pytest.fixture
def image() -> RgbImage:
    return np.random.default_rng(5).integers(0, 256, (300, 470, 3), dtype=np.uint8)


def test_the_same_image_gives_the_same_bytes(localizer: StudentLocalizer, image: RgbImage) -> None:
    first, again = (localizer.localize(image, tiles=True, inspect=True) for _ in range(2))
    assert first.scores.tobytes() == again.scores.tobytes()
    assert first.mean_gate is not None and again.mean_gate is not None
    assert first.mean_gate.tobytes() == again.mean_gate.tobytes()


def test_the_fast_view_has_the_students_grid(localizer: StudentLocalizer, image: RgbImage) -> None:
    found = localizer.localize(image)
    assert found.scores.shape == (224, 224) and found.scores.dtype == np.float32
    assert 0.0 <= found.scores.min() <= found.scores.max() <= 1.0
    assert found.mean_gate is None and found.memory is None and found.tiles == 0
    assert set(found.seconds) == {"preprocess", "forward"}


def test_inspection_returns_gates_and_memory(localizer: StudentLocalizer, image: RgbImage) -> None:
    found = localizer.localize(image, inspect=True)
    for response in (found.mean_gate, found.memory):
        assert response is not None and response.shape == (56, 56) and response.dtype == np.float32
        assert 0.0 <= response.min() <= response.max() <= 1.0


def test_tiles_refine_the_grid_to_a_cell_for_four_pixels(localizer: StudentLocalizer, image: RgbImage) -> None:
    found = localizer.localize(image, tiles=True)
    assert found.scores.shape == (75, 118)
    assert found.tiles == 2 * 3
    assert "tiles" in found.seconds


def test_tiles_see_colours_as_they_are_and_change_the_map(localizer: StudentLocalizer, image: RgbImage) -> None:
    thorough, fast = (localizer.localize(image, tiles=tiles).scores for tiles in (True, False))
    enlarged = cv2.resize(fast, thorough.shape[::-1], interpolation=cv2.INTER_LINEAR)
    assert np.abs(thorough - enlarged).max() > 1e-4
    # On one tile's worth of image, whole view and tile are the same picture, so their maps must agree.
    square = np.ascontiguousarray(image[:224, :224])
    whole = localizer.localize(square).scores
    both = localizer.localize(square, tiles=True).scores
    assert np.abs(both - cv2.resize(whole, both.shape[::-1], interpolation=cv2.INTER_AREA)).max() < 5e-3


def test_an_image_too_small_for_tiles_says_so(localizer: StudentLocalizer) -> None:
    found = localizer.localize(np.zeros((1, 900, 3), np.uint8), tiles=True)
    assert found.tiles == 0 and found.scores.shape == (224, 224)


def test_red_and_blue_are_not_exchanged(localizer: StudentLocalizer, image: RgbImage) -> None:
    swapped = np.ascontiguousarray(image[..., ::-1])
    assert not np.array_equal(localizer.localize(image).scores, localizer.localize(swapped).scores)
    batch = normalise(np.full((1, 2, 2, 3), (255, 0, 0), np.uint8), mean=(0.5, 0.4, 0.3), std=(0.5, 0.5, 0.5))
    assert np.allclose(batch[0, :, 0, 0], [1.0, -0.8, -0.6], atol=1e-6)


def test_localization_stops_between_forward_passes(localizer: StudentLocalizer, image: RgbImage) -> None:
    answers = iter([False, True])
    with pytest.raises(StoppedError):
        localizer.localize(image, tiles=True, should_stop=lambda: next(answers))


def test_weights_of_another_architecture_are_refused(untrained_weights: Path, tmp_path: Path) -> None:
    for suffix in (".safetensors", ".json"):
        shutil.copy(untrained_weights.with_suffix(suffix), tmp_path)
    other = rewrite_card(read_weights(tmp_path / untrained_weights.name), architecture="another")
    with pytest.raises(WeightsMismatchError, match="another"):
        StudentLocalizer(other, device="cpu")


@pytest.mark.parametrize("student", [{"foo": 1}, {"input_side_px": 300}, {"width": "64"}])
def test_a_card_of_no_student_is_refused(untrained_weights: Path, tmp_path: Path, student: dict[str, object]) -> None:
    for suffix in (".safetensors", ".json"):
        shutil.copy(untrained_weights.with_suffix(suffix), tmp_path)
    odd = rewrite_card(read_weights(tmp_path / untrained_weights.name), student=student)
    with pytest.raises(WeightsMismatchError, match="«untrained» describes no student"):
        StudentLocalizer(odd, device="cpu")


def test_scores_that_are_not_numbers_are_refused(untrained_weights: Path, tmp_path: Path, image: RgbImage) -> None:
    whole = read_weights(untrained_weights)
    tensors = {
        name: np.full_like(value, np.nan) if np.issubdtype(value.dtype, np.floating) else value
        for name, value in whole.tensors().items()
    }
    broken = StudentLocalizer(write_weights(tensors, whole.card.model_dump(), tmp_path), device="cpu", runtime="torch")
    with pytest.raises(WeightsMismatchError, match="«untrained» give model scores that are not numbers"):
        broken.localize(image)


def test_tensors_that_do_not_fit_are_refused(untrained_weights: Path, tmp_path: Path) -> None:
    card = read_weights(untrained_weights).card.model_dump()
    unfit = write_weights({"backbone.odd": np.zeros(3, np.float32)}, card, tmp_path)
    with pytest.raises(WeightsMismatchError, match="do not fit"):
        StudentLocalizer(unfit, device="cpu")


def test_an_unknown_or_absent_device_is_refused() -> None:
    with pytest.raises(DeviceUnavailableError, match="choose one of"):
        resolve_device("tpu")
    absent = [name for name in ("cuda", "mps") if name not in describe_runtime()["devices"]]
    for name in absent:
        with pytest.raises(DeviceUnavailableError, match=name):
            resolve_device(name)


def test_resizing_keeps_the_mean_and_leaves_the_right_size_alone() -> None:
    ramp = np.linspace(0, 255, 900, dtype=np.uint8)
    image = np.repeat(np.repeat(ramp[None, :, None], 700, axis=0), 3, axis=2)
    assert abs(float(resize_to_square(image, 224).mean()) - float(image.mean())) < 1.0
    square = np.zeros((224, 224, 3), np.uint8)
    assert resize_to_square(square, 224) is square
    assert resize_to_square(np.zeros((5, 9, 3), np.uint8), 224).shape == (224, 224, 3)


def test_a_grey_or_float_image_is_refused(localizer: StudentLocalizer) -> None:
    with pytest.raises(ValueError, match="uint8"):
        localizer.localize(np.zeros((9, 9), np.uint8))
