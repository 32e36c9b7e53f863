"""Pictures of a report made ahead, in the order of the document, a few items at a time."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.reports.record import ItemFacts, ReportRecord
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.reporting.contract import ReportPorts
from forensic_gui.services.reporting.drawing import Studio, kinds_of, pictures_of
from forensic_gui.services.reporting.seen import SeenItems

WORKERS = 2
AHEAD = 8
"""Items whose pictures are made before they are asked for."""
# A pinned view needs all the pixels of its image.
PINNED_AHEAD = 1
_POLL_S = 0.05

Made = dict[PictureRef, Picture | None]


class CasePictures:
    """Pictures of the items of one record; see the port `domain.reports.pictures.Pictures`.

    To be asked by one thread at a time. As a context manager: leaving it stops what is under way.
    """

    def __init__(
        self,
        record: ReportRecord,
        *,
        case: CaseSession,
        ports: ReportPorts,
        altered: Collection[int] = (),
        seen: SeenItems | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Prepare; nothing is made yet.

        Args:
            record: whose pictures.
            case: that it is of.
            ports: what is needed of the world.
            altered: ids of items whose originals are known not to be what was added; nothing is drawn of them.
            seen: what was read for the record; None for nothing, and all is read again.
            cancel: of who asks; looked at while a picture is waited for.
        """
        self._asked_to_stop = cancel or CancelToken()
        self._stop = CancelToken()
        self._troubles: dict[tuple[int, str], None] = {}
        self._turn = threading.Lock()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="report-pictures")
        self._studio = Studio(case, ports.decoder, ports.metadata, self._stop, self._note, seen)
        lost = frozenset(altered)
        known = [replace(item, is_unaltered=item.is_unaltered and item.id not in lost) for item in record.items]
        items = {item.id: item for item in known}
        whole = [_Task(item, tuple(PictureRef(item.id, kind) for kind in kinds_of(item))) for item in known]
        pinned = [
            _Task(items[view.item_id], (PictureRef(view.item_id, view.picture, view.box),))
            for view in record.plan.pinned
            if view.item_id in items
        ]
        self._rows = (_Row(whole, AHEAD), _Row(pinned, PINNED_AHEAD))

    def get(self, ref: PictureRef) -> Picture | None:
        """The picture; None where there is none to show.

        Raises:
            Cancelled: stopping was asked for.
        """
        for row in self._rows:
            if ref in row.where:
                return self._made(row, row.where[ref])[ref]
        return None

    @property
    def troubles(self) -> tuple[tuple[int, str], ...]:
        """(item's id, sentence) of what could not be shown so far, each once, by item."""
        with self._turn:
            return tuple(sorted(self._troubles))

    def close(self) -> None:
        """Stop what is under way. Idempotent."""
        self._stop.cancel()
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _made(self, row: _Row, index: int) -> Made:
        """Pictures of a task; those of the next ones are begun, those before it are let go of."""
        for number in [number for number in row.futures if not index <= number <= index + row.ahead]:
            row.futures.pop(number).cancel()
        for number in range(index, min(index + row.ahead + 1, len(row.tasks))):
            if number not in row.futures:
                task = row.tasks[number]
                row.futures[number] = self._pool.submit(pictures_of, task.item, task.refs, self._studio)
        future = row.futures[index]
        while True:
            self._asked_to_stop.raise_if_cancelled()
            try:
                return future.result(timeout=_POLL_S)
            except NotYet:
                if future.done():  # what was made, or raised, since
                    return future.result()

    def _note(self, item_id: int, sentence: str) -> None:
        with self._turn:
            self._troubles[(item_id, sentence)] = None


@dataclass(frozen=True, slots=True)
class _Task:
    """Pictures that are made together, because they are of the same pixels."""

    item: ItemFacts
    refs: tuple[PictureRef, ...]


@dataclass(slots=True)
class _Row:
    """Tasks in the order in which they are asked for, and what is under way of them."""

    tasks: Sequence[_Task]
    ahead: int
    where: dict[PictureRef, int] = field(init=False)
    futures: dict[int, Future[Made]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.where = {ref: number for number, task in enumerate(self.tasks) for ref in task.refs}
