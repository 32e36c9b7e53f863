"""A case as one file: to be handed on, kept, and opened elsewhere as it was."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from forensic_gui import __version__
from forensic_gui.domain.case import CASE_SUFFIX, Altered, CaseInfo
from forensic_gui.domain.errors import ArchiveRefused, CaseDamaged, CaseError, EvidenceAltered, OutputError
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.outputs import require_outside_cases
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.storage.archive import Manifest, Member, OnBytes, pack, read_manifest, unpack
from forensic_gui.storage.atomic import output_error, sync_names
from forensic_gui.storage.case.folder import CaseFolder

ARCHIVE_SUFFIX = ".zip"
KIND = "forensic-gui case"
_PARTS = CaseFolder(Path())
_DATABASE, _ORIGINALS, _DERIVED = _PARTS.database.name, _PARTS.originals.name, _PARTS.derived.name
_KEPT = re.compile(rf"{re.escape(_DATABASE)}|(?:{_ORIGINALS}|{_DERIVED})/[0-9a-f]{{2}}/[0-9a-f]{{64}}(?:\.[a-z0-9]+)?")
_READ_ONLY = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True)
class ExportedCase:
    """An archive that was written.

    Attributes:
        archive: where it lies.
        files: number of files in it, beside its manifest.
        size_bytes: bytes of these files.
        items: number of the case's items.
    """

    archive: Path
    files: int
    size_bytes: int
    items: int


def export_case(
    case: CaseSession,
    archive: Path,
    *,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportedCase:
    """Write a case into one archive, its originals verified first; an audit event of the case records it.

    Args:
        case: open for writing or for reading only; of the latter no event is recorded.
        archive: where to; what is there is replaced, once the new archive is whole.
        progress: told of stages, in bytes.
        cancel: looked at all along; nothing is left of an archive that was stopped.

    Raises:
        EvidenceAltered: an original is not what was put into the vault; nothing is written.
        CaseDamaged: maps of a finding are not what was kept; nothing is written.
        OutputError: the archive cannot be written.
        RequestError: its place lies in a case.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    require_outside_cases(archive)
    require_unaltered(case.verify(occasion="case export", progress=progress, cancel=token))
    info = case.info
    with tempfile.TemporaryDirectory(prefix=".case-export-", dir=_folder_of(archive)) as staging:
        snapshot = Path(staging) / _DATABASE
        case.copy_database(snapshot)
        manifest = pack(
            archive,
            {_DATABASE: snapshot, **dict(_kept_files(case.folder))},
            about={
                "kind": KIND,
                "case_id": info.id,
                "name": info.name,
                "items": info.items,
                "tool_version": __version__,
                "written": datetime.now(UTC).isoformat(timespec="seconds"),
            },
            check=lambda member: _require_unchanged(case, member, token),
            on_bytes=_report(progress, token, str(archive), "Writing the archive"),
        )
    exported = ExportedCase(archive, len(manifest.members), manifest.size_bytes, info.items)
    if not info.read_only:
        case.note("case exported", subject=str(archive), details=_details(archive, manifest))
    return exported


def import_case(
    archive: Path,
    folder: Path,
    *,
    author: str,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> CaseInfo:
    """Unpack an archive into a new case folder, which is there whole or not at all.

    Every file's hash is compared with the manifest; the database, its audit trail and every original are checked as
    if the case were opened; an audit event records the import.

    Args:
        archive: written by `export_case`.
        folder: the new case; its suffix is added where it is missing.
        author: in whose name the import is recorded.
        progress: told of stages, in bytes.
        cancel: looked at all along.

    Raises:
        ArchiveRefused: it is no archive of a case, holds what it must not, or is not what its manifest says.
        CaseError: there is something at this place, or what was unpacked is no whole case.
        EvidenceAltered: an original is not what the case says it was.
        OutputError: the folder cannot be written.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    place = CaseFolder.named(folder).path
    if os.path.lexists(place):
        raise CaseError(f"{place} exists already; choose another name for the case.")
    manifest = read_manifest(archive)
    _require_case(archive, manifest)
    staged = _folder_of(place) / f".{secrets.token_hex(8)}{CASE_SUFFIX}"
    try:
        unpack(archive, staged, on_bytes=_report(progress, token, str(archive), "Unpacking"))
        _protect(staged)
        _check(staged, archive, manifest, author=author, progress=progress, cancel=token)
        _require_contents_named(archive, manifest)
        staged.rename(place)
        sync_names(place.parent)
    except OSError as error:
        raise output_error(place, error) from error
    finally:
        _remove(staged)
    with closing(CaseSession.open(place, author=author)) as case:
        return case.info


def require_unaltered(altered: tuple[Altered, ...]) -> None:
    """Raise `EvidenceAltered`, naming originals that are not what was put into the vault."""
    if altered:
        names = ", ".join(f"{each.name} (SHA-256 {each.expected[:12]}…)" for each in altered[:5])
        more = f" and {len(altered) - 5} more" if len(altered) > 5 else ""
        raise EvidenceAltered(f"Originals of this case were altered or are missing: {names}{more}. They are not used.")


def _folder_of(path: Path) -> Path:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"The folder {folder} does not exist; make it, or choose another place.")
    return folder


def _kept_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for kind in (_ORIGINALS, _DERIVED):
        for path in sorted((folder / kind).glob("*/*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not path.is_symlink() and _KEPT.fullmatch(name):
                yield name, path


def _require_case(archive: Path, manifest: Manifest) -> None:
    if manifest.about.get("kind") != KIND:
        raise ArchiveRefused(f"{archive} is no archive of a case.")
    names = [member.name for member in manifest.members]
    odd = next((name for name in names if not _KEPT.fullmatch(name)), None)
    if odd is not None:
        raise ArchiveRefused(f"{archive} holds {odd!r:.120}, which is no part of a case; nothing was unpacked.")
    if _DATABASE not in names:
        raise ArchiveRefused(f"{archive} has no {_DATABASE}; nothing was unpacked.")


def _is_what_its_name_says(member: Member) -> bool:
    """Originals and maps are kept under the hash of their bytes."""
    return member.name == _DATABASE or PurePosixPath(member.name).stem == member.sha256


def _require_unchanged(case: CaseSession, member: Member, cancel: CancelToken) -> None:
    """Compare what is about to be packed with its name: it may have been altered since originals were verified."""
    if _is_what_its_name_says(member):
        return
    require_unaltered(case.verify(occasion="case export", cancel=cancel))
    raise CaseDamaged(f"{case.folder / member.name} is not what was written there: move it away and export again.")


def _require_contents_named(archive: Path, manifest: Manifest) -> None:
    odd = next((member.name for member in manifest.members if not _is_what_its_name_says(member)), None)
    if odd is not None:
        raise ArchiveRefused(f"{archive} holds {odd!r:.120}, which is not what its name says; nothing was kept.")


def _protect(folder: Path) -> None:
    """Make originals and maps read-only, as they are where they were made."""
    parts = CaseFolder(folder)
    for part in (parts.originals, parts.derived):
        for path in part.glob("*/*"):
            path.chmod(_READ_ONLY)


def _check(
    folder: Path, archive: Path, manifest: Manifest, *, author: str, progress: ProgressSink, cancel: CancelToken
) -> None:
    with closing(CaseSession.open(folder, author=author)) as case:
        require_unaltered(case.verify(occasion="case import", progress=progress, cancel=cancel))
        case.audit()
        case.note("case imported", subject=str(archive), details=_details(archive, manifest))


def _details(archive: Path, manifest: Manifest) -> dict[str, Any]:
    """What events say of an archive: its manifest's hash tells one archive from another wherever it goes."""
    return {
        "archive": archive.name,
        "files": len(manifest.members),
        "size_bytes": manifest.size_bytes,
        "manifest_sha256": manifest.sha256,
    }


def _remove(folder: Path) -> None:
    """Remove what was staged; also where originals are write-protected, which keeps Windows from deleting them."""

    def unprotect(remove: object, path: str, _: object) -> None:
        assert callable(remove)
        Path(path).chmod(stat.S_IWRITE | stat.S_IREAD)
        remove(path)

    if folder.exists():
        shutil.rmtree(folder, onerror=unprotect)


def _report(progress: ProgressSink, cancel: CancelToken, item: str, stage: str) -> OnBytes:
    def on_bytes(done: int, total: int) -> None:
        cancel.raise_if_cancelled()
        progress(ProgressEvent(done, total, 0, item, "stage", stage))

    return on_bytes
