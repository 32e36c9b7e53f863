"""Verifying originals: every byte hashed again, and the result on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from forensic_gui.domain.case import Altered, CaseItem, ItemQuery
from forensic_gui.domain.errors import Cancelled
from forensic_gui.services.case.record import CaseRecord
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink
from forensic_gui.storage.case import findings, items, vault
from forensic_gui.storage.case.strays import kept_files


def verify_originals(
    record: CaseRecord, item_ids: Sequence[int] | None, *, occasion: str, progress: ProgressSink, cancel: CancelToken
) -> tuple[Altered, ...]:
    """Hash originals anew and compare; one audit event says what came of it, where the case can be changed.

    Raises:
        Cancelled: stopping was asked for; the event says so.
    """
    with record.database.reading() as connection:
        if item_ids is None:
            wanted = tuple(items.fetch(connection, items.find_ids(connection, ItemQuery())).values())
        else:
            wanted = tuple(items.get(connection, item_id) for item_id in item_ids)
    altered: list[Altered] = []
    checked = 0
    try:
        for item in wanted:
            cancel.raise_if_cancelled()
            progress(ProgressEvent(checked, len(wanted), len(altered), item.name, "started"))
            found = _compare(record, item, cancel)
            checked += 1
            if found is None:
                progress(ProgressEvent(checked, len(wanted), len(altered), item.name, "finished"))
                continue
            altered.append(found)
            progress(ProgressEvent(checked, len(wanted), len(altered), item.name, "failed", alteration_sentence(found)))
    except Cancelled:
        _report(record, item_ids, _Result(occasion, checked, len(wanted), tuple(altered), cancelled=True))
        raise
    _report(record, item_ids, _Result(occasion, checked, len(wanted), tuple(altered), cancelled=False))
    return tuple(altered)


def alteration_sentence(altered: Altered) -> str:
    """What became of an original."""
    if not altered.measured:
        return f"The original is missing or cannot be read; it had SHA-256 {altered.expected}."
    return f"The original was altered: SHA-256 {altered.measured} in place of {altered.expected}."


def unknown_files(record: CaseRecord) -> tuple[Path, ...]:
    """Files among originals and maps that belong to no item and no finding, sorted.

    Raises:
        CaseError: a folder cannot be read.
    """
    # Looked at before the tables are: what another process enters meanwhile is then known.
    found = tuple(kept_files(record.folder, unfinished=not record.database.read_only))
    with record.database.reading() as connection:
        originals = items.all_kept_under(connection)
        maps = findings.all_maps(connection)
    known = {record.folder.original(sha256, suffix) for _, sha256, suffix in originals}
    known |= {record.folder.maps(sha256) for sha256 in maps}
    return tuple(sorted(set(found) - known))


def _compare(record: CaseRecord, item: CaseItem, cancel: CancelToken) -> Altered | None:
    with record.database.reading() as connection:
        sha256, suffix = items.kept_under(connection, item.id)
    measured = vault.measured(record.folder.original(sha256, suffix), check=cancel.raise_if_cancelled)
    return None if measured == sha256 else Altered(item.id, item.name, sha256, measured)


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of a verification, as its event says it."""

    occasion: str
    checked: int
    wanted: int
    altered: tuple[Altered, ...]
    cancelled: bool


def _report(record: CaseRecord, item_ids: Sequence[int] | None, result: _Result) -> None:
    if record.database.read_only:
        return
    details = {**asdict(result), "items": None if item_ids is None else list(item_ids)}
    with record.database.changing() as connection:
        subject = record.subject(connection, item_ids or ())
        record.event(connection, "originals verified", subject=subject, details=details)
