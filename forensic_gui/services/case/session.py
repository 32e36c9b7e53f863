"""One open case: what window and command line do with it. Every call may touch the disk: none is for a GUI thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from forensic_gui import __version__
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
from forensic_gui.domain.errors import CaseDamaged, RequestError
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.finding import Finding
from forensic_gui.domain.summary import SummaryRow, rows_of
from forensic_gui.services.case.adding import AddReport, add_evidence
from forensic_gui.services.case.annotating import Annotator
from forensic_gui.services.case.author import system_account
from forensic_gui.services.case.observing import record_decoded, record_unreadable, store_finding
from forensic_gui.services.case.record import CaseRecord, now
from forensic_gui.services.case.reports import CaseReports
from forensic_gui.services.case.standing import CaseStanding, read_standing
from forensic_gui.services.case.verifying import unknown_files, verify_originals
from forensic_gui.services.progress import CancelToken, ProgressSink, ignore_progress
from forensic_gui.storage.case import activity, editlog, findings, items, trail
from forensic_gui.storage.case.opening import OpenCase, create_case, open_case
from forensic_gui.storage.case.placing import GROUP_SET, TAGS_CHANGED
from forensic_gui.storage.case.shelf import Shelf
from forensic_gui.storage.case.vouching import VOUCHING, first_unvouched

Maps = Mapping[str, NDArray[np.float32]]
"""A localization's maps by name ("heatmap", "gate_map", "memory_response"): float32 (h, w) in [0, 1], own grids."""


class CaseSession:
    """An open case. Safe to call from several threads; calls wait for each other.

    Whatever changes something raises `CaseReadOnly` where `info.read_only` says why, and leaves an audit event. A call
    that has returned is on the disk.
    """

    def __init__(self, case: OpenCase, *, author: str) -> None:
        """Take over an open case; `create` and `open` are how to come by one."""
        self._case = case
        self._record = CaseRecord(case.folder, case.database, author)
        self._annotator = Annotator(self._record)
        self._reports = CaseReports(self._record)
        self._shelf = Shelf(watched=not case.database.read_only)
        self._closed = False

    @classmethod
    def create(cls, folder: Path, *, author: str) -> CaseSession:
        """Make a new case in a folder `Name.case` that does not exist yet (the suffix is added where it is missing).

        Raises:
            CaseError: there is something at this place.
            OutputError: the folder cannot be made.
        """
        case = create_case(folder, author=author, account=system_account(), time=now(), tool_version=__version__)
        return cls(case, author=author)

    @classmethod
    def open(cls, folder: Path, *, author: str, read_only: bool = False) -> CaseSession:
        """Open a case; one that another process has open is opened for reading only, and says so in its info.

        Raises:
            CaseNotFound: there is no case.
            CaseTooNew: made by a newer version.
            CaseDamaged: its database or its audit trail is not whole; nothing is written.
        """
        case = open_case(folder, read_only=read_only)
        session = cls(case, author=author)
        if not case.database.read_only:
            account = system_account()
            details = {"tool_version": __version__, "account": account, "migrated_to": list(case.migrated)}
            try:
                session.note("case opened", details=details)
            except BaseException:
                case.close()
                raise
        return session

    def close(self) -> None:
        """Let go of the case. Idempotent; does not verify (`verify` does)."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self._case.database.read_only:
                self.note("case closed")
        finally:
            self._case.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """The case's folder."""
        return self._case.folder.path

    @property
    def author(self) -> str:
        """In whose name changes are recorded."""
        return self._record.author

    @property
    def info(self) -> CaseInfo:
        """The case as a whole, as it is now."""
        with self._case.database.reading() as connection:
            case_id, created, created_by, tool_version = connection.execute(
                "SELECT id, created, created_by, tool_version FROM about"
            ).fetchone()
            return CaseInfo(
                id=case_id,
                name=self._case.folder.name,
                created=created,
                created_by=created_by,
                tool_version=tool_version,
                items=items.count(connection),
                read_only=self._case.database.read_only,
            )

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
        return add_evidence(self._record, paths, group=group, progress=progress, cancel=cancel or CancelToken())

    def items(self, query: ItemQuery | None = None) -> tuple[CaseItem, ...]:
        """Items that match, in the order asked for; None: all, in the order of adding."""
        with self._case.database.reading() as connection:
            return self._shelf.find(connection, query or ItemQuery())

    def item(self, item_id: int) -> CaseItem:
        """One item.

        Raises:
            CaseError: there is none of this id.
        """
        with self._case.database.reading() as connection:
            return items.get(connection, item_id)

    def original(self, item_id: int) -> Path:
        """Where the vault keeps the item's bytes, read-only; its suffix is that of the item's name."""
        with self._case.database.reading() as connection:
            sha256, suffix = items.kept_under(connection, item_id)
        return self._case.folder.original(sha256, suffix)

    def originals(self) -> dict[int, Path]:
        """Where the vault keeps the bytes of every item, by its id."""
        with self._case.database.reading() as connection:
            kept = items.all_kept_under(connection)
        return {item_id: self._case.folder.original(sha256, suffix) for item_id, sha256, suffix in kept}

    def confirm(self, item_id: int, sha256: str) -> None:
        """Compare the hash of bytes that were read just now from the vault with that of the item.

        Raises:
            EvidenceAltered: they differ; an audit event says so.
        """
        self._record.require_unaltered(item_id, sha256, occasion="analysis")

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
        return verify_originals(
            self._record, item_ids, occasion=occasion, progress=progress, cancel=cancel or CancelToken()
        )

    def unknown_files(self) -> tuple[Path, ...]:
        """Files among originals and maps that the case does not know, and cannot vouch for.

        Raises:
            CaseError: a folder cannot be read.
        """
        return unknown_files(self._record)

    def note_decoded(self, item_id: int, facts: DecodeFacts) -> None:
        """Record how the item's pixels were made, its size among it; again only where something differs."""
        record_decoded(self._record, item_id, facts)

    def note_unreadable(self, item_id: int, reason: str) -> None:
        """Record that the item cannot be decoded, and why, a sentence."""
        record_unreadable(self._record, item_id, reason)

    def set_group(self, item_ids: Sequence[int], group: str) -> None:
        """Put items into a group; "" takes them out."""
        with self._case.database.changing() as connection:
            items.require(connection, item_ids)
            changed = items.set_group(connection, item_ids, group)
            if changed:
                subject = self._record.subject(connection, changed)
                self._record.event(connection, GROUP_SET, subject=subject, details={"items": changed, "group": group})

    def tag(self, item_ids: Sequence[int], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Add and remove tags."""
        if not all(each.strip() for each in (*add, *remove)):
            raise RequestError("A tag has at least one letter.")
        with self._case.database.changing() as connection:
            items.require(connection, item_ids)
            changed = items.change_tags(connection, item_ids, add=add, remove=remove)
            if changed:
                details = {"items": changed, "added": list(add), "removed": list(remove)}
                subject = self._record.subject(connection, changed)
                self._record.event(connection, TAGS_CHANGED, subject=subject, details=details)

    def groups(self) -> tuple[str, ...]:
        """Groups in use, in alphabetical order."""
        with self._case.database.reading() as connection:
            return items.groups(connection)

    def tags(self) -> tuple[str, ...]:
        """Tags in use, in alphabetical order."""
        with self._case.database.reading() as connection:
            return items.tags(connection)

    def put_finding(self, item_id: int, finding: Finding, maps: Maps) -> StoredFinding:
        """Keep a localizer's result, its maps losslessly on their own grids.

        Raises:
            EvidenceAltered: the finding is of other bytes than the item's.
        """
        return store_finding(self._record, item_id, finding, maps)

    def findings(self, item_id: int) -> tuple[StoredFinding, ...]:
        """An item's results, the newest last."""
        with self._case.database.reading() as connection:
            items.require(connection, [item_id])
            return findings.of_item(connection, item_id)

    def maps(self, finding: StoredFinding) -> dict[str, NDArray[np.float32]]:
        """The maps of a finding, hash checked.

        Raises:
            CaseDamaged: they are missing or altered.
        """
        return findings.read_maps(self._case.folder, finding.maps_sha256)

    def annotation(self, item_id: int) -> AnnotationState:
        """What the analyst says of an item, as it stands.

        Raises:
            CaseError: the item was not decoded yet, so that its size is not known.
        """
        return self._annotator.state(item_id)

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
        return self._annotator.commit(item_id, edit, label=label, revision=revision)

    def undo(self, item_id: int) -> AnnotationState:
        """Append the inverse of the last edit that stands; nothing happens where there is none."""
        return self._annotator.undo(item_id)

    def redo(self, item_id: int) -> AnnotationState:
        """Append again the edit that was taken back last; nothing happens where there is none."""
        return self._annotator.redo(item_id)

    def log(self, item_id: int) -> tuple[EditEntry, ...]:
        """Every entry of an item's edit log, the oldest first."""
        with self._case.database.reading() as connection:
            items.require(connection, [item_id])
            return editlog.entries(connection, item_id)

    def standing(self, item_ids: Sequence[int]) -> CaseStanding:
        """What the case says of items, all of one moment.

        Raises:
            CaseError: one of them does not exist.
        """
        with self._case.database.reading() as connection:
            return read_standing(connection, item_ids)

    def summarized(self) -> tuple[SummaryRow, ...]:
        """All items in the order of adding, and what was done with them, all of one moment."""
        with self._case.database.reading() as connection:
            return rows_of(self._shelf.find(connection, ItemQuery()), activity.of_all(connection))

    @property
    def reports(self) -> CaseReports:
        """The report: its draft, its issued revisions, and their reviews."""
        return self._reports

    def copy_database(self, path: Path) -> None:
        """Write the case's tables, as they are now, into a new file.

        Raises:
            OutputError: the file cannot be written.
        """
        self._case.database.copy_to(path)

    def note(self, action: str, *, subject: str = "", details: Mapping[str, Any] | None = None) -> AuditEvent:
        """Append an audit event of something done with the case from outside, as an export.

        Raises:
            ValueError: the action is one that only the case itself records.
        """
        if action in VOUCHING:
            raise ValueError(f"{action!r} is what the case itself records")
        with self._case.database.changing() as connection:
            return self._record.event(connection, action, subject=subject, details=details)

    def audit(self) -> tuple[AuditEvent, ...]:
        """The audit trail, the oldest first, its chain checked, and everything that it vouches for.

        Raises:
            CaseDamaged: an event was altered, removed or moved, or an item, its group or tags, a finding, an entry of
                the edit log, an annotation or a report is not what its event says; the first one that does not fit is
                named.
        """
        with self._case.database.reading() as connection:
            if wrong := trail.first_misfit(connection):
                raise CaseDamaged(f"The audit trail of {self.folder} is damaged: {wrong}.")
            if wrong := first_unvouched(connection):
                raise CaseDamaged(f"{self.folder} was changed behind its audit trail: {wrong}.")
            return tuple(trail.events(connection))
