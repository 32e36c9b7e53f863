"""Localization from everything there is: the student's view of the whole, traces at native resolution, repeats.

One weights file holds the networks, so that one hash stands for all that a result came from. The fast view is the
student's, as the paper has it; the thorough view adds what shrinking an image to the student's input erases.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from numpy.typing import NDArray

from boxprompt.contracts import RgbImage, ScoreMap, require_rgb
from boxprompt.errors import WeightsMismatchError
from boxprompt.inference.fusion import FusionRule, fuse
from boxprompt.inference.localize import StudentLocalization, StudentLocalizer
from boxprompt.inference.residual import ResidualLocalizer
from boxprompt.inference.speed import SpeedProbe
from boxprompt.inference.trace_stem import TraceStemLocalizer
from boxprompt.network import residual
from boxprompt.network.student import ARCHITECTURE as STUDENT_ARCHITECTURE
from boxprompt.network.trace import stem
from boxprompt.traces.self_similarity import find_repeats
from boxprompt.weights import WeightCard, WeightsFile

ARCHITECTURE = "boxprompt-joint"

STUDENT = "student"
"""Name of the part that the fast view shows."""

HISTORY = "history"
"""Name of the fixed map that is read from the trace stem's statistics; it has no weights of its own."""

CELL_PX = 4
"""Side of a cell of the thorough view, in image pixels."""

Tensors: TypeAlias = Mapping[str, NDArray[Any]]
NativeLocalizer: TypeAlias = ResidualLocalizer | TraceStemLocalizer


@dataclass(frozen=True, slots=True)
class _NativePart:
    architecture: str
    open: Callable[..., NativeLocalizer]
    input_mean: tuple[float, float, float]
    input_std: tuple[float, float, float]


# By name: on the card, in front of their tensors' names, in the rule of fusion.
_NATIVE = {
    "trace_stem": _NativePart(stem.ARCHITECTURE, TraceStemLocalizer, stem.INPUT_MEAN, stem.INPUT_STD),
    "residual": _NativePart(residual.ARCHITECTURE, ResidualLocalizer, residual.INPUT_MEAN, residual.INPUT_STD),
}


class JointLocalizer:
    """A student, networks that read traces, and a search for repeats. One image at a time; not thread-safe."""

    def __init__(self, weights: WeightsFile, *, device: str = "auto", runtime: str = "auto") -> None:
        """Load verified weights.

        Args:
            weights: file and card; the card's `student` holds a table for every part and one `fusion`.
            device: "auto", "cpu", "cuda" or "mps".
            runtime: of the student; what reads traces runs on torch.

        Raises:
            WeightsMismatchError: altered weights, another architecture, or tensors that do not fit.
            DeviceUnavailableError: no such device.
            ConfigurationError: no such runtime, or it cannot be used on this device or machine.
        """
        self.card = weights.card
        self._rule = _rule(weights.card)
        tensors = weights.tensors()
        self._student = StudentLocalizer(student_part(weights, tensors), device=device, runtime=runtime)
        self._native = {
            name: part.open(_native_part(weights, tensors, name=name, part=part), device=device)
            for name, part in _NATIVE.items()
            if name in _needed(self._rule)
        }

    @property
    def device(self) -> str:
        """The device by its full name."""
        return self._student.device

    @property
    def runtime(self) -> str:
        """What executes the networks, as "torch 2.13.0" or "openvino 2026.1.0, torch 2.13.0"."""
        return ", ".join(dict.fromkeys([self._student.runtime, *(one.runtime for one in self._native.values())]))

    def speed_probe(self) -> SpeedProbe:
        """The student by itself, for a benchmark. Not to be used while `localize` runs."""
        return self._student.speed_probe()

    def parameters(self) -> dict[str, str | int | float | bool]:
        """Everything beside weights and image that determines the scores."""
        found = self._student.parameters()
        for part, localizer in self._native.items():
            found |= {f"{part}_{name}": value for name, value in localizer.parameters().items()}
        rule = self._rule.to_dict()
        weights = ", ".join(f"{name} {weight:g}" for name, weight in rule.pop("weights").items())
        return {**found, "fusion_weights": weights, **{f"fusion_{name}": value for name, value in rule.items()}}

    def localize(
        self,
        image: RgbImage,
        *,
        tiles: bool = False,
        inspect: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> StudentLocalization:
        """Localize manipulation in an upright image.

        Args:
            image: uint8 (H, W, 3) RGB.
            tiles: the thorough view: scores of all parts and repeats, fused, a cell for every 4×4 pixels.
            inspect: also return the student's gate map and memory response.
            should_stop: asked before every forward pass and between candidates of the search.

        Raises:
            StoppedError: the caller asked to stop.
            WeightsMismatchError: the weights give scores that are not finite.
        """
        require_rgb(image)
        whole = self._student.localize(image, inspect=inspect, should_stop=should_stop)
        if not tiles:
            return whole
        seconds = dict(whole.seconds)
        scores: dict[str, ScoreMap] = {STUDENT: whole.scores} if STUDENT in self._rule.weights else {}
        count = 0
        for name, localizer in self._native.items():
            started = time.perf_counter()
            native = self._read(name, localizer, image, scores, should_stop)
            count = max(count, native.tiles)
            seconds[name] = time.perf_counter() - started
        started = time.perf_counter()
        repeats = find_repeats(image, should_stop=should_stop).repeats
        searched = time.perf_counter()
        fused = fuse(scores, rule=self._rule, shape=_grid(image), repeats=repeats)
        seconds |= {"repeats": searched - started, "fusion": time.perf_counter() - searched}
        return StudentLocalization(
            scores=fused, mean_gate=whole.mean_gate, memory=whole.memory, seconds=seconds, tiles=count
        )

    def _read(
        self,
        name: str,
        localizer: NativeLocalizer,
        image: RgbImage,
        scores: dict[str, ScoreMap],
        should_stop: Callable[[], bool],
    ) -> StudentLocalization:
        """Localize with one part and add to `scores` what the rule fuses of it."""
        if isinstance(localizer, TraceStemLocalizer):
            traces = localizer.read_traces(image, history=HISTORY in self._rule.weights, should_stop=should_stop)
            native = traces.localization
            if traces.history is not None:
                scores[HISTORY] = traces.history
        else:
            native = localizer.localize(image, should_stop=should_stop)
        if name in self._rule.weights:
            scores[name] = native.scores
        return native


class _Part(WeightsFile):
    """Some of a file's tensors, with a card as if they were a file of their own; verified with the whole."""

    held: dict[str, Any]

    def tensors(self) -> dict[str, NDArray[Any]]:
        """The tensors by name, without the part's prefix."""
        return self.held


def student_part(weights: WeightsFile, tensors: Tensors) -> WeightsFile:
    """The student within joint weights.

    Args:
        weights: file and card of joint weights.
        tensors: of the whole file, verified.

    Raises:
        WeightsMismatchError: another architecture, or the card does not describe this part.
    """
    return _part(weights, tensors, name=STUDENT, card={"architecture": STUDENT_ARCHITECTURE})


def with_student(tensors: Tensors, student: Tensors) -> dict[str, NDArray[Any]]:
    """The tensors of joint weights with another student in them.

    Args:
        tensors: of the joint weights.
        student: of the other student, by the names of a student's own file.
    """
    return {**tensors, **{f"{STUDENT}.{name}": value for name, value in student.items()}}


def fuses_student(card: WeightCard) -> bool:
    """Whether the thorough view of joint weights counts their student.

    Raises:
        WeightsMismatchError: another architecture, or no rule of fusion that can be used.
    """
    return STUDENT in _rule(card).weights


def join(parts: Mapping[str, WeightsFile], rule: FusionRule) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The tensors of joint weights and the table `student` of their card.

    Args:
        parts: by name, files of their own; a student at least.
        rule: how their scores are fused.

    Raises:
        WeightsMismatchError: an altered file, one of another architecture, or a rule for other parts.
        WeightsNotFoundError: a file cannot be read.
    """
    expected = {STUDENT: STUDENT_ARCHITECTURE} | {name: part.architecture for name, part in _NATIVE.items()}
    tensors: dict[str, NDArray[Any]] = {}
    table: dict[str, Any] = {"fusion": rule.to_dict()}
    for name, weights in parts.items():
        if weights.card.architecture != expected.get(name):
            raise WeightsMismatchError(f"«{weights.card.id}», {weights.card.architecture}, cannot be the {name}.")
        tensors |= {f"{name}.{key}": value for key, value in weights.tensors().items()}
        table[name] = weights.card.student
    if STUDENT not in parts or not _needed(rule) <= set(parts):
        raise WeightsMismatchError(
            f"Joint weights hold a student and what their rule fuses, {sorted(rule.weights)}; "
            f"given are {sorted(parts)}."
        )
    return tensors, table


def _native_part(weights: WeightsFile, tensors: Tensors, *, name: str, part: _NativePart) -> WeightsFile:
    card = {"architecture": part.architecture, "input_mean": part.input_mean, "input_std": part.input_std}
    return _part(weights, tensors, name=name, card=card)


def _part(weights: WeightsFile, tensors: Tensors, *, name: str, card: dict[str, Any]) -> _Part:
    described = weights.card.student.get(name)
    if not isinstance(described, dict):
        raise WeightsMismatchError(f"The card of «{weights.card.id}» does not describe its part «{name}».")
    prefix = f"{name}."
    held = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
    # A calibration is of the fused scores, and no card may carry one of other networks.
    own = weights.card.model_copy(update={**card, "student": described, "calibration": {}, "error_rates": ()})
    return _Part(path=weights.path, card=own, held=held)


def _rule(card: WeightCard) -> FusionRule:
    if card.architecture != ARCHITECTURE:
        raise WeightsMismatchError(
            f"The weights «{card.id}» are of architecture {card.architecture}, not {ARCHITECTURE}."
        )
    try:
        rule = FusionRule.from_dict(card.student["fusion"])
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsMismatchError(
            f"The card of «{card.id}» has no rule of fusion that can be used: {error}."
        ) from error
    unknown = sorted(set(rule.weights) - {STUDENT, HISTORY, *_NATIVE})
    if unknown or not rule.weights:
        raise WeightsMismatchError(f"The rule of fusion of «{card.id}» names no part there is: {unknown}.")
    return rule


def _needed(rule: FusionRule) -> set[str]:
    """Names of the parts that hold what a rule fuses."""
    return {"trace_stem" if name == HISTORY else name for name in rule.weights}


def _grid(image: RgbImage) -> tuple[int, int]:
    height, width = image.shape[:2]
    return max(1, round(height / CELL_PX)), max(1, round(width / CELL_PX))
