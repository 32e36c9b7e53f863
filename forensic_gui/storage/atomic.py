"""Files that are there whole or not at all: written beside their place, then moved into it.

Several files that belong together are staged one by one, possibly on several threads, and committed together.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from forensic_gui.domain.errors import OutputError, OutputExhausted


class StagedFile:
    """A file being written in the folder of its final place, under a name of its own.

    Used as a context manager while it is written: leaving with an exception, cancellation included, removes it.
    After that it waits for `commit` or `discard`.

    Attributes:
        path: final place.
        size_bytes: bytes written so far.
    """

    def __init__(self, path: Path, *, mode: int = 0o666) -> None:
        """Create the file beside `path`.

        Args:
            path: final place.
            mode: permissions of the file, less the process's umask.

        Raises:
            OutputError: the folder does not take a new file.
        """
        self.path = path
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        # Same folder, so that the move never crosses file systems; hidden, so that no listing takes it for a result.
        self._staged = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            descriptor = os.open(self._staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_TRANSLATION, mode)
        except OSError as error:
            raise output_error(path, error) from error
        self._file = os.fdopen(descriptor, "wb", buffering=1 << 20)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes.

        Raises:
            OutputError: the file system refused them.
        """
        try:
            self._file.write(data)
        except OSError as error:
            raise output_error(self.path, error) from error
        self._hash.update(data)
        self.size_bytes += len(data)

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal SHA-256 of the bytes written."""
        return self._hash.hexdigest()

    @property
    def staged(self) -> Path:
        """Where the bytes lie until `commit`. Who changes the complete file there calls `reread` afterwards."""
        return self._staged

    def reread(self) -> None:
        """Measure the complete file anew.

        Raises:
            OutputError: it cannot be read.
        """
        try:
            with self._staged.open("rb") as file:
                self.size_bytes = os.fstat(file.fileno()).st_size
                self._hash = hashlib.file_digest(file, hashlib.sha256)
        except OSError as error:
            raise output_error(self.path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self.discard()
            return
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            self.discard()
            raise output_error(self.path, error) from error

    def commit(self, *, path: Path | None = None) -> None:
        """Move the file to its place, replacing what is there.

        Args:
            path: another place on the same file system, known only now, as a name made of the hash; None for the one
                given first.

        Raises:
            OutputError: the move was refused; the staged file is gone.
        """
        self.path = path or self.path
        try:
            self._staged.replace(self.path)
        except OSError as error:
            self.discard()
            raise output_error(self.path, error) from error

    def discard(self) -> None:
        """Remove the staged file. Idempotent, and harmless after `commit`."""
        with contextlib.suppress(OSError):  # closing flushes, which a full disk refuses again
            self._file.close()
        self._staged.unlink(missing_ok=True)


def commit_together(files: Iterable[StagedFile]) -> None:
    """Commit complete files of one folder; where one cannot be, none stays.

    Raises:
        OutputError: a move was refused.
    """
    staged = tuple(files)
    for index, file in enumerate(staged):
        try:
            file.commit()
        except OutputError:
            for committed in staged[:index]:
                committed.path.unlink(missing_ok=True)
            for waiting in staged[index + 1 :]:
                waiting.discard()
            raise
    for folder in {file.path.parent for file in staged}:
        sync_names(folder)


def is_staged(name: str) -> bool:
    """Whether a file name is that of a file that is being written, or was when its run was killed."""
    return _STAGED_NAME.fullmatch(name) is not None


def remove_leftovers(folder: Path) -> None:
    """Remove staged files that a killed run left in a folder; only while no other run can be writing into it.

    Raises:
        OutputError: the folder cannot be read, or a file not removed.
    """
    try:
        with os.scandir(folder) as entries:
            left = [entry for entry in entries if is_staged(entry.name)]
        for entry in left:
            if entry.is_file(follow_symlinks=False):
                Path(entry.path).unlink(missing_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


def make_folder(path: Path) -> None:
    """Make a folder durably, where it is not there yet.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        path.mkdir()
    except FileExistsError:
        return
    except OSError as error:
        raise output_error(path, error) from error
    sync_names(path.parent)


def sync_names(folder: Path) -> None:
    """Make renames in a folder durable.

    Some network file systems and Windows know no such call; the bytes are safe there too.
    """
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def output_error(path: Path, error: OSError) -> OutputError:
    """The sentence for a write that the operating system refused."""
    kind = OutputExhausted if error.errno in _EXHAUSTED else OutputError
    reason = error.strerror or type(error).__name__
    advice = "".join(f"{what} or " for what, numbers in _ADVICE.items() if error.errno in numbers)
    return kind(f"{path} could not be written ({reason}): {advice}choose another output folder.")


_NO_TRANSLATION = getattr(os, "O_BINARY", 0)
_STAGED_NAME = re.compile(r"\.[0-9a-f]{16}\.part")
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_EXHAUSTED = _FULL | {errno.EROFS}
_ADVICE = {
    "free space": _FULL,
    "make its file system writable": {errno.EROFS},
    "ask for permission to write there": {errno.EACCES, errno.EPERM},
    "see whether its folder is still there": {errno.ENOENT},
    "move away what lies in its place": {errno.EEXIST, errno.ENOTDIR, errno.EISDIR},
}
