"""Scores of heatmaps at the size of their pictures, kept from when a record is built until its pictures are made.

Reading a large image's maps takes longer than everything else that is done to it but decoding; with these they are read
once. What is kept is what the colours are made of, so a picture has the same bytes with and without.
"""

from __future__ import annotations

import threading
import zlib

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.services.reporting import painting
from forensic_gui.services.reporting.painting import Frame

MOST_BYTES = 128 << 20
"""What is kept at most, packed; more is read again."""

_LEVEL = 1


class SeenScores:
    """Scores by the hash of their heatmap's own grid, and by picture. Safe to use from several threads."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        """Keep nothing yet, and never more than so much."""
        self._kept: dict[tuple[str, Frame], bytes] = {}
        self._room = most_bytes
        self._turn = threading.Lock()

    def put(self, heatmap_sha256: str, heatmap: Heatmap) -> None:
        """Keep a heatmap's scores for the picture of the whole image, where there is room."""
        with self._turn:
            if self._room <= 0:
                return
        frame = Frame.whole(heatmap.size)
        data = zlib.compress(np.ascontiguousarray(painting.levels(heatmap, frame)).data, _LEVEL)
        with self._turn:
            if (heatmap_sha256, frame) not in self._kept and len(data) <= self._room:
                self._kept[(heatmap_sha256, frame)] = data
                self._room -= len(data)

    def get(self, heatmap_sha256: str, frame: Frame) -> NDArray[np.uint8] | None:
        """Scores in steps of 1/255, uint8 (rows, columns); None where they were not kept, or for another picture."""
        with self._turn:
            data = self._kept.get((heatmap_sha256, frame))
        return None if data is None else np.frombuffer(zlib.decompress(data), np.uint8).reshape(frame.size.shape)
