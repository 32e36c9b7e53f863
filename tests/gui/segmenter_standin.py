"""A segmenter that takes its time, for windows and drawing tables under test."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.services.annotating import patches, raster
from forensic_gui.services.ports import Segmentation, SegmenterInfo
from forensic_gui.services.progress import CancelToken


@dataclass
class Wait:
    """Lets work take its time, or hold until it is told to go on."""

    seconds: float = 0.0
    gate: threading.Event | None = None

    def __call__(self, cancel: CancelToken | None) -> None:
        end = time.monotonic() + self.seconds
        while time.monotonic() < end or (self.gate is not None and not self.gate.is_set()):
            if cancel is not None:
                cancel.raise_if_cancelled()
            time.sleep(0.002)


@dataclass(frozen=True)
class StandInEncoded:
    key: int
    size: Size
    nbytes: int = 100


class StandInSegmenter:
    """Cuts out the box less a pixel on each side, with a disc for each point; decodes nothing it did not encode."""

    def __init__(self, name: str = "Stand-in", *, quick: bool = True) -> None:
        self.info = SegmenterInfo(name.lower(), name, "7" * 64, "cpu", "numpy", {"side": 8}, quick=quick)
        self.encode_wait, self.decode_wait = Wait(), Wait()
        self.encoded: list[int] = []
        self.decoded: list[Prompts] = []
        self.failure: Exception | None = None
        self.finds_nothing = False

    def encode(
        self, pixels: np.ndarray, *, orientation: Orientation = Orientation.UPRIGHT, cancel: CancelToken | None = None
    ) -> StandInEncoded:
        self.encode_wait(cancel)
        if self.failure is not None:
            raise self.failure
        self.encoded.append(int(pixels[0, 0, 0]))
        return StandInEncoded(int(pixels[0, 0, 0]), Size.of(pixels))

    def decode(self, encoded: StandInEncoded, prompts: Prompts, *, cancel: CancelToken | None = None) -> Segmentation:
        self.decode_wait(cancel)
        if self.failure is not None:
            raise self.failure
        self.decoded.append(prompts)
        return Segmentation(self.answer(prompts, encoded.size), 0.9, 0.0)

    def answer(self, prompts: Prompts, size: Size) -> Mask:
        mask = Mask.empty(size)
        if self.finds_nothing:
            return mask
        if prompts.box is not None:
            box = patches.pixels_of(prompts.box, size=size)
            assert box is not None
            inside = np.ones((box.height - 2, box.width - 2), np.bool_)
            mask = patches.placed(inside, left=box.left + 1, top=box.top + 1, size=size)
        for each in prompts.points:
            disc = raster.stroke([each.point], width_px=6, size=size)
            mask = mask | disc if each.positive else mask - disc
        for each in prompts.scribbles:
            stroke = raster.stroke(each.points, width_px=each.width_px, size=size)
            mask = mask | stroke if each.positive else mask - stroke
        return mask
