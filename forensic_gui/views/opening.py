"""Opening files and folders: looked through on a lane, and handed over in portions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from forensic_gui.services.listing import ListedFile, SkippedFile
from forensic_gui.workers.lane import Done, Failed, Lane, Outcome, Stopped, Work

_PORTION = 500
# The first rows appear at once, the rest often enough to be seen coming.
_PORTION_S = 0.15


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of what was found.

    Attributes:
        files: evidence files.
        skipped: what was named, or met in a folder, but will not be opened.
    """

    files: tuple[Path, ...]
    skipped: tuple[SkippedFile, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A request was looked through.

    Attributes:
        paths: what was asked for.
        count: how many files were found, and how many that were named will not be opened.
    """

    paths: tuple[Path, ...]
    count: int


class Opener(QObject):
    """Looks through what the user names, one request after the other."""

    found = Signal(object)
    """Portion."""
    finished = Signal(object, int)
    """The paths that were asked for, and the count of `Finished`."""
    broke = Signal(object)
    """An exception: a defect."""

    def __init__(
        self,
        lane: Lane,
        find_evidence: Callable[[Iterable[Path]], Iterator[ListedFile | SkippedFile]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._lane = lane
        self._find_evidence = find_evidence
        # A fast disk delivers portions faster than rows can be sorted in: one at a time, and the window in between.
        self._waiting: deque[Portion | Finished] = deque()
        self._pace = QTimer(self)
        self._pace.setInterval(0)
        self._pace.timeout.connect(self._hand_over)

    @property
    def is_looking(self) -> bool:
        """Whether folders are being looked through."""
        return bool(self._waiting) or not self._lane.is_idle

    def open(self, paths: Sequence[Path]) -> None:
        """Look for evidence under `paths`."""
        # The lane's own copy: what the caller does to his list afterwards must not reach it.
        wanted = tuple(paths)

        def job(work: Work) -> int:
            return _look_through(self._find_evidence(wanted), work)

        def receive(outcome: Outcome[int]) -> None:
            match outcome:
                case Done(value=count):
                    self._queue(Finished(wanted, count))
                case Failed(error=error):
                    self.broke.emit(error)
                case Stopped():
                    self._queue(Finished(wanted, 0))

        self._lane.submit(job, receive=receive, on_step=self._queue)

    def close(self) -> None:
        """Hand over nothing more."""
        self._pace.stop()
        self._waiting.clear()

    def _queue(self, news: Portion | Finished) -> None:
        self._waiting.append(news)
        self._pace.start()

    def _hand_over(self) -> None:
        news = self._waiting.popleft()
        if not self._waiting:
            self._pace.stop()
        match news:
            case Portion():
                self.found.emit(news)
            case Finished(paths=paths, count=count):
                self.finished.emit(paths, count)


def _look_through(entries: Iterator[ListedFile | SkippedFile], work: Work) -> int:
    """Runs on the lane's thread; reports `Portion`s and returns the count of `Finished`."""
    files: list[Path] = []
    skipped: list[SkippedFile] = []
    count = 0
    last = time.monotonic()
    for entry in entries:
        work.cancel.raise_if_cancelled()
        if isinstance(entry, ListedFile):
            # Absolute, so that a path given twice is one item; not resolved, for links are not followed.
            files.append(entry.path.absolute())
        else:
            skipped.append(entry)
        # A remark about something met in a folder is nothing that was found there.
        count += isinstance(entry, ListedFile) or entry.explicit
        if len(files) + len(skipped) >= _PORTION or time.monotonic() - last > _PORTION_S:
            work.report(Portion(tuple(files), tuple(skipped)))
            files, skipped = [], []
            last = time.monotonic()
    if files or skipped:
        work.report(Portion(tuple(files), tuple(skipped)))
    return count
