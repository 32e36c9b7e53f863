"""The vault: originals by the hash of their bytes, copied once, read-only from then on, hashed again when asked."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forensic_gui.domain.errors import EvidenceAltered, EvidenceEmpty, EvidenceNotReadable
from forensic_gui.storage.atomic import StagedFile, make_folder, sync_names
from forensic_gui.storage.case.folder import CaseFolder, vault_suffix

_CHUNK = 1 << 20
_READ_ONLY = 0o444
# Absent on some systems: O_NONBLOCK keeps a FIFO that took the file's place from blocking, O_BINARY keeps Windows
# from translating line ends.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_ATIME = getattr(os, "O_NOATIME", 0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SENTENCES = {
    errno.ENOENT: "The file does not exist.",
    errno.EACCES: "The file may not be read: permission denied.",
    errno.EPERM: "The file may not be read: permission denied.",
    errno.ELOOP: "This is a symbolic link, which is not followed; add the file itself.",
}

Check = Callable[[], None]
"""Called between pieces of a file; raises to stop."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the vault made of a file.

    Attributes:
        sha256: of the bytes.
        suffix: under which they are kept.
        size_bytes: number of bytes.
        modified_utc: file-system modification time of the source, ISO 8601 in UTC.
        path: where they are kept.
        is_new: whether they were put there now.
        is_restored: whether the case had them before, and had lost them.
    """

    sha256: str
    suffix: str
    size_bytes: int
    modified_utc: str
    path: Path
    is_new: bool
    is_restored: bool


def keep(folder: CaseFolder, source: Path, *, check: Check, known_suffix: Callable[[str], str | None]) -> Kept:
    """Copy a file into the vault, unless its bytes are there; they are hashed on the way, before any parser sees them.

    Args:
        folder: of the case.
        source: a regular file; opened read-only, never through a link, its access time left alone where possible.
        check: called between pieces.
        known_suffix: the suffix under which the case keeps the bytes of a hash; None where it does not.

    Raises:
        EvidenceNotReadable: not a regular file, may not be read, or changed meanwhile.
        EvidenceEmpty: it has no bytes.
        EvidenceAltered: the vault holds other bytes under this name.
        OutputError: the vault takes nothing more.
    """
    with _opened(source) as descriptor:
        before = os.fstat(descriptor)
        with StagedFile(folder.originals / "incoming", mode=_READ_ONLY) as staged:
            _copy(descriptor, staged, check, before=before)
        try:
            known = known_suffix(staged.sha256)
            suffix = vault_suffix(source.name) if known is None else known
            place = folder.original(staged.sha256, suffix)
            is_new = _settle(staged, place)
        finally:
            staged.discard()
    modified_utc = _iso_utc(before.st_mtime_ns)
    is_restored = is_new and known is not None
    return Kept(staged.sha256, suffix, staged.size_bytes, modified_utc, place, is_new, is_restored)


def measured(path: Path, *, check: Check) -> str:
    """SHA-256 of a kept file as it is now; "" where it is missing or cannot be read."""
    digest = hashlib.sha256()
    try:
        with _opened(path) as descriptor:
            for piece in _pieces(descriptor):
                digest.update(piece)
                check()
    except EvidenceNotReadable:
        return ""
    return digest.hexdigest()


def _settle(staged: StagedFile, place: Path) -> bool:
    """Move complete bytes to their place, where nothing is overwritten; whether they were not there yet."""
    if place.exists() or place.is_symlink():
        if measured(place, check=_never) != staged.sha256:
            altered = EvidenceAltered(
                f"The vault holds other bytes under this file's hash ({place}): move them away and add it again."
            )
            altered.sha256 = staged.sha256
            raise altered
        return False
    make_folder(place.parent)
    staged.commit(path=place)
    sync_names(place.parent)
    return True


def _copy(descriptor: int, staged: StagedFile, check: Check, *, before: os.stat_result) -> None:
    for piece in _pieces(descriptor):
        staged.write(piece)
        # A file that grows as fast as it is read would be copied without end.
        if staged.size_bytes > before.st_size:
            break
        check()
    after = os.fstat(descriptor)
    if not after.st_size:
        raise EvidenceEmpty("The file has no bytes.")
    if staged.size_bytes != after.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise EvidenceNotReadable("The file changed while it was being copied; try again when it is at rest.")


def _pieces(descriptor: int) -> Iterator[bytes]:
    try:
        while piece := os.read(descriptor, _CHUNK):
            yield piece
    except OSError as error:
        raise _not_readable(error) from error


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = _open(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _not_readable(error) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise EvidenceNotReadable("This is not a regular file; only regular files are read.")
        yield descriptor
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    if _NO_ATIME:
        try:
            return os.open(path, _FLAGS | _NO_ATIME)
        except PermissionError:  # only the owner may ask for it
            pass
    return os.open(path, _FLAGS)


def _not_readable(error: OSError | ValueError) -> EvidenceNotReadable:
    if isinstance(error, ValueError):
        return EvidenceNotReadable("The path is not one that this system can open.")
    sentence = _SENTENCES.get(error.errno or 0, f"The file could not be read: {error.strerror or error}.")
    return EvidenceNotReadable(sentence)


def _iso_utc(nanoseconds: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=nanoseconds // 1000)).isoformat()
    except OverflowError:
        return f"{nanoseconds} ns since 1970-01-01T00:00:00+00:00"


def _never() -> None:
    """Nothing asks to stop."""
