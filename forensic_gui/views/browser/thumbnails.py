"""Thumbnails, made off the window's thread for the rows that are seen, and kept up to a number of bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from forensic_gui.domain.errors import ForensicError
from forensic_gui.services.ports import Decoder
from forensic_gui.views.core.items import Item
from forensic_gui.views.core.lru import ByteLru
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Work

LONGER_SIDE_PX = 144
CAPACITY_BYTES = 48 << 20


class ThumbnailStore(QObject):
    """Makes one thumbnail at a time; what has scrolled away meanwhile is not made at all."""

    ready = Signal(int)
    """Item id whose thumbnail can be had now."""
    failed = Signal(int, object)
    """Item id and the `ForensicError` that keeps it from having one."""
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(
        self,
        lane: Lane,
        open_decoder: Callable[[], Decoder],
        *,
        is_seen: Callable[[int], bool],
        parent: QObject | None = None,
    ) -> None:
        """Make thumbnails.

        Args:
            lane: whose thread they are made on; nothing else uses it.
            open_decoder: opens the decoder, on that thread.
            is_seen: whether an item's row is on the screen now.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._lane = lane
        self._open_decoder = open_decoder
        self._decoder: Decoder | None = None
        self._seen_in = [is_seen]
        self._kept: ByteLru[int, QImage] = ByteLru(CAPACITY_BYTES, weigh=lambda image: image.sizeInBytes())
        self._hopeless: set[int] = set()
        self._wanted: dict[int, Path] = {}
        self._making: int | None = None

    def also_seen_by(self, is_seen: Callable[[int], bool]) -> None:
        """Make thumbnails of what another list shows too."""
        self._seen_in.append(is_seen)

    def image(self, item: Item) -> QImage | None:
        """The thumbnail, oriented as the view; None while it is being made, or when there is none to be had."""
        image = self._kept.get(item.id)
        if image is None and item.id not in self._hopeless and item.id != self._making:
            self._wanted[item.id] = item.path
            self._make_next()
        return image

    def forget(self, item_id: int) -> None:
        """Make the thumbnail anew when it is next asked for."""
        self._kept.discard(item_id)
        self._hopeless.discard(item_id)

    def forget_all(self) -> None:
        """Other items are listed: none of these is shown again."""
        self._kept.clear()
        self._hopeless.clear()
        self._wanted.clear()

    def close(self) -> None:
        """Let go of the decoder, after the lane has ended."""
        self._wanted.clear()
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _make_next(self) -> None:
        while self._wanted and self._making is None:
            item_id, path = next(iter(self._wanted.items()))
            del self._wanted[item_id]
            # A row that comes into sight again is painted, and asks again.
            if any(is_seen(item_id) for is_seen in self._seen_in):
                self._making = item_id
                self._lane.submit(partial(self._make, path), receive=partial(self._receive, item_id))

    def _make(self, path: Path, work: Work) -> QImage:
        """Runs on the lane's thread."""
        if self._decoder is None:
            self._decoder = self._open_decoder()
        decoded = self._decoder.decode(path, max_side_px=LONGER_SIDE_PX, cancel=work.cancel)
        upright = np.ascontiguousarray(decoded.facts.orientation.apply(decoded.pixels))
        height, width = upright.shape[:2]
        # The copy owns its pixels; the array is gone when this returns.
        return QImage(upright.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()

    def _receive(self, item_id: int, outcome: Outcome[QImage]) -> None:
        self._making = None
        match outcome:
            case Done(value=image):
                self._kept.put(item_id, image)
                self.ready.emit(item_id)
            case Failed(error=ForensicError() as error):
                self._hopeless.add(item_id)
                self.failed.emit(item_id, error)
            case Failed(error=error):
                self._hopeless.add(item_id)
                self.broke.emit(error)
        self._make_next()
