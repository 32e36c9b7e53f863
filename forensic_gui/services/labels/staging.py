"""A folder that is there whole or not at all: filled beside its place, then moved into it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.labels import FileRecord
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.atomic import StagedFile, output_error

_CHUNK_BYTES = 1 << 20


class StagedFolder:
    """A folder being filled under a hidden name beside its place; a killed run leaves only that one behind."""

    def __init__(self, place: Path) -> None:
        """Make the hidden folder.

        Raises:
            RequestError: something lies at the place already that is not an empty folder.
            OutputError: the folder beside it cannot be made.
        """
        self.place = place.absolute()
        require_vacant(self.place)
        self._staged = self.place.parent / f".{secrets.token_hex(8)}.part"
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self._staged.mkdir()
        except OSError as error:
            raise output_error(self.place, error) from error

    def write(self, relative: PurePosixPath, data: bytes) -> FileRecord:
        """Write a file.

        Raises:
            OutputError: it could not be written.
        """
        return self._fill(relative, lambda file: file.write(data))

    def copy(self, relative: PurePosixPath, source: Path, *, cancel: CancelToken) -> FileRecord:
        """Copy a file byte by byte; the hash returned is that of the bytes read.

        Raises:
            OSError: the source cannot be read.
            OutputError: the copy could not be written.
            Cancelled: stopping was asked for.
        """

        def fill(file: StagedFile) -> None:
            with source.open("rb") as original:
                while chunk := original.read(_CHUNK_BYTES):
                    cancel.raise_if_cancelled()
                    file.write(chunk)

        return self._fill(relative, fill)

    def remove(self, relative: PurePosixPath) -> None:
        """Take a file away again."""
        (self._staged / relative).unlink(missing_ok=True)

    def commit(self) -> None:
        """Move the folder to its place.

        Raises:
            OutputError: the move was refused; nothing is left.
        """
        try:
            self._sync()
            with contextlib.suppress(FileNotFoundError):
                self.place.rmdir()  # Windows does not replace even an empty folder
            self._staged.rename(self.place)
        except OSError as error:
            self.discard()
            raise output_error(self.place, error) from error

    def discard(self) -> None:
        """Remove the hidden folder. Idempotent, and harmless after `commit`."""
        shutil.rmtree(self._staged, ignore_errors=True)

    def _fill(self, relative: PurePosixPath, fill: Callable[[StagedFile], None]) -> FileRecord:
        path = self._staged / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self.place / relative, error) from error
        with StagedFile(path) as file:
            fill(file)
        file.commit()
        return FileRecord(str(relative), file.sha256)

    def _sync(self) -> None:
        """Make the names durable before the folder gets its own."""
        if os.name == "nt":
            return
        for folder, _, _ in os.walk(self._staged):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def require_vacant(place: Path) -> None:
    """Check that nothing would be mixed with an export.

    Raises:
        RequestError: something lies at the place that is not an empty folder.
    """
    try:
        occupied = any(place.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise RequestError(f"{place} is a file; name a new folder.") from None
    except OSError as error:
        raise output_error(place, error) from error
    if occupied:
        raise RequestError(f"{place} holds something already; name a new or empty folder.")


def sha256_of(path: Path, *, cancel: CancelToken | None = None) -> str:
    """Hash of a file's bytes; an OSError where it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            if cancel is not None:
                cancel.raise_if_cancelled()
            digest.update(chunk)
    return digest.hexdigest()
