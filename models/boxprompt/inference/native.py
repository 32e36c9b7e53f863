"""What localizers have in common whose network reads an image at its native resolution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boxprompt.contracts import ScoreMap
from boxprompt.errors import ConfigurationError, StoppedError, WeightsMismatchError
from boxprompt.inference.device import channels_last, describe_device, resolve_device
from boxprompt.inference.preprocess import normalise
from boxprompt.inference.runtimes import RUNTIME_NAMES
from boxprompt.inference.speed import SpeedProbe
from boxprompt.network.fusing import fold_batch_norms
from boxprompt.weights import WeightsFile

NetworkT = TypeVar("NetworkT", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class NativeNetwork(Generic[NetworkT]):
    """A kind of network.

    Attributes:
        name: what it is called in sentences, as "trace stem".
        architecture: what cards call it.
        build: the network of a card's description; TypeError or ValueError where there is none.
    """

    name: str
    architecture: str
    build: Callable[[dict[str, Any]], NetworkT]

    def load(self, weights: WeightsFile, device: torch.device) -> NetworkT:
        """The network with verified weights, ready to run on a device.

        Raises:
            WeightsMismatchError: altered weights, another architecture, or tensors that do not fit.
        """
        card = weights.card
        if card.architecture != self.architecture:
            raise WeightsMismatchError(
                f"The weights «{card.id}» are of architecture {card.architecture}, not {self.architecture}."
            )
        tensors = {name: torch.from_numpy(value) for name, value in weights.tensors().items()}
        try:
            network = self.build(card.student)
        except (TypeError, ValueError) as error:
            raise WeightsMismatchError(
                f"The card of «{card.id}» describes no {self.name} that can be built: {error}."
            ) from error
        try:
            network.load_state_dict(tensors)  # float16 on disk is cast to the network's float32
        except RuntimeError as error:
            raise WeightsMismatchError(
                f"The tensors of «{card.id}» do not fit the {self.name} on its card: {error}"
            ) from error
        network.eval()
        fold_batch_norms(network)
        return channels_last(network, device)


class NativeLocalizer(Generic[NetworkT]):
    """A network with its weights on a device. One image at a time; not thread-safe."""

    def __init__(self, kind: NativeNetwork[NetworkT], weights: WeightsFile, *, device: str, runtime: str) -> None:
        """Load verified weights.

        Args:
            kind: of network.
            weights: file and card.
            device: "auto", "cpu", "cuda" or "mps".
            runtime: "auto" or "torch": images come in many sizes, so there is no graph compiled for one.

        Raises:
            WeightsMismatchError: altered weights, another architecture, or tensors that do not fit.
            DeviceUnavailableError: no such device.
            ConfigurationError: another runtime.
        """
        if runtime not in RUNTIME_NAMES or runtime == "openvino":
            raise ConfigurationError(f"The {kind.name} runs on torch; there is no runtime «{runtime}» for it.")
        self.card = weights.card
        self._kind_name = kind.name
        self._device = resolve_device(device)
        self._network = kind.load(weights, self._device)

    @property
    def device(self) -> str:
        """The device by its full name."""
        return describe_device(self._device)

    @property
    def runtime(self) -> str:
        """Name and version of what executes the network, as "torch 2.13.0"."""
        return f"torch {torch.__version__.partition('+')[0]}"

    def speed_probe(self) -> SpeedProbe:
        """Not offered: the benchmark times one forward pass of a fixed size, and this network has none.

        Raises:
            ConfigurationError: always.
        """
        raise ConfigurationError(f"The benchmark times students; «{self.card.id}» is a {self._kind_name}.")

    def parameters(self) -> dict[str, str | int | float | bool]:
        """Everything beside weights and image that determines the scores."""
        return {
            "scale": "native, not resized",
            "input_mean": ", ".join(map(str, self.card.input_mean)),
            "input_std": ", ".join(map(str, self.card.input_std)),
            "dtype": "float32",
            "threads": torch.get_num_threads(),
        }

    def _levels(self, pixels: NDArray[np.uint8]) -> Tensor:
        """float32 (1, 3, H, W) on the device, of uint8 (H, W, 3) RGB."""
        levels = normalise(pixels[None], mean=self.card.input_mean, std=self.card.input_std)
        return torch.from_numpy(levels).to(self._device)

    def _require_finite(self, values: NDArray[np.float32], *, what: str) -> None:
        if not np.isfinite(values).all():
            raise WeightsMismatchError(
                f"The weights «{self.card.id}» give {what} that are not numbers; they are not used."
            )


def scores_of(logits: Tensor) -> ScoreMap:
    """float32 (H, W) in [0, 1], of logits (1, 1, H, W)."""
    scores: ScoreMap = torch.sigmoid(logits)[0, 0].float().cpu().numpy()
    return scores


def go_on(should_stop: Callable[[], bool]) -> None:
    """Go on unless the caller asked to stop.

    Raises:
        StoppedError: it did.
    """
    if should_stop():
        raise StoppedError("Localization was stopped.")
