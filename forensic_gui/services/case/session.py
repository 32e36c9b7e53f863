"""One open case: what window and command line do with it. Every call may touch the disk: none is for a GUI thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.case import (
    Altered,
    AnnotationState,
    AuditEvent,
    CaseInfo,
    CaseItem,
    EditEntry,
    ItemQuery,
    StoredFinding,
)
from forensic_gui.domain.edits import Edit
from forensic_gui.domain.errors import CaseError
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.finding import Failure, Finding
from forensic_gui.services.progress import CancelToken, ProgressSink, ignore_progress

Maps = Mapping[str, NDArray[np.float32]]
"""A localization's maps by name ("heatmap", "gate_map", "memory_response"): float32 (h, w) in [0, 1], own grids."""


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of files that were to be added.

    Attributes:
        added: ids of new items, in order.
        known: ids of items whose bytes were in the case already.
        failures: files that could not be read.
    """

    added: tuple[int, ...]
    known: tuple[int, ...]
    failures: tuple[Failure, ...]


class CaseSession:
    """An open case. Safe to call from several threads; calls wait for each other.

    Whatever changes something raises `CaseReadOnly` where `info.read_only` says why, and leaves an audit event. A call
    that has returned is on the disk.
    """

    @classmethod
    def create(cls, folder: Path, *, author: str) -> CaseSession:
        """Make a new case in a folder `Name.case` that does not exist yet (the suffix is added where it is missing).

        Raises:
            CaseError: there is something at this place.
            OutputError: the folder cannot be made.
        """
        raise NotImplementedError

    @classmethod
    def open(cls, folder: Path, *, author: str, read_only: bool = False) -> CaseSession:
        """Open a case; one that another process has open is opened for reading only, and says so in its info.

        Raises:
            CaseNotFound: there is no case.
            CaseTooNew: made by a newer version.
            CaseDamaged: its database or its audit trail is not whole; nothing is written.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the case. Idempotent; does not verify (`verify` does)."""
        raise NotImplementedError

    @property
    def folder(self) -> Path:
        """The case's folder."""
        raise NotImplementedError

    @property
    def author(self) -> str:
        """In whose name changes are recorded."""
        raise NotImplementedError

    @property
    def info(self) -> CaseInfo:
        """The case as a whole, as it is now."""
        raise NotImplementedError

    def add(
        self,
        paths: Iterable[Path],
        *,
        group: str = "",
        progress: ProgressSink = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> AddReport:
        """Copy files, and the files in folders, into the vault; the same bytes are never kept twice.

        Sources are opened read-only, never through links; hashed while they are copied, before any parser sees them.

        Raises:
            CaseReadOnly: the case can only be looked at.
            OutputError: the vault takes nothing more.
            Cancelled: stopping was asked for; what was added stays.
        """
        raise NotImplementedError

    def items(self, query: ItemQuery | None = None) -> tuple[CaseItem, ...]:
        """Items that match, in the order asked for; None: all, in the order of adding."""
        raise NotImplementedError

    def item(self, item_id: int) -> CaseItem:
        """One item.

        Raises:
            CaseError: there is none of this id.
        """
        raise NotImplementedError

    def original(self, item_id: int) -> Path:
        """Where the vault keeps the item's bytes, read-only; its suffix is that of the item's name."""
        raise NotImplementedError

    def confirm(self, item_id: int, sha256: str) -> None:
        """Compare the hash of bytes that were read just now from the vault with that of the item.

        Raises:
            EvidenceAltered: they differ; an audit event says so.
        """
        raise NotImplementedError

    def verify(
        self,
        item_ids: Sequence[int] | None = None,
        *,
        occasion: str,
        progress: ProgressSink = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> tuple[Altered, ...]:
        """Hash originals anew; None: all. One audit event says on what occasion, how many, and what was altered.

        A case that is open for reading only is verified as well, without the event. A verification that is cancelled
        is recorded as cancelled.

        Raises:
            Cancelled: stopping was asked for.
        """
        raise NotImplementedError

    def note_decoded(self, item_id: int, facts: DecodeFacts) -> None:
        """Record how the item's pixels were made, its size among it; again only where something differs."""
        raise NotImplementedError

    def note_unreadable(self, item_id: int, reason: str) -> None:
        """Record that the item cannot be decoded, and why, a sentence."""
        raise NotImplementedError

    def set_group(self, item_ids: Sequence[int], group: str) -> None:
        """Put items into a group; "" takes them out."""
        raise NotImplementedError

    def tag(self, item_ids: Sequence[int], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Add and remove tags."""
        raise NotImplementedError

    def groups(self) -> tuple[str, ...]:
        """Groups in use, in alphabetical order."""
        raise NotImplementedError

    def tags(self) -> tuple[str, ...]:
        """Tags in use, in alphabetical order."""
        raise NotImplementedError

    def put_finding(self, item_id: int, finding: Finding, maps: Maps) -> StoredFinding:
        """Keep a localizer's result, its maps losslessly on their own grids.

        Raises:
            EvidenceAltered: the finding is of other bytes than the item's.
        """
        raise NotImplementedError

    def findings(self, item_id: int) -> tuple[StoredFinding, ...]:
        """An item's results, the newest last."""
        raise NotImplementedError

    def maps(self, finding: StoredFinding) -> dict[str, NDArray[np.float32]]:
        """The maps of a finding, hash checked.

        Raises:
            CaseDamaged: they are missing or altered.
        """
        raise NotImplementedError

    def annotation(self, item_id: int) -> AnnotationState:
        """What the analyst says of an item, as it stands.

        Raises:
            CaseError: the item was not decoded yet, so that its size is not known.
        """
        raise NotImplementedError

    def commit(self, item_id: int, edit: Edit, *, label: str, revision: int | None = None) -> AnnotationState:
        """Apply an edit and append it to the log, in one transaction; what had been taken back cannot be redone then.

        Args:
            item_id: whose annotation.
            edit: what changes.
            label: what was done, in words for people, as "Brush".
            revision: the state the edit was made on; None takes the newest.

        Raises:
            EditRefused: the edit does not fit the newest state; nothing was changed.
        """
        raise NotImplementedError

    def undo(self, item_id: int) -> AnnotationState:
        """Append the inverse of the last edit that stands; nothing happens where there is none."""
        raise NotImplementedError

    def redo(self, item_id: int) -> AnnotationState:
        """Append again the edit that was taken back last; nothing happens where there is none."""
        raise NotImplementedError

    def log(self, item_id: int) -> tuple[EditEntry, ...]:
        """Every entry of an item's edit log, the oldest first."""
        raise NotImplementedError

    def note(self, action: str, *, subject: str = "", details: Mapping[str, Any] | None = None) -> AuditEvent:
        """Append an audit event of something done with the case from outside, as an export."""
        raise NotImplementedError

    def audit(self) -> tuple[AuditEvent, ...]:
        """The audit trail, the oldest first, its chain checked.

        Raises:
            CaseDamaged: an event was altered, removed or moved; the first one that does not fit is named.
        """
        raise NotImplementedError


def require_item_size(item: CaseItem) -> None:
    """Raise `CaseError` where an item's size is not known yet."""
    if item.size is None:
        raise CaseError(f"{item.name} was not read yet, so nothing can be drawn on it; show or analyze it first.")
