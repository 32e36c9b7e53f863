"""Opening evidence so that nothing about it changes: read-only, once, hashed before any parser."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from boxprompt.data.decode.contract import DecodeRefused, Refusal

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
    errno.ENOTDIR: "The file does not exist.",
    errno.EACCES: "The file may not be read: permission denied.",
    errno.EPERM: "The file may not be read: permission denied.",
    errno.ELOOP: "This is a symbolic link, which is not followed; name the file itself.",
    errno.ENAMETOOLONG: "The path is longer than this system allows.",
}
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The bytes of one file as they were read, once.

    Attributes:
        data: all of them.
        sha256: lower-case hexadecimal SHA-256 of `data`.
        modified_utc: file-system modification time, ISO 8601 in UTC.
    """

    data: bytes
    sha256: str
    modified_utc: str


def read_evidence(path: Path, *, max_bytes: int) -> ReadFile:
    """Read and hash a regular file without following a link or touching its times where the system allows.

    Raises:
        DecodeRefused: NOT_READABLE or TOO_LARGE.
    """
    try:
        _require_regular(path.lstat())
        descriptor = _open(path)
        with open(descriptor, "rb", buffering=0) as stream:  # noqa: PTH123 - a descriptor, not a path
            before = os.fstat(descriptor)
            _require_regular(before)
            if before.st_size > max_bytes:
                raise DecodeRefused(
                    Refusal.TOO_LARGE, f"The file has {before.st_size} bytes; the limit is {max_bytes}."
                )
            data = stream.readall()
            after = os.fstat(descriptor)
    except OSError as error:
        sentence = _SENTENCES.get(error.errno or 0, f"The file could not be read: {error.strerror or error}.")
        raise DecodeRefused(Refusal.NOT_READABLE, sentence) from error
    except ValueError as error:  # a NUL in the path
        raise DecodeRefused(Refusal.NOT_READABLE, "The path is not one that this system can open.") from error
    if len(data) != after.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise DecodeRefused(
            Refusal.NOT_READABLE, "The file changed while it was being read; try again when it is at rest."
        )
    return ReadFile(data, hashlib.sha256(data).hexdigest(), _iso_utc(after.st_mtime_ns))


def _open(path: Path) -> int:
    if _NO_ATIME:
        try:
            return os.open(path, _FLAGS | _NO_ATIME)
        except PermissionError:  # only the owner may ask for it
            pass
    return os.open(path, _FLAGS)


def _require_regular(status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), "a special file")
    raise DecodeRefused(Refusal.NOT_READABLE, f"This is {kind}, not a regular file; only regular files are read.")


def _iso_utc(nanoseconds: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=nanoseconds // 1000)).isoformat()
    except OverflowError:
        return f"{nanoseconds} ns since 1970-01-01T00:00:00+00:00"
