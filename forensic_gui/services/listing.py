"""Finding evidence files: lazily, in a fixed order, following nothing that could lead elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.errors import EvidenceError, EvidenceNotReadable

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".tif", ".tiff", ".webp", ".bmp", ".dib", ".gif"}
    | {".heic", ".heif", ".hif", ".avif"}
    | {".nef", ".nrw", ".cr2", ".cr3", ".crw", ".arw", ".sr2", ".srf", ".dng", ".raf", ".orf", ".rw2", ".rwl", ".raw"}
    | {".pef", ".srw", ".x3f", ".mrw", ".3fr", ".fff", ".iiq", ".erf", ".kdc", ".dcr", ".mef", ".mos", ".gpr"}
)
"""Suffixes of the formats that can be decoded, for file dialogs; the bytes decide what a file is."""

COMPANIONS = frozenset(
    {
        ".txt",
        ".md",
        ".log",
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".xml",
        ".xmp",
        ".thm",
        ".aae",
        ".ini",
        ".db",
        ".url",
        ".lnk",
    }
    | {".pdf", ".doc", ".docx", ".xls", ".xlsx", ".odt", ".ods", ".rtf", ".htm", ".html", ".css", ".js", ".py", ".toml"}
    | {".mp4", ".mov", ".avi", ".mkv", ".mts", ".m4v", ".3gp", ".webm", ".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg"}
    | {
        ".zip",
        ".7z",
        ".rar",
        ".gz",
        ".tar",
        ".sha1",
        ".sha256",
        ".md5",
        ".sig",
        ".asc",
        ".safetensors",
        ".part",
        ".tmp",
    }
)
"""Suffixes of files in folders that are no photographs by common use. Everything else in a folder is opened: a picture
of an unsupported format, or one under another name, must be named and not passed over."""

_KINDS = {
    stat.S_IFLNK: "a symbolic link, which is not followed",
    stat.S_IFIFO: "a FIFO, not a regular file",
    stat.S_IFSOCK: "a socket, not a regular file",
    stat.S_IFCHR: "a device, not a regular file",
    stat.S_IFBLK: "a device, not a regular file",
}


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A regular file to analyze.

    Attributes:
        path: as reached from what was given.
        root: the folder given, or the parent of a file given: where `path` is told apart from files of the same name.
    """

    path: Path
    root: Path


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """Something that will not be analyzed.

    Attributes:
        path: what.
        error: why, in a sentence that does not name the path.
        explicit: whether it was named by the caller (then it is a failure) or met in a folder (then it is a remark).
    """

    path: Path
    error: EvidenceError
    explicit: bool


@dataclass(frozen=True, slots=True)
class EvidenceCount:
    """How much there is to do.

    Attributes:
        files: files that would be listed.
        skipped: links, special files and unreadable folders that would be skipped, missing paths included.
        other: regular files and hidden folders in folders that are passed over for their name.
    """

    files: int
    skipped: int
    other: int


@dataclass(frozen=True, slots=True)
class _Other:
    """A regular file in a folder that is no photograph by its name, or a hidden folder."""

    path: Path


_Found = ListedFile | SkippedFile | _Other


def find_evidence(
    paths: Iterable[Path], *, passed_over: frozenset[str] = COMPANIONS
) -> Iterator[ListedFile | SkippedFile]:
    """List evidence under `paths`, folders recursively, without holding the list.

    A file named explicitly is listed whatever its suffix. In folders, entries come sorted by name, files of a folder
    before its subfolders; symbolic links, FIFOs, sockets and devices are never followed; hidden files and folders are
    passed over; a folder is entered once even when it is reachable twice. Memory grows with the largest folder and the
    depth, not with the number of files.

    Args:
        paths: files and folders.
        passed_over: lower-case suffixes, with their dot, of files in folders that are not listed.
    """
    return (found for found in _walk(paths, passed_over) if not isinstance(found, _Other))


def count_evidence(paths: Iterable[Path], *, passed_over: frozenset[str] = COMPANIONS) -> EvidenceCount:
    """Count what `find_evidence` would list, for a progress total, in constant memory."""
    counts = {ListedFile: 0, SkippedFile: 0, _Other: 0}
    for found in _walk(paths, passed_over):
        counts[type(found)] += 1
    return EvidenceCount(files=counts[ListedFile], skipped=counts[SkippedFile], other=counts[_Other])


def _walk(paths: Iterable[Path], passed_over: frozenset[str]) -> Iterator[_Found]:
    entered: set[tuple[int, int]] = set()
    for path in paths:
        try:
            status = path.lstat()
        except (OSError, ValueError) as error:
            yield SkippedFile(path, EvidenceNotReadable(_sentence(error)), explicit=True)
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk_folder(path, passed_over, entered)
        elif stat.S_ISREG(status.st_mode):
            yield ListedFile(path, root=path.parent)
        else:
            yield SkippedFile(path, _not_regular(status), explicit=True)


def _walk_folder(root: Path, passed_over: frozenset[str], entered: set[tuple[int, int]]) -> Iterator[_Found]:
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            if not _enter(folder, entered):
                continue
            with os.scandir(folder) as entries:
                names = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield SkippedFile(folder, EvidenceNotReadable(_sentence(error)), explicit=folder == root)
            continue
        subfolders: list[Path] = []
        for entry in names:
            if _is_hidden(entry) or not entry.is_dir(follow_symlinks=False):
                yield _judge(entry, root, passed_over)
            else:
                subfolders.append(Path(entry.path))
        pending += reversed(subfolders)


def _enter(folder: Path, entered: set[tuple[int, int]]) -> bool:
    """Note a folder as entered; False when it already was (a bind mount or a path given twice)."""
    status = folder.stat()
    identity = (status.st_dev, status.st_ino)
    # Some file systems have no inode numbers: then nothing can be told apart, and links are not followed anyway.
    if identity in entered and status.st_ino:
        return False
    entered.add(identity)
    return True


def _judge(entry: os.DirEntry[str], root: Path, passed_over: frozenset[str]) -> _Found:
    path = Path(entry.path)
    if entry.is_dir(follow_symlinks=False):
        return _Other(path)
    if entry.is_file(follow_symlinks=False):
        other = path.suffix.lower() in passed_over or _is_hidden(entry)
        return _Other(path) if other else ListedFile(path, root=root)
    try:
        error = _not_regular(entry.stat(follow_symlinks=False))
    except OSError as gone:
        error = EvidenceNotReadable(_sentence(gone))
    return SkippedFile(path, error, explicit=False)


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    return entry.name.startswith(".")


def _not_regular(status: os.stat_result) -> EvidenceNotReadable:
    return EvidenceNotReadable(f"This is {_KINDS.get(stat.S_IFMT(status.st_mode), 'not a regular file')}.")


def _sentence(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "The file does not exist."
    if isinstance(error, PermissionError):
        return "It may not be read: permission denied."
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return "The path is longer than this system allows."
    reason = error.strerror if isinstance(error, OSError) else "no system can open such a path"
    return f"It could not be read: {reason}."
