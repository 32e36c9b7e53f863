"""Reading the evidence that the analyst looks at, and the one that comes next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.workers.evidence_cache import EvidenceCache
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Work

# Ending a decode means starting the decoder's process again, which takes longer than most photographs do.
_GRACE_MS = 700
_SLOW_AFTER_MS = 150

LookUp: TypeAlias = Callable[[DecodedEvidence], None]


class EvidenceReader(QObject):
    """Reads one item at a time; asking for another drops the answer of the one before."""

    arrived = Signal(int, object)
    """Item id and DecodedEvidence."""
    failed = Signal(int, object)
    """Item id and the exception."""
    prepared = Signal(object)
    """DecodedEvidence that will probably be asked for next."""
    slow = Signal(int)
    """Item id, when reading takes long enough for the eye to notice."""

    def __init__(
        self,
        lane: Lane,
        cache: EvidenceCache,
        *,
        look_up: Callable[[], LookUp],
        parent: QObject | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            lane: whose thread reads.
            cache: read through.
            look_up: asked at every request for what is done on that thread with evidence that was read: finding
                results that are kept of it.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._lane = lane
        self._cache = cache
        self._look_up = look_up
        self._wanted: int | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_SLOW_AFTER_MS)
        self._patience.timeout.connect(self._on_slow)

    def read(self, item_id: int, path: Path, *, anew: bool = False) -> None:
        """Read the evidence at `path` for item `item_id`.

        Args:
            item_id: handed back with the answer.
            path: evidence file.
            anew: hash and decode again even if it is still in memory.
        """
        self._wanted = item_id
        self._patience.start()
        look_up = self._look_up()

        def job(work: Work) -> DecodedEvidence:
            decoded = self._cache.read(path, cancel=work.cancel, anew=anew)
            look_up(decoded)
            return decoded

        self._lane.cancel_key("next", grace_ms=_GRACE_MS)
        self._lane.submit(
            job, receive=lambda outcome: self._receive(item_id, outcome), key="wanted", grace_ms=_GRACE_MS
        )

    def prepare(self, path: Path) -> None:
        """Read what will probably be asked for next, if nothing else is to be read meanwhile."""

        def job(work: Work) -> DecodedEvidence:
            return self._cache.read(path, cancel=work.cancel)

        def receive(outcome: Outcome[DecodedEvidence]) -> None:
            # What goes wrong here is told when the file is asked for.
            if isinstance(outcome, Done):
                self.prepared.emit(outcome.value)

        self._lane.submit(job, receive=receive, key="next", grace_ms=_GRACE_MS)

    def forget(self) -> None:
        """Drop what is being read."""
        self._wanted = None
        self._patience.stop()
        self._lane.cancel_key("wanted")

    def _receive(self, item_id: int, outcome: Outcome[DecodedEvidence]) -> None:
        if item_id != self._wanted:
            return
        self._patience.stop()
        match outcome:
            case Done(value=decoded):
                self.arrived.emit(item_id, decoded)
            case Failed(error=error):
                self.failed.emit(item_id, error)
            case Stopped():
                self.failed.emit(item_id, ForensicError("Reading it was stopped; choose it again to read it."))

    def _on_slow(self) -> None:
        if self._wanted is not None:
            self.slow.emit(self._wanted)
