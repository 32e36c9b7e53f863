"""Localization: an image to a map of model scores, from the whole view or with native-scale tiles."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage, ScoreMap, require_rgb
from boxprompt.errors import StoppedError, WeightsMismatchError
from boxprompt.inference.device import channels_last, describe_device, resolve_device
from boxprompt.inference.preprocess import RESIZE_FILTER, normalise, resize_to_square
from boxprompt.inference.runtimes import StudentScores, open_runtime
from boxprompt.inference.speed import SpeedProbe
from boxprompt.inference.tiles import TileBlend, plan_tiles
from boxprompt.network.config import StudentConfig
from boxprompt.network.fusing import fold_batch_norms
from boxprompt.network.student import ARCHITECTURE, Student
from boxprompt.weights import WeightsFile

TILE_OVERLAP_SHARE = 0.25
TILE_WEIGHT = 0.5
_TILE_BATCH = 4


@dataclass(frozen=True, slots=True, eq=False)
class StudentLocalization:
    """What the student says of one image.

    Attributes:
        scores: float32 (h, w) in [0, 1] on the student's grid, covering the whole image: (S, S) for the fast view,
            one cell per four image pixels with tiles.
        mean_gate: G_avg of the whole view, float32 (S/4, S/4) in [0, 1]; None unless asked for.
        memory: A_mem of the whole view, likewise; None without memory.
        seconds: by stage.
        tiles: how many tiles were blended in.
    """

    scores: ScoreMap
    mean_gate: ScoreMap | None
    memory: ScoreMap | None
    seconds: Mapping[str, float] = field(default_factory=dict)
    tiles: int = 0


class StudentLocalizer:
    """A student with its weights on a device, ready to localize. One image at a time; not thread-safe."""

    def __init__(self, weights: WeightsFile, *, device: str = "auto", runtime: str = "auto") -> None:
        """Load verified weights.

        Args:
            weights: file and card.
            device: "auto", "cpu", "cuda" or "mps".
            runtime: "auto", "torch" or "openvino"; see `boxprompt.inference.runtimes`.

        Raises:
            WeightsMismatchError: altered weights, another architecture, or tensors that do not fit.
            DeviceUnavailableError: no such device.
            ConfigurationError: no such runtime, or it cannot be used on this device or machine.
        """
        self.card = weights.card
        self._device = resolve_device(device)
        network = _load_network(weights, self._device)
        self._config = network.config
        self._runtime = open_runtime(network, self._device, name=runtime)
        self._side = self._config.input_side_px

    @property
    def device(self) -> str:
        """The device by its full name."""
        return describe_device(self._device)

    @property
    def runtime(self) -> str:
        """Name and version of what executes the network, as "torch 2.13.0"."""
        return self._runtime.name

    def speed_probe(self) -> SpeedProbe:
        """The network by itself, for a benchmark. Not to be used while `localize` runs."""
        return SpeedProbe(self._runtime, self._config, self._device)

    def parameters(self) -> dict[str, str | int | float | bool]:
        """Everything beside weights and image that determines the scores."""
        return {
            "input_side_px": self._side,
            "resize_filter": RESIZE_FILTER,
            "input_mean": ", ".join(map(str, self.card.input_mean)),
            "input_std": ", ".join(map(str, self.card.input_std)),
            "dtype": "float32",
            "threads": self._runtime.threads,
            "tile_overlap_px": int(self._side * TILE_OVERLAP_SHARE),
            "tile_weight": TILE_WEIGHT,
        }

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
            tiles: blend overlapping native-scale tiles with the whole view.
            inspect: also return the gate map and the memory response.
            should_stop: asked before every forward pass.

        Raises:
            StoppedError: the caller asked to stop.
            WeightsMismatchError: the weights give scores that are not finite.
        """
        require_rgb(image)
        started = time.perf_counter()
        squeezed = resize_to_square(image, self._side)
        prepared = time.perf_counter()
        output = self._forward(squeezed[None], should_stop)
        scores = output.scores[0]
        forwarded = time.perf_counter()
        seconds = {"preprocess": prepared - started, "forward": forwarded - prepared}
        count = 0
        if tiles:
            scores, count = self._with_tiles(image, scores, should_stop)
            seconds["tiles"] = time.perf_counter() - forwarded
        return StudentLocalization(
            scores=scores,
            mean_gate=output.mean_gate[0] if inspect else None,
            memory=output.memory[0] if inspect and output.memory is not None else None,
            seconds=seconds,
            tiles=count,
        )

    def _with_tiles(self, image: RgbImage, whole: ScoreMap, should_stop: Callable[[], bool]) -> tuple[ScoreMap, int]:
        height, width = image.shape[:2]
        plan = plan_tiles(height, width, side_px=self._side, overlap_px=int(self._side * TILE_OVERLAP_SHARE))
        if not plan.origins:
            return whole, 0
        blend = TileBlend(height, width, side_px=self._side, stride_px=4)
        for origins in _batches(plan.origins):
            tiles = [image[top : top + self._side, left : left + self._side] for top, left in origins]
            output = self._forward(np.stack(tiles), should_stop)
            for scores, origin in zip(output.coarse_scores, origins, strict=True):
                blend.add(scores, origin)
        native = blend.result()
        enlarged = cv2.resize(whole, (native.shape[1], native.shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.asarray(TILE_WEIGHT * native + (1 - TILE_WEIGHT) * enlarged, dtype=np.float32), len(plan.origins)

    def _forward(self, images: NDArray[np.uint8], should_stop: Callable[[], bool]) -> StudentScores:
        if should_stop():
            raise StoppedError("Localization was stopped.")
        output = self._runtime.run(normalise(images, mean=self.card.input_mean, std=self.card.input_std))
        if not (np.isfinite(output.scores).all() and np.isfinite(output.coarse_scores).all()):
            raise WeightsMismatchError(
                f"The weights «{self.card.id}» give model scores that are not numbers; they are not used."
            )
        return output


def _student(weights: WeightsFile) -> Student:
    try:
        return Student(StudentConfig.from_dict(weights.card.student))
    except (TypeError, ValueError) as error:
        raise WeightsMismatchError(
            f"The card of «{weights.card.id}» describes no student that can be built: {error}."
        ) from error


def _load_network(weights: WeightsFile, device: torch.device) -> Student:
    if weights.card.architecture != ARCHITECTURE:
        raise WeightsMismatchError(
            f"The weights «{weights.card.id}» are of architecture {weights.card.architecture}, not {ARCHITECTURE}."
        )
    tensors = {name: torch.from_numpy(value) for name, value in weights.tensors().items()}
    network = _student(weights)
    try:
        network.load_state_dict(tensors)  # float16 on disk is cast to the network's float32
    except RuntimeError as error:
        raise WeightsMismatchError(
            f"The tensors of «{weights.card.id}» do not fit the student on its card: {error}"
        ) from error
    network.eval()
    fold_batch_norms(network)
    network.backbone.use_explicit_attention()
    return channels_last(network, device)


def _batches(origins: tuple[tuple[int, int], ...]) -> Iterator[tuple[tuple[int, int], ...]]:
    return (origins[start : start + _TILE_BATCH] for start in range(0, len(origins), _TILE_BATCH))
