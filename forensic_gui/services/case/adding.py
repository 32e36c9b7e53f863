"""Adding evidence: found, copied into the vault, entered, each file in a transaction of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from forensic_gui.domain.errors import CaseReadOnly, EvidenceAltered, EvidenceError
from forensic_gui.domain.finding import Failure
from forensic_gui.services.case.record import ALTERED, CaseRecord, now
from forensic_gui.services.listing import SkippedFile, count_evidence, find_evidence
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink
from forensic_gui.storage.case import items, vault
from forensic_gui.storage.case.items import NewItem
from forensic_gui.storage.case.vault import Kept
from forensic_gui.storage.case.vouching import EVIDENCE_ADDED


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of files that were to be added.

    Attributes:
        added: ids of new items, in order.
        known: ids of items whose bytes were in the case already.
        failures: files that could not be read.
        other: files and hidden folders in folders that were passed over for their name.
    """

    added: tuple[int, ...]
    known: tuple[int, ...]
    failures: tuple[Failure, ...]
    other: int = 0


def add_evidence(
    record: CaseRecord, paths: Iterable[Path], *, group: str, progress: ProgressSink, cancel: CancelToken
) -> AddReport:
    """Copy files, and the files in folders, into the vault of a case; the case's own folder is passed over.

    Raises:
        CaseReadOnly: the case can only be looked at.
        OutputError: the vault takes nothing more.
        Cancelled: stopping was asked for; what was added stays.
    """
    if record.database.read_only:
        raise CaseReadOnly(record.database.read_only)
    given = tuple(paths)
    own = record.folder.path.resolve()
    counted = count_evidence(given)
    total, other = counted.files, counted.other
    if any(own.is_relative_to(_really(folder)) for folder in given):
        inside = count_evidence([record.folder.path])
        total, other = total - inside.files, other - inside.other
    added: list[int] = []
    known: list[int] = []
    failures: list[Failure] = []
    done = 0

    def tell(kind: Literal["started", "finished", "failed"], path: Path, message: str = "") -> None:
        progress(ProgressEvent(done, total, len(failures), str(path), kind, message))

    for found in find_evidence(given):
        cancel.raise_if_cancelled()
        if _really(found.path).is_relative_to(own):
            continue
        if isinstance(found, SkippedFile):
            failures.append(_failure(found.path, found.error))
            tell("failed", found.path, str(found.error))
            continue
        tell("started", found.path)
        done += 1
        try:
            item_id, is_new = _add_one(record, found.path, group=group, cancel=cancel)
        except EvidenceError as error:
            failures.append(_failure(found.path, error))
            tell("failed", found.path, str(error))
            continue
        (added if is_new else known).append(item_id)
        tell("finished", found.path)
    return AddReport(tuple(added), tuple(known), tuple(failures), other)


def _add_one(record: CaseRecord, path: Path, *, group: str, cancel: CancelToken) -> tuple[int, bool]:
    """(id, whether it is new) of the item with the bytes of a file."""
    database = record.database

    def known_suffix(sha256: str) -> str | None:
        with database.reading() as connection:
            found = items.by_hash(connection, sha256)
        return None if found is None else found[1]

    try:
        kept = vault.keep(record.folder, path, check=cancel.raise_if_cancelled, known_suffix=known_suffix)
    except EvidenceAltered as error:
        with database.changing() as connection:
            details = {"occasion": "adding", "name": path.name, "source": os.path.abspath(path)}  # noqa: PTH100 - see below
            record.event(connection, ALTERED, subject=error.sha256 or "", details=details)
        raise
    return _enter(record, path, kept, group)


def _enter(record: CaseRecord, path: Path, kept: Kept, group: str) -> tuple[int, bool]:
    source = os.path.abspath(path)  # noqa: PTH100 - Path.absolute keeps «..», Path.resolve follows links
    time = now()
    details = {"name": path.name, "source": source, "size_bytes": kept.size_bytes, "modified_utc": kept.modified_utc}
    with record.database.changing() as connection:
        known = items.by_hash(connection, kept.sha256)
        if known is not None:
            action = "original restored" if kept.is_restored else "evidence added again"
            record.event(connection, action, subject=kept.sha256, details={"item": known[0], **details})
            return known[0], False
        new = NewItem(
            sha256=kept.sha256,
            suffix=kept.suffix,
            name=path.name,
            source=source,
            size_bytes=kept.size_bytes,
            modified_utc=kept.modified_utc,
            added=time,
            added_by=record.author,
            group=group,
        )
        item_id = items.insert(connection, new)
        details |= {"item": item_id, "group": group}
        record.event(connection, EVIDENCE_ADDED, subject=kept.sha256, details=details, time=time)
        return item_id, True


def _really(path: Path) -> Path:
    """Where a path lies, whatever links lead there; a link that it names itself is not followed."""
    if path.name == "..":
        return path.resolve()
    return Path(os.path.realpath(path.parent), path.name)


def _failure(path: Path, error: EvidenceError) -> Failure:
    return Failure(path=path, kind=type(error).__name__, message=str(error), sha256=error.sha256)
