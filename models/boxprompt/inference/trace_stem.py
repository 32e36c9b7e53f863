"""Localization by the trace stem: statistics at the image's native resolution, band by band, then one pass over all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from boxprompt.contracts import RgbImage, ScoreMap, require_rgb
from boxprompt.errors import WeightsMismatchError
from boxprompt.inference.localize import StudentLocalization
from boxprompt.inference.native import NativeLocalizer, NativeNetwork, go_on, scores_of
from boxprompt.inference.residual import on_image_grid
from boxprompt.network.trace.history import GROUPS as HISTORY_GROUPS
from boxprompt.network.trace.history import history_scores
from boxprompt.network.trace.pixels import CELL_PX
from boxprompt.network.trace.statistics import ALIGNMENT_PX, HALO_PX, LocalStatistics
from boxprompt.network.trace.stem import ARCHITECTURE, TraceStem, TraceStemConfig, aligned
from boxprompt.weights import WeightsFile

BAND_PIXELS = 1 << 20
"""About as many pixels are held as float32 planes at once."""


@dataclass(frozen=True, slots=True)
class Band:
    """Rows whose statistics are computed together.

    Attributes:
        start: first row of them; a multiple of 16.
        stop: the row after the last one.
        read_start: first row that is read for them.
        read_stop: the row after the last one that is.
    """

    start: int
    stop: int
    read_start: int
    read_stop: int


def bands(height: int, width: int, *, pixels: int = BAND_PIXELS) -> Iterator[Band]:
    """Divide an image into bands of whole cells, from the top.

    Args:
        height: of the image, in pixels.
        width: of the image, in pixels.
        pixels: how many a band may have, if that is 16 rows or more.
    """
    rows = max(1, pixels // (width * ALIGNMENT_PX)) * ALIGNMENT_PX
    for start in range(0, height, rows):
        stop = min(height, start + rows)
        yield Band(start, stop, max(0, start - HALO_PX), min(height, stop + HALO_PX))


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """What one pass over an image's statistics gives.

    Attributes:
        localization: the network's.
        history: `boxprompt.network.trace.history` on the same grid; None unless asked for.
    """

    localization: StudentLocalization
    history: ScoreMap | None


TRACE_STEM = NativeNetwork("trace stem", ARCHITECTURE, lambda shape: TraceStem(TraceStemConfig.from_dict(shape)))


class TraceStemLocalizer(NativeLocalizer[TraceStem]):
    """A trace stem with its weights on a device, ready to localize. One image at a time; not thread-safe."""

    def __init__(self, weights: WeightsFile, *, device: str = "auto", runtime: str = "auto") -> None:
        """Load verified weights; see `NativeLocalizer`."""
        super().__init__(TRACE_STEM, weights, device=device, runtime=runtime)

    def parameters(self) -> dict[str, str | int | float | bool]:
        """Everything beside weights and image that determines the scores."""
        return {
            **super().parameters(),
            "cell_px": CELL_PX,
            "statistics": ", ".join(self._network.config.groups),
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
            tiles: no matter: every image is read whole, at its native resolution.
            inspect: no matter: this network has neither gates nor memory.
            should_stop: asked before every band, and before the network.

        Returns:
            Scores with a cell for every 8×8 pixels.

        Raises:
            StoppedError: the caller asked to stop.
            WeightsMismatchError: the weights give scores that are not finite.
        """
        del tiles, inspect
        return self.read_traces(image, should_stop=should_stop).localization

    def read_traces(
        self, image: RgbImage, *, history: bool = False, should_stop: Callable[[], bool] = lambda: False
    ) -> Traces:
        """Localize, and score blocks by their history from the same statistics.

        Args:
            image: uint8 (H, W, 3) RGB.
            history: also return `Traces.history`.
            should_stop: asked before every band, and before the network.

        Raises:
            StoppedError: the caller asked to stop.
            WeightsMismatchError: the weights give scores that are not finite, or the network does not compute the
                statistics that the history is read from.
        """
        require_rgb(image)
        if history and not set(HISTORY_GROUPS) <= set(self._network.config.groups):
            raise WeightsMismatchError(
                f"The trace stem of «{self.card.id}» does not compute {' and '.join(HISTORY_GROUPS)}."
            )
        started = time.perf_counter()
        statistics = self._complete(self._statistics(image, should_stop))
        counted = time.perf_counter()
        go_on(should_stop)
        cells = self._read(statistics)
        self._require_finite(cells, what="model scores")
        height, width = image.shape[:2]
        found = StudentLocalization(
            scores=on_image_grid(cells, height=height, width=width, stride_px=CELL_PX),
            mean_gate=None,
            memory=None,
            seconds={"statistics": counted - started, "forward": time.perf_counter() - counted},
        )
        if not history:
            return Traces(found, None)
        scores = history_scores(statistics, names=self._network.statistics.names).cpu().numpy()
        return Traces(found, on_image_grid(scores, height=height, width=width, stride_px=CELL_PX))

    @torch.inference_mode()
    def _statistics(self, image: RgbImage, should_stop: Callable[[], bool]) -> LocalStatistics:
        parts: list[LocalStatistics] = []
        for band in bands(*image.shape[:2]):
            go_on(should_stop)
            local = self._network.statistics.local(aligned(self._levels(image[band.read_start : band.read_stop])))
            first = (band.start - band.read_start) // CELL_PX
            last = first + -(-(band.stop - band.start) // ALIGNMENT_PX) * (ALIGNMENT_PX // CELL_PX)
            parts.append(LocalStatistics(local.cells[..., first:last, :], local.magnitudes[..., first:last, :]))
        return LocalStatistics(
            torch.cat([part.cells for part in parts], dim=2), torch.cat([part.magnitudes for part in parts], dim=2)
        )

    @torch.inference_mode()
    def _complete(self, statistics: LocalStatistics) -> Tensor:
        return self._network.statistics.complete(statistics)

    @torch.inference_mode()
    def _read(self, statistics: Tensor) -> ScoreMap:
        logits = self._network.read(statistics)
        return scores_of(logits)
