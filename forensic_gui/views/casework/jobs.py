"""What is done with a case beside the window's thread. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.case import Altered, CaseInfo, CaseItem, ItemQuery
from forensic_gui.services.case import AddReport, CaseSession
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.views.casework.entries import rows_of
from forensic_gui.views.casework.vault import Index
from forensic_gui.views.core.arranging import Plan, Prepared, Rows
from forensic_gui.views.core.eta import BatchProgress, seconds_left
from forensic_gui.views.core.items import Order
from forensic_gui.workers.gentle import collector_paused

_TELL_EVERY_S = 0.1
_REST_EVERY_S, _REST_S = 0.005, 0.001
# New rows are looked up no more often than this, and no oftener than costs a tenth of the time.
_SHOW_EVERY_S = 0.5
_SHOW_SHARE = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that is open, with everything the window shows of it at first.

    Attributes:
        session: the case.
        info: the case as a whole.
        index: its items.
        prepared: the list.
        first_id: what is added to an item's number within the case to make its id in the list.
        groups: groups in use.
        tags: tags in use.
    """

    session: CaseSession
    info: CaseInfo
    index: Index
    prepared: Prepared
    first_id: int
    groups: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewRows:
    """Items that were added.

    Attributes:
        index: of them.
        rows: of the list.
    """

    index: Index
    rows: Rows


@dataclass(frozen=True, slots=True)
class Changed:
    """What the case says of items now, and which groups and tags are in use."""

    items: tuple[CaseItem, ...]
    groups: tuple[str, ...]
    tags: tuple[str, ...]


def opened(session: CaseSession, *, first_id: int, order: Order) -> Opened:
    """Read what the window shows of a case at first."""
    # A collection over what is made here, in the middle of it, would hold the window up for nothing.
    with collector_paused():
        items, paths = session.items(), session.originals()
        return Opened(
            session,
            session.info,
            Index.of(items, paths),
            Prepared.of(Plan(rows_of(items, paths, first_id=first_id), order)),
            first_id,
            session.groups(),
            session.tags(),
        )


def found(session: CaseSession, text: str) -> list[int]:
    """Numbers of the items that the case finds a text in, its notes among what it looks through."""
    return [item.id for item in session.items(ItemQuery(text=text))]


def change(session: CaseSession, item_ids: Sequence[int], do: Callable[[], None]) -> Changed:
    """Change something about items, and read what the case says of them then."""
    do()
    return Changed(tuple(map(session.item, item_ids)), session.groups(), session.tags())


def add(
    session: CaseSession,
    paths: Sequence[Path],
    *,
    first_id: int,
    report: Callable[[NewRows | BatchProgress], None],
    cancel: CancelToken,
) -> AddReport:
    """Add files, telling of progress and of new items as they come.

    Raises:
        CaseReadOnly: the case can only be looked at.
        OutputError: the vault takes nothing more.
        Cancelled: stopping was asked for; what was added stays, and was told.
    """
    newcomers = _Newcomers(session, first_id=first_id, report=report)
    paced = Paced(report)

    def progress(event: ProgressEvent) -> None:
        paced(event)
        newcomers.look_if_due()

    try:
        return session.add(paths, progress=progress, cancel=cancel)
    finally:
        newcomers.look()


def verify(
    session: CaseSession, *, occasion: str, report: Callable[[BatchProgress], None], cancel: CancelToken
) -> tuple[Altered, ...]:
    """Hash all originals anew.

    Raises:
        Cancelled: stopping was asked for; the case's record says so.
    """
    return session.verify(occasion=occasion, progress=Paced(report), cancel=cancel)


class Paced:
    """Makes of a service's steps what a status bar can follow, and lets the window's thread in between."""

    def __init__(self, report: Callable[[BatchProgress], None]) -> None:
        self._report = report
        self._started_at = time.monotonic()
        self._finished_at: list[float] = []
        self._told_at = 0.0
        self._rested_at = self._started_at

    def __call__(self, event: ProgressEvent) -> None:
        """Take a step."""
        self._rest()
        if event.kind not in ("finished", "failed"):
            return
        now = time.monotonic()
        self._finished_at.append(now)
        total = max(event.total or 0, event.done)
        if now - self._told_at >= _TELL_EVERY_S or event.done == total:
            self._told_at = now
            left = seconds_left(self._finished_at, started_at=self._started_at, total=total)
            self._report(BatchProgress(event.done, total, event.failed, left))

    def _rest(self) -> None:
        """Hashing many small files is mostly Python, and who holds the interpreter holds the window up."""
        if time.monotonic() - self._rested_at >= _REST_EVERY_S:
            time.sleep(_REST_S)
            self._rested_at = time.monotonic()


class _Newcomers:
    """Looks from time to time which items are new."""

    def __init__(self, session: CaseSession, *, first_id: int, report: Callable[[NewRows], None]) -> None:
        self._session = session
        self._first_id = first_id
        self._report = report
        self._last = max((item.id for item in session.items()), default=0)
        self._due_at = 0.0

    def look_if_due(self) -> None:
        """Look, if that was not done a moment ago."""
        if time.monotonic() >= self._due_at:
            self.look()

    def look(self) -> None:
        """Tell of the items that came since the last time."""
        started = time.monotonic()
        items = [item for item in self._session.items() if item.id > self._last]
        if items:
            self._last = max(item.id for item in items)
            paths = {item.id: self._session.original(item.id) for item in items}
            rows = rows_of(items, paths, first_id=self._first_id)
            self._report(NewRows(Index.of(items, paths), rows))
        now = time.monotonic()
        self._due_at = now + max(_SHOW_EVERY_S, _SHOW_SHARE * (now - started))
