"""What was read of items for their record, kept until their pictures are made: scores, and embedded thumbnails.

Reading a large image's maps takes longer than everything else that is done to it but decoding; with these they are read
once. Scores are kept as what colours are made of, so a picture has the same bytes with and without.
"""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from io import FileIO
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.services.reporting import painting
from forensic_gui.services.reporting.painting import Frame

MOST_BYTES = 1 << 30
"""What is kept at most, on the disk; more is read again."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where bytes lie in the file."""

    start: int
    length: int


class SeenItems:
    """Scores and thumbnails in a file without a name, that ends with the context. Safe to use from several threads."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        """Keep nothing yet, and never more than so much."""
        self._scores: dict[tuple[str, Frame], _Place] = {}
        self._thumbnails: dict[str, _Place] = {}
        self._most = most_bytes
        self._used = 0
        self._turn = threading.Lock()
        self._file: FileIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        if self._file is not None:
            self._file.close()

    def put_scores(self, heatmap_sha256: str, heatmap: Heatmap) -> None:
        """Keep a heatmap's scores for the picture of the whole image, where there is room."""
        frame = Frame.whole(heatmap.size)
        with self._turn:
            if (heatmap_sha256, frame) in self._scores:
                return
        place = self._put(painting.levels(heatmap, frame).tobytes())
        if place is not None:
            with self._turn:
                self._scores[(heatmap_sha256, frame)] = place

    def scores(self, heatmap_sha256: str, frame: Frame) -> NDArray[np.uint8] | None:
        """Scores in steps of 1/255, uint8 (rows, columns); None where they were not kept, or for another picture."""
        data = self._get(self._scores.get((heatmap_sha256, frame)))
        return None if data is None else np.frombuffer(data, np.uint8).reshape(frame.size.shape)

    def put_thumbnail(self, sha256: str, thumbnail: bytes) -> None:
        """Keep the thumbnail that the file of this hash carries, where there is room."""
        place = self._put(thumbnail)
        if place is not None:
            with self._turn:
                self._thumbnails[sha256] = place

    def thumbnail(self, sha256: str) -> bytes | None:
        """The thumbnail; None where it was not kept."""
        return self._get(self._thumbnails.get(sha256))

    def _put(self, data: bytes) -> _Place | None:
        with self._turn:
            place = _Place(self._used, len(data))
            if place.start + place.length > self._most or not self._write(data, place):
                return None
            self._used += len(data)
            return place

    def _write(self, data: bytes, place: _Place) -> bool:
        """Whether the disk took it: what it does not take is read again, and no more is tried."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0, prefix="forensic-gui-")  # noqa: SIM115 - see `close`
            self._file.seek(place.start)
            if self._file.write(data) == len(data):
                return True
        except OSError:
            pass
        self._most = 0
        return False

    def _get(self, place: _Place | None) -> bytes | None:
        if place is None:
            return None
        with self._turn:
            assert self._file is not None
            self._file.seek(place.start)
            return self._file.read(place.length)
