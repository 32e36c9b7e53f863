"""One file holds a student and what reads traces; the fast view is the student's, the thorough one everything's."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from boxprompt.errors import StoppedError, WeightsMismatchError
from boxprompt.inference.fusion import FusionRule, fuse
from boxprompt.inference.joint import ARCHITECTURE, STUDENT, JointLocalizer, join, student_part
from boxprompt.inference.opening import open_localizer
from boxprompt.inference.trace_stem import TraceStemLocalizer
from boxprompt.traces.self_similarity import find_repeats
from boxprompt.weights import WeightsFile, read_weights, rewrite_card
from tests.boxprompt.inference.test_residual_localizer import stream_weights
from tests.boxprompt.inference.test_trace_stem_localizer import stem_weights
from tests.boxprompt.made_cards import calibration

RULE = FusionRule(
    weights={"student": 0.3, "trace_stem": 1.0, "history": 0.7, "residual": 0.5}, side_weight=1.0, explained=0.6
)


def textured(height: int = 120, width: int = 160) -> NDArray[np.uint8]:
    noise = np.random.default_rng(3).normal(0, 60, (height, width, 3)).astype(np.float32)
    return np.clip(128 + 2 * cv2.GaussianBlur(noise, (0, 0), 1.5), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def script(checkout: Path) -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("join_weights", checkout / "packaging" / "join_weights.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def parts(untrained_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, WeightsFile]:
    folder = tmp_path_factory.mktemp("parts")
    return {
        "student": read_weights(untrained_weights),
        "trace_stem": stem_weights(folder),
        "residual": stream_weights(folder),
    }


@pytest.fixture(scope="module")
def weights(script: ModuleType, parts: dict[str, WeightsFile], tmp_path_factory: pytest.TempPathFactory) -> WeightsFile:
    joint: WeightsFile = script.join_parts("joint", parts, rule=RULE, folder=tmp_path_factory.mktemp("joint"))
    return joint


@pytest.fixture(scope="module")
def localizer(weights: WeightsFile) -> JointLocalizer:
    opened = open_localizer(weights, device="cpu", runtime="torch")
    assert isinstance(opened, JointLocalizer)
    return opened


def test_the_fast_view_is_the_students_to_the_bit(localizer: JointLocalizer, parts: dict[str, WeightsFile]) -> None:
    alone = open_localizer(parts[STUDENT], device="cpu", runtime="torch")
    image = textured()
    assert np.array_equal(localizer.localize(image).scores, alone.localize(image).scores)
    assert localizer.localize(image, inspect=True).mean_gate is not None


def test_the_thorough_view_fuses_what_the_parts_say_alone(
    localizer: JointLocalizer, parts: dict[str, WeightsFile]
) -> None:
    image = textured()
    image[80:110, 100:140] = image[20:50, 20:60]
    alone = {name: open_localizer(part, device="cpu").localize(image).scores for name, part in parts.items()}
    stem = TraceStemLocalizer(parts["trace_stem"], device="cpu")
    alone["history"] = stem.read_traces(image, history=True).history
    repeats = find_repeats(image).repeats
    found = localizer.localize(image, tiles=True)
    assert repeats and found.scores.shape == (30, 40)
    assert np.allclose(found.scores, fuse(alone, rule=RULE, shape=(30, 40), repeats=repeats), atol=1e-5)
    assert {"trace_stem", "residual", "repeats", "fusion"} <= set(found.seconds)
    assert np.array_equal(found.scores, localizer.localize(image, tiles=True).scores)


def test_any_size_gets_a_map(localizer: JointLocalizer) -> None:
    for height, width in ((1, 1), (17, 300), (53, 70)):
        scores = localizer.localize(textured(height, width), tiles=True).scores
        assert scores.shape == (max(1, round(height / 4)), max(1, round(width / 4)))
        assert scores.dtype == np.float32 and 0 <= scores.min() <= scores.max() <= 1


def test_everything_that_determines_the_scores_is_told(localizer: JointLocalizer) -> None:
    told = localizer.parameters()
    assert told["fusion_weights"] == "student 0.3, trace_stem 1, history 0.7, residual 0.5"
    assert told["fusion_explained"] == 0.6 and told["residual_scale"] == told["trace_stem_scale"]
    assert told["input_side_px"] == 224 and localizer.runtime.startswith("torch ")


def test_stopping_is_asked_between_the_parts(localizer: JointLocalizer) -> None:
    asked = 0

    def after(count: int) -> bool:
        nonlocal asked
        asked += 1
        return asked > count

    for count in (0, 1, 2, 4):
        asked = 0
        with pytest.raises(StoppedError):
            localizer.localize(textured(), tiles=True, should_stop=lambda count=count: after(count))


def test_the_card_keeps_what_each_part_came_from(weights: WeightsFile, parts: dict[str, WeightsFile]) -> None:
    card = weights.card
    assert card.architecture == ARCHITECTURE
    kept = card.recipe["parts"]
    assert {name: one["sha256"] for name, one in kept.items()} == {
        name: part.card.sha256 for name, part in parts.items()
    }


def test_the_student_within_is_the_student(weights: WeightsFile, parts: dict[str, WeightsFile]) -> None:
    within = student_part(weights, weights.tensors())
    assert within.card.student == parts[STUDENT].card.student
    expected = parts[STUDENT].tensors()
    assert all(np.array_equal(value, expected[name]) for name, value in within.tensors().items())


def test_altered_joint_weights_are_refused(weights: WeightsFile, tmp_path: Path) -> None:
    altered = WeightsFile(path=tmp_path / "joint.safetensors", card=weights.card)
    data = bytearray(weights.path.read_bytes())
    data[-1] ^= 1
    altered.path.write_bytes(data)
    with pytest.raises(WeightsMismatchError, match="altered or damaged"):
        open_localizer(altered, device="cpu")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"fusion": None}, "no rule of fusion"),
        ({"fusion": {"weights": {"student": 1.0, "nose": 2.0}}}, "nose"),
        ({"fusion": {"weights": {}}}, "names no part"),
        ({"residual": None}, "part «residual»"),
    ],
)
def test_a_card_that_does_not_fit_is_refused_in_a_sentence(
    script: ModuleType, parts: dict[str, WeightsFile], tmp_path: Path, table: dict[str, Any], sentence: str
) -> None:
    joint = script.join_parts("joint", parts, rule=RULE, folder=tmp_path)
    broken = rewrite_card(joint, student={**joint.card.student, **table})
    with pytest.raises(WeightsMismatchError, match=sentence):
        open_localizer(broken, device="cpu")


def test_only_parts_of_their_kind_are_joined(parts: dict[str, WeightsFile]) -> None:
    with pytest.raises(WeightsMismatchError, match="cannot be the residual"):
        join({**parts, "residual": parts["trace_stem"]}, RULE)
    with pytest.raises(WeightsMismatchError, match="a student and what their rule fuses"):
        join({STUDENT: parts[STUDENT]}, RULE)


def test_each_source_of_training_images_is_named_once(
    script: ModuleType, parts: dict[str, WeightsFile], tmp_path: Path
) -> None:
    source = {"name": "photos", "images": 3, "terms": "free"}
    marked = {name: rewrite_card(parts[name], training_data=(source,)) for name in ("trace_stem", "residual")}
    joint = script.join_parts("joint", {**parts, **marked}, rule=RULE, folder=tmp_path)
    assert [one.name for one in joint.card.training_data].count("photos") == 1


def test_calibrated_joint_weights_open(weights: WeightsFile, tmp_path: Path) -> None:
    for suffix in (".safetensors", ".json"):
        shutil.copyfile(weights.path.with_suffix(suffix), tmp_path / f"joint{suffix}")
    copied = read_weights(tmp_path / "joint.safetensors")
    calibrated = rewrite_card(
        copied,
        calibration={"thorough": calibration(copied.card)},
        view_thresholds={"thorough": 0.7},
    )
    opened = open_localizer(calibrated, device="cpu", runtime="torch")
    assert opened.card.threshold_of("thorough") == 0.7
    assert not student_part(calibrated, calibrated.tensors()).card.calibration


def test_the_shipped_joint_weights_open(checkout: Path) -> None:
    shipped = read_weights(checkout / "resources" / "weights" / "boxprompt-joint.safetensors")
    assert isinstance(open_localizer(shipped, device="cpu", runtime="torch"), JointLocalizer)
    assert set(shipped.card.calibration) == {"fast", "thorough"}
