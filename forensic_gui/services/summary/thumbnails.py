"""Thumbnails of a contact sheet, made of the originals as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import EvidenceAltered, EvidenceError
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.summary import SummaryRow
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink

LONGER_SIDE_PX = 320
_QUALITY = 82


class SheetPictures:
    """The `Pictures` of a contact sheet; what kept an item from having one is kept in `failures`, by its source."""

    def __init__(
        self,
        rows: Sequence[SummaryRow],
        *,
        case: CaseSession,
        decoder: Decoder,
        progress: ProgressSink,
        cancel: CancelToken,
    ) -> None:
        self.failures: list[Failure] = []
        self._rows = {row.item.id: row for row in rows}
        self._originals = case.originals()
        self._case = case
        self._decoder = decoder
        self._progress = progress
        self._cancel = cancel
        self._done = 0

    def get(self, ref: PictureRef) -> Picture | None:
        """The thumbnail of an item; None where it could not be made.

        Raises:
            Cancelled: stopping was asked for.
        """
        self._cancel.raise_if_cancelled()
        row = self._rows[ref.item_id]
        before = len(self.failures)
        picture = None if row.item.unreadable else self._made(row)
        self._done += 1
        failed = len(self.failures) > before
        kind: Literal["failed", "finished"] = "failed" if failed else "finished"
        message = self.failures[-1].message if failed else ""
        event = ProgressEvent(self._done, len(self._rows), len(self.failures), row.item.name, kind, message)
        self._progress(event)
        return picture

    def _made(self, row: SummaryRow) -> Picture | None:
        path = self._originals[row.item.id]
        try:
            decoded = self._decoder.decode(path, max_side_px=LONGER_SIDE_PX, cancel=self._cancel)
            self._case.confirm(row.item.id, decoded.evidence.sha256)
        except EvidenceError as error:
            is_altered = isinstance(error, EvidenceAltered)
            sentence = "The case's copy was altered; verify the case." if is_altered else str(error)
            self.failures.append(Failure(Path(row.item.source), type(error).__name__, sentence, error.sha256))
            return None
        return _encoded(decoded.facts.orientation.apply(decoded.pixels))


def _encoded(pixels: NDArray[np.uint8]) -> Picture:
    """A JPEG without metadata.

    Args:
        pixels: uint8 (H, W, 3) RGB, view orientation.
    """
    bgr = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    height, width = pixels.shape[:2]
    return Picture(data.tobytes(), "image/jpeg", width, height)
