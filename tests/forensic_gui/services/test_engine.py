"""The doorway translates between the application and the library, and loses nothing on the way."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.errors import Cancelled, DeviceUnavailable, RequestError, WeightsError
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services import engine
from forensic_gui.services.ports import Localizer, Views
from forensic_gui.services.progress import CancelToken


@pytest.fixture(scope="module")
def localizer(untrained_weights: Path) -> Localizer:
    return engine.load_localizer(folders=[], weights=str(untrained_weights), device="cpu")


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(9).integers(0, 256, (260, 330, 3), dtype=np.uint8)


def test_a_finding_can_name_what_ran(localizer: Localizer, untrained_weights: Path) -> None:
    info = localizer.info
    assert info.weights_id == "untrained" and len(info.weights_sha256) == 64
    assert info.device == "cpu" and info.runtime.split()[0] in {"torch", "openvino"}
    assert info.parameters["input_side_px"] == 224 and "threads" in info.parameters


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("views", list(Views))
def test_the_network_sees_the_upright_view_and_answers_in_stored_pixels(
    localizer: Localizer, pixels: np.ndarray, orientation: Orientation, views: Views
) -> None:
    upright = localizer.localize(pixels, views=views, inspect=True)
    stored = np.ascontiguousarray(orientation.inverse.apply(pixels))
    turned = localizer.localize(stored, orientation=orientation, views=views, inspect=True)
    assert turned.heatmap.size == Size.of(stored)
    assert np.array_equal(orientation.apply(turned.heatmap.grid), upright.heatmap.grid)
    assert turned.gate_map is not None and upright.gate_map is not None
    assert np.array_equal(orientation.apply(turned.gate_map), upright.gate_map)


def test_a_cancelled_localization_raises_cancelled(localizer: Localizer, pixels: np.ndarray) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        localizer.localize(pixels, cancel=token)


def test_unknown_weights_and_absent_devices_are_the_applications_errors(untrained_weights: Path) -> None:
    with pytest.raises(WeightsError, match="nothing-of-that-name"):
        engine.load_localizer(folders=[untrained_weights.parent], weights="nothing-of-that-name")
    with pytest.raises(DeviceUnavailable):
        engine.load_localizer(folders=[], weights=str(untrained_weights), device="tpu")


def test_altered_weights_are_listed_but_do_not_verify(untrained_weights: Path, tmp_path: Path) -> None:
    for suffix in (".safetensors", ".json"):
        shutil.copy(untrained_weights.with_suffix(suffix), tmp_path)
    (found,) = engine.list_weights(folders=[tmp_path])
    assert not isinstance(found, engine.BrokenWeights)
    engine.verify_weights(found)
    with found.path.open("ab") as stream:
        stream.write(b"!")
    with pytest.raises(WeightsError, match="altered or damaged"):
        engine.verify_weights(found)


NATIVE_RUN = """
name = "stream"
[{table}]
widths = {widths}
[data]
photos = [{{ path = "{photos}", terms = "made by a test" }}]
validation_count = 3
crop_side_px = 64
workers = 0
[data.synthesis]
authentic = 0.1
[recipe]
steps = 1
warmup_steps = 0
batch_size = 1
[run]
output = "{output}"
device = "cpu"
"""


@pytest.mark.parametrize(
    ("table", "widths", "architecture", "name"),
    [
        ("residual", [4, 4, 4, 4], "boxprompt-residual", "residual stream"),
        ("trace_stem", [4, 4, 4], "boxprompt-trace-stem", "trace stem"),
    ],
)
def test_a_network_at_native_resolution_is_trained_verified_listed_and_localizes_by_its_file(
    tmp_path: Path, table: str, widths: list[int], architecture: str, name: str
) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    draws = np.random.default_rng(0)
    for number in range(8):
        pixels = draws.integers(0, 256, (30, 40, 3), dtype=np.uint8)
        enlarged = Image.fromarray(pixels).resize((400, 300), Image.Resampling.BICUBIC)
        enlarged.save(photos / f"{number}.png")
    run = tmp_path / "run.toml"
    run.write_text(NATIVE_RUN.format(table=table, widths=widths, photos=photos.as_posix(), output=out.as_posix()))
    ended = engine.train(run, resume=False, on_event=lambda _: None, cancel=CancelToken())
    assert ended.result.finished

    (found,) = engine.list_weights(folders=[out])
    assert not isinstance(found, engine.BrokenWeights)
    engine.verify_weights(found)
    localizer = engine.load_localizer(folders=[], weights=str(found.path), device="cpu")
    assert localizer.info.architecture == architecture
    assert localizer.info.runtime.startswith("torch ")
    with pytest.raises(RequestError, match=name):
        localizer.speed_probe()
    stored = draws.integers(0, 256, (90, 61, 3), dtype=np.uint8)
    upright = localizer.localize(np.ascontiguousarray(Orientation.ROTATED_90_CW.apply(stored)))
    turned = localizer.localize(stored, orientation=Orientation.ROTATED_90_CW, views=Views.THOROUGH, inspect=True)
    assert turned.heatmap.size == Size.of(stored) and turned.gate_map is None and turned.memory_response is None
    assert np.array_equal(Orientation.ROTATED_90_CW.apply(turned.heatmap.grid), upright.heatmap.grid)
