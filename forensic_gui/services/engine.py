"""The one doorway to boxprompt: ports on this side, the library on the other.

Importing this module is light; what needs torch is imported by the functions that compute, so that the command line
answers and the window paints before torch has loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from boxprompt.errors import (
    BoxpromptError,
    ConfigurationError,
    DeviceUnavailableError,
    StoppedError,
    WeightsMismatchError,
    WeightsNotFoundError,
)
from boxprompt.weights import BrokenWeights as BrokenWeights  # noqa: PLC0414 - handed on to the services
from boxprompt.weights import WeightsFile, find_weights
from boxprompt.weights import list_weights as find_all_weights
from forensic_gui.domain.errors import (
    Cancelled,
    DeviceUnavailable,
    EvidenceError,
    ForensicError,
    RequestError,
    WeightsError,
)
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken

if TYPE_CHECKING:
    from forensic_gui.services.benchmark.ports import ForwardProbe
    from forensic_gui.services.evaluate import FolderScores, OnImage

DEFAULT_WEIGHTS = "boxprompt-student-224"


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
        )

    @property
    def info(self) -> LocalizerInfo:
        """Which localizer this is."""
        return self._info

    def speed_probe(self) -> ForwardProbe:
        """The network by itself, for the benchmark; not to be used while an image is localized."""
        probe: ForwardProbe = self._student.speed_probe()
        return probe

    def localize(
        self,
        pixels: NDArray[np.uint8],
        *,
        orientation: Orientation = Orientation.UPRIGHT,
        views: Views = Views.FAST,
        inspect: bool = False,
        cancel: CancelToken | None = None,
    ) -> Localization:
        """Localize manipulation; see the port."""
        token = cancel or CancelToken()
        upright = np.ascontiguousarray(orientation.apply(pixels))
        with self._lock, _translated():
            found = self._student.localize(
                upright,
                tiles=views is Views.THOROUGH,
                inspect=inspect,
                should_stop=lambda: token.is_cancelled,
            )
        return Localization(
            heatmap=Heatmap(grid=_as_stored(found.scores, orientation), size=Size.of(pixels)),
            gate_map=None if found.mean_gate is None else _as_stored(found.mean_gate, orientation),
            memory_response=None if found.memory is None else _as_stored(found.memory, orientation),
            stage_seconds=found.seconds,
            tiles=found.tiles,
        )


def load_localizer(
    *, folders: Sequence[Path], weights: str | None = None, device: str = "auto", runtime: str = "auto"
) -> EngineLocalizer:
    """Load weights by id or file path onto a device: seconds, because torch is imported here.

    Args:
        folders: where installed weights lie, first match wins.
        weights: id or path of a `.safetensors` file; None for the default.
        device: "auto", "cpu", "cuda" or "mps".
        runtime: "auto", "torch" or "openvino".

    Raises:
        WeightsError: unknown, altered or unfit weights.
        DeviceUnavailable: the device is not on this machine.
        RequestError: the runtime cannot be used.
    """
    from boxprompt.inference.localize import StudentLocalizer  # torch: seconds

    with _translated():
        found = find_weights(weights or DEFAULT_WEIGHTS, folders)
        return EngineLocalizer(StudentLocalizer(found, device=device, runtime=runtime), found)


def list_weights(*, folders: Sequence[Path]) -> list[WeightsFile | BrokenWeights]:
    """Weights installed under the folders, with their cards or what is wrong with these; hashes are not checked."""
    return list(find_all_weights(folders))


def verify_weights(weights: WeightsFile) -> None:
    """Compare a weights file's hash with its card's.

    Raises:
        WeightsError: they differ, or the file cannot be read.
    """
    with _translated():
        weights.verify()


def describe_runtime() -> Mapping[str, str]:
    """Torch, its device offers and its threads, for the record: imports torch."""
    from boxprompt.inference.device import describe_runtime as describe  # torch: seconds

    return describe()


def train(
    config: Path,
    *,
    resume: bool,
    on_event: Callable[[Any], None],
    cancel: CancelToken,
) -> Any:
    """Run a training configuration; see `boxprompt.training.run.train`.

    Returns:
        `boxprompt.training.run.TrainedRun`.

    Raises:
        RequestError: the configuration, the checkpoint or the photographs cannot be used.
        DeviceUnavailable: the device is not on this machine.
    """
    from boxprompt.training.run import read_config  # torch: seconds
    from boxprompt.training.run import train as run_training

    with _translated():
        return run_training(
            read_config(config), resume=resume, on_event=on_event, should_stop=lambda: cancel.is_cancelled
        )


@dataclass(frozen=True, slots=True)
class SyntheticDataset:
    """A data set of composites that was written.

    Attributes:
        folder: where it lies, with `Tp/`, `Gt/`, `Au/` and `manifest.jsonl`.
        counts: images by kind of manipulation; "authentic" ones are untouched.
    """

    folder: Path
    counts: Mapping[str, int]


def write_synthetic_dataset(
    photos: Sequence[Path],
    out: Path,
    *,
    count: int,
    seed: int,
    on_image: Callable[[int, int], None],
    cancel: CancelToken,
) -> SyntheticDataset:
    """Make manipulations of photographs with known masks; see `boxprompt.data.synthesis.write_dataset`.

    Args:
        photos: folders of photographs; object masks are looked for in a folder `masks` beside each.
        out: created; must be empty or absent.
        count: images in all.
        seed: of the whole set.
        on_image: called with (done, count) after each image.
        cancel: looked at before each image; what was written stays.

    Raises:
        RequestError: no photographs, an output folder that holds something, or photographs nothing can be made of.
        Cancelled: stopping was asked for.
    """
    from boxprompt.data.synthesis import PhotoPool, SynthesisError, Synthesizer, write_dataset  # OpenCV: tenths

    try:
        pool = PhotoPool.open(photos)
        written = write_dataset(
            Synthesizer(pool),
            out,
            count=count,
            seed=seed,
            progress=on_image,
            should_stop=lambda: cancel.is_cancelled,
        )
    except (SynthesisError, FileExistsError, FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise RequestError(f"No data set was made: {error}.") from error
    cancel.raise_if_cancelled()
    return SyntheticDataset(folder=out, counts=written.written)


def score_folder(
    folder: Path,
    *,
    name: str,
    localize: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    threshold: float,
    baselines: bool,
    limit: int | None,
    read: Callable[[Path], NDArray[np.uint8]],
    on_image: OnImage,
    cancel: CancelToken,
) -> FolderScores:
    """Score a localizer, and on request trivial baselines, on a dataset; see the port `ScoreFolder`."""
    from boxprompt.data.datasets import UnreadableImageError  # OpenCV: tenths
    from boxprompt.evaluation import Subject, baseline_subjects, evaluate_folder

    def read_or_name(path: Path) -> NDArray[np.uint8]:
        try:
            return read(path)
        except EvidenceError as error:
            raise UnreadableImageError(str(error)) from error

    with _translated():
        return evaluate_folder(
            folder,
            subjects=(
                Subject(name=name, localize=localize, threshold=threshold),
                *(baseline_subjects() if baselines else ()),
            ),
            limit=limit,
            read=read_or_name,
            progress=on_image,
            should_stop=lambda: cancel.is_cancelled,
        )


def pixel_f1(mask: NDArray[np.bool_], *, known: NDArray[np.bool_]) -> float:
    """Pixel F1 in [0, 1] of a mask bool (H, W) against the known one, by the definition that evaluations use."""
    from boxprompt.metrics import pixel

    ranked = pixel.rank(mask.astype(np.float32), known)
    return float(pixel.f1(ranked.confusion(0.5)))


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's failures into the application's, sentence and all."""
    try:
        yield
    except StoppedError as stopped:
        raise Cancelled from stopped
    except BoxpromptError as error:
        kind: type[ForensicError] = next(ours for theirs, ours in _KINDS.items() if isinstance(error, theirs))
        raise kind(str(error)) from error


_KINDS: dict[type[BoxpromptError], type[ForensicError]] = {
    WeightsNotFoundError: WeightsError,
    WeightsMismatchError: WeightsError,
    DeviceUnavailableError: DeviceUnavailable,
    ConfigurationError: RequestError,
    BoxpromptError: RequestError,
}


def _as_stored(array: NDArray[np.float32], orientation: Orientation) -> NDArray[np.float32]:
    return np.ascontiguousarray(orientation.inverse.apply(array))
