"""Whatever executes the student gives the same scores, every time, and says what it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from boxprompt import openvino_import
from boxprompt.contracts import RgbImage
from boxprompt.errors import ConfigurationError
from boxprompt.inference import runtimes
from boxprompt.inference.localize import StudentLocalizer
from boxprompt.inference.openvino_graph import UnknownModuleError, student_graph
from boxprompt.inference.runtimes import AGREEMENT, OpenVinoRuntime, TorchRuntime, choose_runtime, open_runtime
from boxprompt.network.config import StudentConfig
from boxprompt.network.fusing import fold_batch_norms
from boxprompt.network.student import Student
from boxprompt.weights import read_weights

CPU = torch.device("cpu")
needs_openvino = pytest.mark.skipif(not openvino_import.is_installed(), reason="OpenVINO is not installed here")


def make_student(config: StudentConfig | None = None) -> Student:
    """A student as inference uses it, with statistics and biases that are not the trivial ones."""
    torch.manual_seed(11)
    student = Student(config or StudentConfig())
    with torch.no_grad():
        student(torch.randn(4, 3, student.config.input_side_px, student.config.input_side_px))
        for name, parameter in student.named_parameters():
            if "attention_biases" in name or name.endswith("bias"):
                parameter.normal_(std=0.2)
    student.eval()
    fold_batch_norms(student)
    student.backbone.use_explicit_attention()
    return student


@pytest.fixture(scope="module")
def student() -> Student:
    return make_student()


@pytest.fixture(scope="module")
def batch() -> np.ndarray:
    return np.random.default_rng(7).standard_normal((2, 3, 224, 224), dtype=np.float32)


@pytest.fixture
def image() -> RgbImage:
    return np.random.default_rng(5).integers(0, 256, (300, 470, 3), dtype=np.uint8)


def test_torch_returns_the_networks_own_maps_as_scores(student: Student, batch: np.ndarray) -> None:
    found = TorchRuntime(student, CPU).run(batch)
    with torch.inference_mode():
        output = student(torch.from_numpy(batch))
    assert np.array_equal(found.scores, torch.sigmoid(output.logits)[:, 0].numpy())
    assert np.array_equal(found.coarse_scores, torch.sigmoid(output.coarse_logits)[:, 0].numpy())
    assert np.array_equal(found.mean_gate, output.mean_gate[:, 0].numpy())
    assert found.memory is not None and np.array_equal(found.memory, output.memory[:, 0].numpy())


def test_a_student_without_memory_has_no_memory_response(batch: np.ndarray) -> None:
    assert TorchRuntime(make_student(StudentConfig(use_memory=False)), CPU).run(batch[:1]).memory is None


def test_the_localizer_names_its_runtime(untrained_weights: Path) -> None:
    localizer = StudentLocalizer(read_weights(untrained_weights), device="cpu", runtime="torch")
    assert localizer.runtime == f"torch {torch.__version__.partition('+')[0]}"
    assert localizer.parameters()["threads"] == torch.get_num_threads()


@pytest.mark.parametrize(
    ("name", "device", "machine", "installed", "chosen"),
    [
        ("auto", "cpu", "x86_64", True, "openvino"),
        ("auto", "cpu", "AMD64", True, "openvino"),
        ("auto", "cpu", "x86_64", False, "torch"),
        ("auto", "cpu", "arm64", True, "torch"),
        ("auto", "cuda", "x86_64", True, "torch"),
        ("torch", "cpu", "x86_64", True, "torch"),
        ("openvino", "cpu", "arm64", False, "openvino"),
    ],
)
def test_auto_is_openvino_only_where_it_was_measured_to_be_faster(
    name: str, device: str, machine: str, installed: bool, chosen: str
) -> None:
    assert choose_runtime(name, device=device, machine=machine, openvino_installed=installed) == chosen


@pytest.mark.parametrize(("name", "device", "says"), [("onnx", "cpu", "choose one of"), ("openvino", "cuda", "CPU")])
def test_a_runtime_that_cannot_be_is_refused(name: str, device: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        choose_runtime(name, device=device, machine="x86_64", openvino_installed=True)


def test_a_missing_openvino_is_told_with_the_way_to_get_it(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ConfigurationError, match=r"forensic-gui\[openvino\]"):
        open_runtime(student, CPU, name="openvino")


def test_openvino_is_imported_with_its_usage_reports_off(tmp_path: Path, checkout: Path) -> None:
    # A package that reports as the real one does: on import, if it finds the package that sends.
    package = tmp_path / "openvino"
    package.mkdir()
    (package / "__init__.py").write_text(
        "__version__ = '1.2.3-build'\ntry:\n    import openvino_telemetry\nexcept ImportError:\n    reports = False\n"
        "else:\n    reports = True\n"
    )
    (package / "opset13.py").touch()
    (tmp_path / "openvino_telemetry.py").touch()
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]; from boxprompt.openvino_import import import_openvino\n"
        "found = import_openvino(); print(found.version, found.api.reports)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(checkout / "models")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["1.2.3", "False"]


class ConstantRuntime:
    """Answers one value everywhere."""

    name = "constant 1"
    threads = 1

    def __init__(self, value: float) -> None:
        self._value = value

    def run(self, images: np.ndarray) -> runtimes.StudentScores:
        fine, coarse = (np.full((len(images), side, side), self._value, np.float32) for side in (8, 2))
        return runtimes.StudentScores(fine, coarse, coarse, coarse)


@pytest.mark.parametrize("other", [0.5 + 2 * AGREEMENT, float("nan")])
def test_a_runtime_whose_scores_differ_is_refused(other: float) -> None:
    runtimes._require_agreement(ConstantRuntime(0.5), ConstantRuntime(0.5 + AGREEMENT / 2), side_px=8)
    with pytest.raises(ConfigurationError, match="differ"):
        runtimes._require_agreement(ConstantRuntime(other), ConstantRuntime(0.5), side_px=8)


@needs_openvino
@pytest.mark.parametrize(
    "config",
    [
        StudentConfig(),
        StudentConfig(use_memory=False),
        StudentConfig(use_gates=False),
        StudentConfig(use_memory=False, use_gates=False),
        StudentConfig(alpha="learnable", memory_size=16),
        StudentConfig(input_side_px=448, width=32),
    ],
)
def test_openvino_gives_torchs_scores(config: StudentConfig) -> None:
    student, side = make_student(config), config.input_side_px
    images = np.random.default_rng(2).standard_normal((2, 3, side, side), dtype=np.float32)
    expected = TorchRuntime(student, CPU).run(images)
    found = OpenVinoRuntime(student, threads=torch.get_num_threads()).run(images)
    for name in ("scores", "coarse_scores", "mean_gate", "memory"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        if theirs is None:
            assert ours is None
        else:
            assert ours.dtype == np.float32 and ours.shape == theirs.shape
            assert np.abs(ours - theirs).max() < 1e-5


@needs_openvino
def test_openvino_gives_the_same_bytes_every_time_and_after_another_load(student: Student, batch: np.ndarray) -> None:
    first, second = (OpenVinoRuntime(student, threads=2) for _ in range(2))
    expected = first.run(batch[:1]).scores.tobytes()
    first.run(batch)
    assert first.run(batch[:1]).scores.tobytes() == expected
    assert second.run(batch).scores[0].tobytes() == expected


@needs_openvino
def test_a_localizer_on_openvino_localizes_as_on_torch(untrained_weights: Path, image: RgbImage) -> None:
    torch_one, openvino_one = (
        StudentLocalizer(read_weights(untrained_weights), device="cpu", runtime=name) for name in ("torch", "openvino")
    )
    assert openvino_one.runtime.startswith("openvino 20")
    ours, theirs = (each.localize(image, tiles=True, inspect=True) for each in (openvino_one, torch_one))
    assert ours.tiles == theirs.tiles == 6
    assert np.abs(ours.scores - theirs.scores).max() < 1e-5
    assert ours.mean_gate is not None and theirs.mean_gate is not None
    assert np.abs(ours.mean_gate - theirs.mean_gate).max() < 1e-5


def test_a_module_without_a_known_graph_is_an_error_and_not_left_out() -> None:
    student = make_student()
    student.backbone.body.patch_embed.act = torch.nn.Tanh()
    with pytest.raises(UnknownModuleError, match="Tanh"):
        student_graph(student, openvino_import.OpenVino(api=None, ops=AnyOps(), version="0"))


class AnyOps:
    """Operators that say yes to everything, for what fails before a graph is finished."""

    def __getattr__(self, name: str) -> object:
        return lambda *_, **__: object()


DROPPED_ELSEWHERE = """
import signal, subprocess, threading, time
from boxprompt.inference.runtimes import OpenVinoRuntime
from boxprompt.network.config import StudentConfig
from boxprompt.network.fusing import fold_batch_norms
from boxprompt.network.student import Student

student = Student(StudentConfig()).eval()
fold_batch_norms(student)
runtimes = [OpenVinoRuntime(student, threads=1)]
dropping = threading.Thread(target=runtimes.clear)
dropping.start()
dropping.join()
signal.signal(signal.SIGCHLD, lambda *_: None)
with subprocess.Popen(["true"]):
    time.sleep(0.5)
print("alive")
"""


@needs_openvino
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alternate signal stacks")
def test_a_signal_after_the_last_model_went_in_another_thread_kills_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", DROPPED_ELSEWHERE], capture_output=True, text=True, check=False, timeout=120
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, "alive"), ended.stderr
