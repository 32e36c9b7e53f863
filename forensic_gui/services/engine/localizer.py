"""The student behind the `Localizer` port, and the weights it is made of."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from boxprompt.weights import BrokenWeights as BrokenWeights  # noqa: PLC0414 - handed on to the services
from boxprompt.weights import WeightsFile
from boxprompt.weights import find_weights as find_weights_file
from boxprompt.weights import list_weights as find_all_weights
from boxprompt.weights import read_weights as read_weights_file
from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.domain.suitability import TrainingDomain
from forensic_gui.services.engine.translation import as_stored, translated
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken

if TYPE_CHECKING:
    from boxprompt.card_calibration import TrainingDomain as CardDomain
    from boxprompt.card_calibration import ViewCalibration
    from forensic_gui.services.benchmark.ports import ForwardProbe

DEFAULT_WEIGHTS = "boxprompt-joint"
STUDENT_WEIGHTS = "boxprompt-student-224"
"""What a fine-tuning starts from: it trains a student."""


class EngineLocalizer:
    """A student behind the `Localizer` port. Calls from several threads wait for each other."""

    def __init__(self, student: Any, weights: WeightsFile) -> None:
        self._student = student
        self._lock = threading.Lock()
        self._info = LocalizerInfo(
            weights_id=weights.card.id,
            weights_sha256=weights.card.sha256,
            architecture=weights.card.architecture,
            threshold=weights.card.threshold,
            device=student.device,
            runtime=student.runtime,
            parameters=student.parameters(),
            network_sha256=weights.card.network_sha256,
            view_thresholds={view: value for view, value in weights.card.view_thresholds.items()},  # noqa: C416
            calibrations={view: _calibration(one) for view, one in weights.card.calibration.items()},
            domain=None if weights.card.domain is None else _domain(weights.card.domain),
        )

    @property
    def info(self) -> LocalizerInfo:
        """Which localizer this is."""
        return self._info

    def speed_probe(self) -> ForwardProbe:
        """The network by itself, for the benchmark; not to be used while an image is localized.

        Raises:
            RequestError: this network cannot be timed by itself.
        """
        with translated():
            probe: ForwardProbe = self._student.speed_probe()
        return probe

    def localize(
        self,
        pixels: NDArray[np.uint8],
        *,
        orientation: Orientation = Orientation.UPRIGHT,
        views: Views = Views.THOROUGH,
        inspect: bool = False,
        cancel: CancelToken | None = None,
    ) -> Localization:
        """Localize manipulation; see the port."""
        token = cancel or CancelToken()
        upright = np.ascontiguousarray(orientation.apply(pixels))
        with self._lock, translated():
            found = self._student.localize(
                upright,
                tiles=views is Views.THOROUGH,
                inspect=inspect,
                should_stop=lambda: token.is_cancelled,
            )
        return Localization(
            heatmap=Heatmap(grid=as_stored(found.scores, orientation), size=Size.of(pixels)),
            gate_map=None if found.mean_gate is None else as_stored(found.mean_gate, orientation),
            memory_response=None if found.memory is None else as_stored(found.memory, orientation),
            stage_seconds=found.seconds,
            tiles=found.tiles,
        )


def _domain(domain: CardDomain) -> TrainingDomain:
    return TrainingDomain(domain.short_side_px, domain.jpeg_quality, domain.screenshots)


def _calibration(calibration: ViewCalibration) -> Calibration:
    return Calibration(
        method=calibration.method,
        knots=calibration.knots,
        fitted_on=calibration.fitted_on,
        images=calibration.manipulated_images + calibration.untouched_images,
        prior=calibration.prior,
        error_before=calibration.error_before,
        error_after=calibration.error_after,
    )


def load_localizer(
    *,
    folders: Sequence[Path],
    weights: str | None = None,
    device: str = "auto",
    runtime: str = "auto",
    threads: int | None = None,
) -> EngineLocalizer:
    """Load weights by id or file path onto a device: seconds, because torch is imported here.

    The card's architecture says which network they are of.

    Args:
        folders: where installed weights lie, first match wins.
        weights: id or path of a `.safetensors` file; None for the default.
        device: "auto", "cpu", "cuda" or "mps".
        runtime: "auto", "torch" or "openvino".
        threads: how many this process computes with from now on; None leaves that as it is.

    Raises:
        WeightsError: unknown, altered or unfit weights.
        DeviceUnavailable: the device is not on this machine.
        RequestError: the runtime cannot be used.
    """
    from boxprompt.inference.device import use_threads  # torch: seconds
    from boxprompt.inference.opening import open_localizer

    if threads is not None:
        use_threads(threads)
    with translated():
        found = find_weights_file(weights or DEFAULT_WEIGHTS, folders)
        return EngineLocalizer(open_localizer(found, device=device, runtime=runtime), found)


def list_weights(*, folders: Sequence[Path]) -> list[WeightsFile | BrokenWeights]:
    """Weights installed under the folders, with their cards or what is wrong with these; hashes are not checked."""
    return list(find_all_weights(folders))


def find_weights(name: str, *, folders: Sequence[Path]) -> WeightsFile:
    """Weights by id or file path, with their card; the hash is not checked.

    Raises:
        WeightsError: there are none, or their card cannot be understood.
    """
    with translated():
        return find_weights_file(name, folders)


def read_weights(path: Path) -> WeightsFile:
    """Weights at a path with the card beside them; the hash is not checked.

    Raises:
        WeightsError: there are none, or their card cannot be understood.
    """
    with translated():
        return read_weights_file(path)


def verify_weights(weights: WeightsFile) -> None:
    """Compare a weights file's hash with its card's.

    Raises:
        WeightsError: they differ, or the file cannot be read.
    """
    with translated():
        weights.verify()


def describe_runtime() -> Mapping[str, str]:
    """Torch, its device offers and its threads, for the record: imports torch."""
    from boxprompt.inference.device import describe_runtime as describe  # torch: seconds

    return describe()
