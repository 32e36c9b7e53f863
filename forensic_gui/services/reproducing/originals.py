"""Find the bytes that a finding was made of: by their hash, wherever they lie now."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from forensic_gui.services.progress import CancelToken

_PART_BYTES = 1 << 20


class Originals:
    """Evidence by its hash. Files are only read; none is read whose size is another."""

    def __init__(self, *, vault: dict[str, Path], evidence: Sequence[Path], cancel: CancelToken) -> None:
        """Look nowhere yet.

        Args:
            vault: where a case keeps originals, by their hash.
            evidence: files and folders to look in, one after the other.
            cancel: looked at between files.
        """
        self._vault = vault
        self._evidence = tuple(evidence)
        self._cancel = cancel
        self._sizes: dict[int, list[Path]] | None = None
        self._hashes: dict[Path, str] = {}

    def find(self, sha256: str, *, size_bytes: int, source: str) -> Path | None:
        """A file with these bytes; None where there is none.

        Args:
            sha256: of the bytes.
            size_bytes: number of them.
            source: where they were once; looked at last.
        """
        kept = self._vault.get(sha256)
        named = [] if kept is None else [kept]
        # A report could name a share of somebody's computer, which Windows would greet with the user's password.
        is_share = source.replace("\\", "/").startswith("//")
        recorded = [Path(source)] if source and not is_share else []
        candidates = (*named, *self._of_size(size_bytes), *recorded)
        return next((path for path in candidates if self._is(path, sha256, size_bytes)), None)

    def _of_size(self, size_bytes: int) -> list[Path]:
        if self._sizes is None:
            self._sizes = {}
            for path in _regular_files(self._evidence):
                self._cancel.raise_if_cancelled()
                self._sizes.setdefault(_size(path), []).append(path)
        return self._sizes.get(size_bytes, [])

    def _is(self, path: Path, sha256: str, size_bytes: int) -> bool:
        if _size(path) != size_bytes:
            return False
        if path not in self._hashes:
            self._hashes[path] = self._hash(path)
        return self._hashes[path] == sha256

    def _hash(self, path: Path) -> str:
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while part := file.read(_PART_BYTES):
                    self._cancel.raise_if_cancelled()
                    digest.update(part)
        except OSError:
            return ""
        return digest.hexdigest()


def _size(path: Path) -> int:
    """Number of bytes of a regular file; -1 for anything else."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return -1
    return found.st_size if stat.S_ISREG(found.st_mode) else -1


def _regular_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Files, and regular files in folders, in a fixed order; links are not followed."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, names, files in os.walk(path):
            names.sort()
            yield from (Path(folder, name) for name in sorted(files))
