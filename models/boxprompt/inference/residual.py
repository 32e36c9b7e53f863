"""Localization by the residual stream: the whole image at its native resolution, in tiles bounded in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage, ScoreMap, require_rgb
from boxprompt.inference.localize import StudentLocalization
from boxprompt.inference.native import NativeLocalizer, NativeNetwork, go_on, scores_of
from boxprompt.network.residual import ALIGNMENT_PX, ARCHITECTURE, REACH_PX, STRIDE_PX, ResidualConfig, ResidualStream
from boxprompt.weights import WeightsFile

TILE_PX = 1024
"""Longest side of what one tile answers for; it reads `REACH_PX` more on every side."""

# OpenCV's remap counts cells of source and result in 16 bits.
_REMAPPED_CELLS = 1 << 14


@dataclass(frozen=True, slots=True)
class Window:
    """What one tile reads, and the part of it that it answers for, along one axis.

    Attributes:
        start: first pixel it answers for; a multiple of the network's alignment.
        stop: the pixel after the last one it answers for.
        read_start: first pixel it reads.
        read_stop: the pixel after the last one it reads.
    """

    start: int
    stop: int
    read_start: int
    read_stop: int


def windows(length: int, *, tile_px: int = TILE_PX) -> tuple[Window, ...]:
    """Divide an axis into stretches of about equal length, each read with the network's reach on both sides.

    Args:
        length: of the axis, in pixels.
        tile_px: longest stretch; a multiple of the network's alignment.

    Returns:
        In order; together they answer for every pixel once. An axis that one tile can read is not divided.

    Raises:
        ValueError: a tile that is not aligned.
    """
    if tile_px < ALIGNMENT_PX or tile_px % ALIGNMENT_PX:
        raise ValueError(f"a tile's side is a multiple of {ALIGNMENT_PX}, not {tile_px}")
    if length <= tile_px + 2 * REACH_PX:
        return (Window(0, length, 0, length),)
    count = -(-length // tile_px)
    stride = -(-length // (count * ALIGNMENT_PX)) * ALIGNMENT_PX
    return tuple(
        Window(start, min(length, start + stride), max(0, start - REACH_PX), min(length, start + stride + REACH_PX))
        for start in range(0, length, stride)
    )


RESIDUAL_STREAM = NativeNetwork(
    "residual stream", ARCHITECTURE, lambda shape: ResidualStream(ResidualConfig.from_dict(shape))
)


class ResidualLocalizer(NativeLocalizer[ResidualStream]):
    """A residual stream with its weights on a device, ready to localize. One image at a time; not thread-safe."""

    def __init__(self, weights: WeightsFile, *, device: str = "auto", runtime: str = "auto") -> None:
        """Load verified weights; see `NativeLocalizer`."""
        super().__init__(RESIDUAL_STREAM, weights, device=device, runtime=runtime)

    def parameters(self) -> dict[str, str | int | float | bool]:
        """Everything beside weights and image that determines the scores."""
        return {
            **super().parameters(),
            "tile_px": TILE_PX,
            "tile_overlap_px": REACH_PX,
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
            tiles: no matter: an image larger than a tile is always read in tiles, one that is not never is.
            inspect: no matter: this network has neither gates nor memory.
            should_stop: asked before every tile.

        Returns:
            Scores with a cell for every four pixels; each cell has seen all that the network's reach allows, so
            that they do not depend on how the image was divided (but for float32 rounding).

        Raises:
            StoppedError: the caller asked to stop.
            WeightsMismatchError: the weights give scores that are not finite.
        """
        del tiles, inspect
        require_rgb(image)
        started = time.perf_counter()
        height, width = image.shape[:2]
        cells = np.empty((_cells(height), _cells(width)), dtype=np.float32)
        count = 0
        for rows, columns in _tiles(height, width):
            go_on(should_stop)
            answer = self._read(image[rows.read_start : rows.read_stop, columns.read_start : columns.read_stop])
            cells[_span(rows), _span(columns)] = answer[_part(rows), _part(columns)]
            count += 1
        self._require_finite(cells, what="model scores")
        return StudentLocalization(
            scores=on_image_grid(cells, height=height, width=width),
            mean_gate=None,
            memory=None,
            seconds={"forward": time.perf_counter() - started},
            tiles=count if count > 1 else 0,
        )

    @torch.inference_mode()
    def _read(self, pixels: NDArray[np.uint8]) -> ScoreMap:
        return scores_of(self._network.coarse(self._levels(pixels)))


def on_image_grid(cells: ScoreMap, *, height: int, width: int, stride_px: int = STRIDE_PX) -> ScoreMap:
    """Cells of exactly S pixels, the last ones perhaps beyond the image, as a whole number that spans the image.

    Args:
        cells: float32 (at least ⌈H/S⌉, at least ⌈W/S⌉), a cell for every S×S pixels from the top left.
        height: H of the image, in pixels.
        width: W of the image, in pixels.
        stride_px: S, the side of a cell.

    Returns:
        float32 (max(1, round(H/S)), max(1, round(W/S))), bilinear; the cells themselves where S divides both sides.
    """
    rows, columns = max(1, round(height / stride_px)), max(1, round(width / stride_px))
    # Centre of an output cell, in image pixels, in cells, from the centre of the first cell.
    y = (np.arange(rows, dtype=np.float32) + 0.5) * (height / rows / stride_px) - 0.5
    x = (np.arange(columns, dtype=np.float32) + 0.5) * (width / columns / stride_px) - 0.5
    x, y = x.astype(np.float32), y.astype(np.float32)
    if height % stride_px == 0 and width % stride_px == 0:
        return np.ascontiguousarray(cells[:rows, :columns])
    resampled = np.empty((rows, columns), dtype=np.float32)
    for down in range(0, rows, _REMAPPED_CELLS):
        for right in range(0, columns, _REMAPPED_CELLS):
            part = (slice(down, down + _REMAPPED_CELLS), slice(right, right + _REMAPPED_CELLS))
            resampled[part] = _sampled(cells, y[part[0]], x[part[1]])
    return resampled


def _sampled(cells: ScoreMap, y: NDArray[np.float32], x: NDArray[np.float32]) -> ScoreMap:
    """Bilinear values at rows y and columns x, ascending, in cells; the nearest cell beyond the border."""
    top, left = (max(0, int(np.floor(axis[0]))) for axis in (y, x))
    seen = cells[top : int(np.ceil(y[-1])) + 2, left : int(np.ceil(x[-1])) + 2]
    across, down = np.meshgrid(x - np.float32(left), y - np.float32(top))
    sampled = cv2.remap(seen, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, dtype=np.float32)


def _tiles(height: int, width: int) -> Iterator[tuple[Window, Window]]:
    return ((rows, columns) for rows in windows(height) for columns in windows(width))


def _cells(length: int) -> int:
    return -(-length // ALIGNMENT_PX) * (ALIGNMENT_PX // STRIDE_PX)


def _span(window: Window) -> slice:
    """Where a tile's answer goes; that of the last tile includes cells beyond the image."""
    first = window.start // STRIDE_PX
    return slice(first, first + _cells(window.stop - window.start))


def _part(window: Window) -> slice:
    """Which cells of what a tile read are its answer."""
    first = (window.start - window.read_start) // STRIDE_PX
    return slice(first, first + _cells(window.stop - window.start))
