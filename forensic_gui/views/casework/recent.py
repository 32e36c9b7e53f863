"""Cases that were open lately."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from forensic_gui.workers.lane import Done, Failed, Lane, Outcome

MOST = 10


@dataclass(frozen=True, slots=True)
class RecentCase:
    """A case that was open.

    Attributes:
        folder: where it was.
        reason: why it cannot be opened, a few words; "" where it can.
    """

    folder: Path
    reason: str = ""


def with_latest(recent: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    """The list after a case was opened: the latest one first, each one once."""
    return (folder, *(each for each in recent if each != folder))[:MOST]


def looked_up(recent: Iterable[Path]) -> tuple[RecentCase, ...]:
    """Which of them are still there. Touches disks, which may be far away."""
    return tuple(RecentCase(folder, "" if _is_there(folder) else "not there") for folder in recent)


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False


class RecentCases(QObject):
    """Which cases were open lately, and which of them are still there."""

    changed = Signal()
    broke = Signal(object)
    """An exception that is no `ForensicError`: a defect."""

    def __init__(self, lane: Lane, folders: Iterable[Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = lane
        self._cases = tuple(map(RecentCase, folders))

    @property
    def cases(self) -> tuple[RecentCase, ...]:
        """The cases, the last one first."""
        return self._cases

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where they were."""
        return tuple(each.folder for each in self._cases)

    def note(self, folder: Path) -> None:
        """A case was opened."""
        self._set(tuple(map(RecentCase, with_latest(self.folders, folder))))

    def clear(self) -> None:
        """Forget all of them."""
        self._set(())

    def look_up(self) -> None:
        """See which of them are still there; `changed` tells."""
        folders = self.folders

        def receive(outcome: Outcome[tuple[RecentCase, ...]]) -> None:
            match outcome:
                case Done(value=found) if folders == self.folders:
                    self._set(found)
                case Failed(error=error):
                    self.broke.emit(error)

        self._lane.submit(lambda _: looked_up(folders), receive=receive, key="recent")

    def _set(self, cases: tuple[RecentCase, ...]) -> None:
        if cases != self._cases:
            self._cases = cases
            self.changed.emit()
