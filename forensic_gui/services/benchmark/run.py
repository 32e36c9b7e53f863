"""The benchmark: every measure, in order."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from forensic_gui import __version__
from forensic_gui.domain.errors import RequestError
from forensic_gui.services.benchmark.measures import Bench, folder_rows, forward_row, large_image_rows
from forensic_gui.services.benchmark.pictures import write_photograph
from forensic_gui.services.benchmark.ports import MeasurableLocalizer, RunProbe
from forensic_gui.services.benchmark.processes import first_frame_rows, memory_rows, stroke_rows, window_rows
from forensic_gui.services.benchmark.rows import Benchmark, Row
from forensic_gui.services.benchmark.segmenters import SegmenterPorts, segmenter_rows
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress

LARGE_SIZE = (4000, 3000)
_SEED = 12


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    """What to measure.

    Attributes:
        image: the large image; None for one made from a seed.
        window: whether the window is measured as well.
        segmenters: whether segmenters are measured as well.
        weights: id or file, None for the default; for the processes that are started.
        runtime: what executes the network there.
        repeats: how often each analysis is timed.
        folder_images: images of the folder of small ones.
        window_starts: how often the window is started for its first frame.
        large_size: width and height of the image that is made.
    """

    image: Path | None = None
    window: bool = True
    segmenters: bool = True
    weights: str | None = None
    runtime: str = "auto"
    repeats: int = 7
    folder_images: int = 20
    window_starts: int = 3
    large_size: tuple[int, int] = LARGE_SIZE

    def __post_init__(self) -> None:
        if self.image is not None and not self.image.is_file():
            raise RequestError(f"There is no image at {self.image}.")

    @property
    def options(self) -> tuple[str, ...]:
        """What a started process is told to choose the same weights and runtime."""
        weights = () if self.weights is None else ("--weights", self.weights)
        return (*weights, "--runtime", self.runtime)


def benchmark(
    request: BenchmarkRequest,
    *,
    decoder: Decoder,
    localizer: MeasurableLocalizer,
    run_probe: RunProbe,
    segmenters: SegmenterPorts | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> Benchmark:
    """Measure.

    Args:
        request: what.
        decoder: makes pixels of files.
        localizer: makes model scores of pixels.
        run_probe: starts this program afresh to measure itself.
        segmenters: what measures of segmenters need; None where they are not measured.
        progress: told of every measure.
        cancel: ends the run.

    Raises:
        EvidenceError: the image given cannot be decoded.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    with TemporaryDirectory(prefix="forensic-gui-benchmark-") as name:
        folder = Path(name)
        width, height = request.large_size
        image = request.image or write_photograph(folder / "large.jpg", width=width, height=height, seed=_SEED)
        bench = Bench(decoder, localizer, localizer.speed_probe(), folder, request.repeats, token)
        rate, first = _forward(bench, progress)
        measures = _measures(request, bench, image, run_probe)
        if segmenters is not None and request.segmenters:
            measures["segmenters"] = lambda: segmenter_rows(bench, image, ports=segmenters, rate=rate)
        rows = [first, *_take(measures, progress, token)]
    return Benchmark(
        machine=_machine(localizer, rate=rate, image=image, made=request.image is None),
        rows=tuple(rows),
        time=datetime.now(UTC).isoformat(timespec="seconds"),
    )


Measure = Callable[[], list[Row]]


def _forward(bench: Bench, progress: ProgressSink) -> tuple[float, Row]:
    progress(ProgressEvent(0, None, 0, "forward pass", "started"))
    row, rate = forward_row(bench)
    return rate, row


def _measures(request: BenchmarkRequest, bench: Bench, image: Path, run: RunProbe) -> dict[str, Measure]:
    """All measures after the first by what they look at, in the order in which they are taken."""
    options, cancel = request.options, bench.cancel
    measures: dict[str, Measure] = {
        "a large image": lambda: large_image_rows(bench, image),
        "a folder": lambda: folder_rows(bench, images=request.folder_images),
        "memory": lambda: memory_rows(run, image=image, options=options, cancel=cancel),
    }
    if request.window:
        measures["first frame"] = lambda: first_frame_rows(
            run, starts=request.window_starts, options=options, cancel=cancel
        )
        measures["window"] = lambda: window_rows(run, image=image, options=options, cancel=cancel)
        measures["brush strokes"] = lambda: stroke_rows(run, options=options, cancel=cancel)
    return measures


def _take(measures: Mapping[str, Measure], progress: ProgressSink, cancel: CancelToken) -> list[Row]:
    rows: list[Row] = []
    for done, (name, measure) in enumerate(measures.items(), start=1):
        cancel.raise_if_cancelled()
        progress(ProgressEvent(done, len(measures) + 1, 0, name, "started"))
        rows += measure()
    return rows


def _machine(
    localizer: MeasurableLocalizer, *, rate: float, image: Path, made: bool
) -> Mapping[str, str | int | float]:
    info = localizer.info
    return {
        "cores": os.cpu_count() or 1,
        "threads": info.parameters.get("threads", 0),
        "matrix_product_gflops": round(rate / 1e9, 1),
        "device": info.device,
        "runtime": info.runtime,
        "weights": info.weights_id,
        "weights_sha256": info.weights_sha256,
        "image": "made from a seed" if made else str(image),
        "system": platform.platform(),
        "python": platform.python_version(),
        "tool_version": __version__,
    }
