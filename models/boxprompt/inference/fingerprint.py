"""Localization by fingerprints: the field of an image at its native resolution, and what in it does not belong."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from boxprompt.contracts import RgbImage, require_rgb
from boxprompt.inference.belonging import DEFAULT_RULE, strangeness
from boxprompt.inference.localize import StudentLocalization
from boxprompt.inference.native import NativeLocalizer, NativeNetwork, go_on
from boxprompt.inference.residual import on_image_grid
from boxprompt.network.fingerprint import (
    ARCHITECTURE,
    REACH_PX,
    STRIDE_PX,
    FingerprintConfig,
    FingerprintNetwork,
)
from boxprompt.weights import WeightsFile

TILE_PX = 1024
"""Longest side of what one tile answers for; it reads `REACH_PX` more on every side."""


FINGERPRINT = NativeNetwork(
    "fingerprint network", ARCHITECTURE, lambda shape: FingerprintNetwork(FingerprintConfig.from_dict(shape))
)


class FingerprintLocalizer(NativeLocalizer[FingerprintNetwork]):
    """A fingerprint network with its weights on a device, ready to localize. One image at a time; not thread-safe."""

    def __init__(self, weights: WeightsFile, *, device: str = "auto", runtime: str = "auto") -> None:
        """Load verified weights; see `NativeLocalizer`."""
        super().__init__(FINGERPRINT, weights, device=device, runtime=runtime)

    def parameters(self) -> dict[str, str | int | float | bool]:
        """Everything beside weights and image that determines the scores."""
        return {
            **super().parameters(),
            "tile_px": TILE_PX,
            "tile_overlap_px": REACH_PX,
            **DEFAULT_RULE.record(),
        }

    def localize(
        self,
        image: RgbImage,
        *,
        tiles: bool = False,
        inspect: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> StudentLocalization:
        """Localize what does not belong in an upright image.

        Args:
            image: uint8 (H, W, 3) RGB.
            tiles: no matter: an image larger than a tile is always read in tiles, one that is not never is.
            inspect: no matter: this network has neither gates nor memory.
            should_stop: asked before every tile.

        Returns:
            Scores with a cell for every eight pixels. They say how far a place is from what most of *this* image is
            like: an image has high scores somewhere whether or not it was edited.

        Raises:
            StoppedError: the caller asked to stop.
            WeightsMismatchError: the weights give fingerprints that are not finite.
        """
        del tiles, inspect
        started = time.perf_counter()
        field, count = self._read(image, should_stop)
        forwarded = time.perf_counter()
        cells = strangeness(field, rule=DEFAULT_RULE)
        height, width = image.shape[:2]
        return StudentLocalization(
            scores=on_image_grid(cells, height=height, width=width, stride_px=STRIDE_PX),
            mean_gate=None,
            memory=None,
            seconds={"forward": forwarded - started, "belonging": time.perf_counter() - forwarded},
            tiles=count if count > 1 else 0,
        )

    def field(self, image: RgbImage, *, should_stop: Callable[[], bool] = lambda: False) -> NDArray[np.float32]:
        """The field of an upright image.

        Args:
            image: uint8 (H, W, 3) RGB.
            should_stop: asked before every tile.

        Returns:
            float32 (⌈H/8⌉, ⌈W/8⌉, D), a vector for every 8×8 pixels from the top left; it does not depend on how the
            image was divided (but for float32 rounding).

        Raises:
            StoppedError: the caller asked to stop.
            WeightsMismatchError: the weights give fingerprints that are not finite.
        """
        return self._read(image, should_stop)[0]

    def _read(self, image: RgbImage, should_stop: Callable[[], bool]) -> tuple[NDArray[np.float32], int]:
        require_rgb(image)
        height, width = image.shape[:2]
        # Mirrored outwards by whole cells, so that the frame shows no edge and JPEG's grid goes on.
        margins = [(REACH_PX, REACH_PX + -side % STRIDE_PX) for side in (height, width)]
        framed = np.pad(image, (*margins, (0, 0)), mode="symmetric")
        rows, columns = (-(-side // STRIDE_PX) for side in (height, width))
        field = np.empty((rows, columns, self._network.config.channels), dtype=np.float32)
        step, count = TILE_PX // STRIDE_PX, 0
        for top in range(0, rows, step):
            for left in range(0, columns, step):
                go_on(should_stop)
                part = field[top : top + step, left : left + step]
                part[...] = self._read_tile(framed, top, left, shape=part.shape[:2])
                count += 1
        self._require_finite(field, what="fingerprints")
        return field, count

    @torch.inference_mode()
    def _read_tile(
        self, framed: NDArray[np.uint8], top: int, left: int, *, shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        rows, columns = (
            slice(first * STRIDE_PX, (first + cells) * STRIDE_PX + 2 * REACH_PX)
            for first, cells in zip((top, left), shape, strict=True)
        )
        field = self._network(self._levels(framed[rows, columns]))[0].float().cpu().numpy()
        border = REACH_PX // STRIDE_PX
        inner: NDArray[np.float32] = field[:, border:-border, border:-border].transpose(1, 2, 0)
        return inner
