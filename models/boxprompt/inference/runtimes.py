"""What executes the student: torch on any device, or OpenVINO on a CPU.

Both give the same bytes for the same input every time, and each other's scores to `AGREEMENT`; a finding says which
one ran. On two cores of an x86-64 server OpenVINO takes two thirds of torch's time for a forward pass (see
docs/results), for some 0.4 s more to load, so "auto" prefers it there when it is installed.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from boxprompt.contracts import ScoreMap
from boxprompt.errors import ConfigurationError
from boxprompt.inference.openvino_graph import student_graph
from boxprompt.network.student import Student, StudentOutput
from boxprompt.openvino_import import import_openvino, is_installed

_T = TypeVar("_T")

RUNTIME_NAMES = ("auto", "torch", "openvino")
AGREEMENT = 1e-4
"""Largest difference of a model score between two runtimes; float32 rounding gives some 1e-6."""


@dataclass(frozen=True, slots=True, eq=False)
class StudentScores:
    """A forward pass as arrays.

    Attributes:
        scores: A_refined, float32 (B, S, S) in [0, 1].
        coarse_scores: the same before upsampling, float32 (B, S/4, S/4) in [0, 1].
        mean_gate: G_avg, float32 (B, S/4, S/4) in [0, 1].
        memory: A_mem, float32 (B, S/4, S/4) in [0, 1]; None without memory.
    """

    scores: ScoreMap
    coarse_scores: ScoreMap
    mean_gate: ScoreMap
    memory: ScoreMap | None


class Runtime(Protocol):
    """Executes one student. Deterministic; not thread-safe."""

    @property
    def name(self) -> str:
        """Name and version, as "torch 2.13.0"."""
        ...

    @property
    def threads(self) -> int:
        """Threads it computes with on the CPU."""
        ...

    def run(self, images: NDArray[np.float32]) -> StudentScores:
        """One forward pass.

        Args:
            images: float32 (B, 3, S, S), normalised RGB, S the student's input side.
        """
        ...


class TorchRuntime:
    """The student as it is, on any device torch offers."""

    def __init__(self, network: Student, device: torch.device) -> None:
        """Take a network that is in evaluation mode and on `device`."""
        self._network = network
        self._device = device

    @property
    def name(self) -> str:
        """Name and version."""
        return f"torch {torch.__version__.partition('+')[0]}"

    @property
    def threads(self) -> int:
        """Threads of one operation on the CPU."""
        return torch.get_num_threads()

    @torch.inference_mode()
    def run(self, images: NDArray[np.float32]) -> StudentScores:
        """One forward pass; see the protocol."""
        output: StudentOutput = self._network(torch.from_numpy(images).to(self._device))
        return StudentScores(
            scores=_plain(torch.sigmoid(output.logits)),
            coarse_scores=_plain(torch.sigmoid(output.coarse_logits)),
            mean_gate=_plain(output.mean_gate),
            memory=None if output.memory is None else _plain(output.memory),
        )


class OpenVinoRuntime:
    """The student compiled by OpenVINO for this CPU: operations fused and weights laid out beforehand.

    Float32 throughout and a fixed number of threads: on processors with bfloat16 units OpenVINO would otherwise
    compute in bfloat16, and scores would depend on the machine.
    """

    def __init__(self, network: Student, *, threads: int) -> None:
        """Compile a network and compare its answer with torch's.

        Args:
            network: in evaluation mode, BatchNorms folded, on the CPU.
            threads: how many to compute with.

        Raises:
            ConfigurationError: OpenVINO is not installed, or its scores are not torch's.
        """
        openvino = import_openvino()
        self._threads = threads
        self._version = openvino.version
        side = network.config.input_side_px
        settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
        graph = student_graph(network, openvino)
        self._request = _in_own_thread(
            lambda: openvino.api.Core().compile_model(graph, "CPU", settings).create_infer_request()
        )
        self._has_memory = network.memory is not None
        _require_agreement(self, TorchRuntime(network, torch.device("cpu")), side_px=side)

    @property
    def name(self) -> str:
        """Name and version."""
        return f"openvino {self._version}"

    @property
    def threads(self) -> int:
        """Threads it was compiled for."""
        return self._threads

    def run(self, images: NDArray[np.float32]) -> StudentScores:
        """One forward pass; see the protocol. The graph is of one image: a batch is no faster here."""
        answers = [self._run_one(image) for image in images]
        return StudentScores(
            scores=_stacked(answers, "scores"),
            coarse_scores=_stacked(answers, "coarse_scores"),
            mean_gate=_stacked(answers, "mean_gate"),
            memory=_stacked(answers, "memory") if self._has_memory else None,
        )

    def _run_one(self, image: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        # The graph takes channels last, which is how images come; for others this copies.
        results = self._request.infer([np.ascontiguousarray(image.transpose(1, 2, 0))[None]])
        return {output.get_any_name(): values for output, values in results.items()}


def _in_own_thread(work: Callable[[], _T]) -> _T:
    """Run `work` in a thread that ends with it.

    On processors with tile units OpenVINO's CPU plugin gives the thread that loads it a larger alternate signal stack,
    and unmaps that when the last model goes, in whatever thread that happens. Left in a living thread, the next signal
    (the end of any child process, under a handler) would kill the program.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="openvino-load") as pool:
        return pool.submit(work).result()


def open_runtime(network: Student, device: torch.device, *, name: str = "auto") -> Runtime:
    """A runtime for a network.

    Args:
        network: in evaluation mode, BatchNorms folded, on `device`.
        device: where to compute.
        name: "auto", "torch" or "openvino".

    Raises:
        ConfigurationError: an unknown name, OpenVINO for another device than the CPU, not installed, or with scores
            that are not torch's.
    """
    chosen = choose_runtime(name, device=device.type, machine=platform.machine(), openvino_installed=is_installed())
    if chosen == "openvino":
        return OpenVinoRuntime(network, threads=torch.get_num_threads())
    return TorchRuntime(network, device)


def choose_runtime(name: str, *, device: str, machine: str, openvino_installed: bool) -> str:
    """The runtime that a name stands for: "auto" is OpenVINO where it was measured to be faster, else torch.

    Args:
        name: "auto", "torch" or "openvino".
        device: type of device, as "cpu".
        machine: as `platform.machine()` says it.
        openvino_installed: whether the extra is there.

    Raises:
        ConfigurationError: an unknown name, or OpenVINO for another device than the CPU.
    """
    if name not in RUNTIME_NAMES:
        raise ConfigurationError(f"There is no runtime «{name}»; choose one of {', '.join(RUNTIME_NAMES)}.")
    if name == "openvino" and device != "cpu":
        raise ConfigurationError(f"The OpenVINO runtime computes on the CPU, not on {device}; use torch there.")
    if name != "auto":
        return name
    faster = openvino_installed and device == "cpu" and machine.lower() in {"x86_64", "amd64"}
    return "openvino" if faster else "torch"


def _require_agreement(runtime: Runtime, reference: Runtime, *, side_px: int) -> None:
    """A known-answer test at every load: another CPU, another version or a defect may not change scores unseen."""
    noise = np.random.default_rng(1).standard_normal((1, side_px, side_px, 3), dtype=np.float32)
    image = noise.transpose(0, 3, 1, 2)
    ours, theirs = runtime.run(image), reference.run(image)
    difference = max(
        float(np.abs(getattr(ours, name) - getattr(theirs, name)).max())
        for name in ("scores", "coarse_scores", "mean_gate", "memory")
        if getattr(theirs, name) is not None
    )
    if not difference <= AGREEMENT:  # also where it is not a number
        raise ConfigurationError(
            f"Scores of {runtime.name} differ from those of {reference.name} by {difference:.1e} on this machine, "
            f"more than {AGREEMENT:.0e}: do not use it here (pip uninstall openvino), and please report this."
        )


def _stacked(answers: Sequence[dict[str, NDArray[np.float32]]], name: str) -> ScoreMap:
    return np.concatenate([answer[name][:, 0] for answer in answers])


def _plain(maps: Tensor) -> ScoreMap:
    """(B, 1, h, w) on any device to float32 (B, h, w)."""
    return np.ascontiguousarray(maps[:, 0].float().cpu().numpy())
