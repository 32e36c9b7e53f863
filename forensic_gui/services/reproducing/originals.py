"""Find the bytes that a finding was made of: by their hash, wherever they lie now."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from forensic_gui.domain.errors import EvidenceError
from forensic_gui.services.progress import CancelToken

_PART_BYTES = 1 << 20
_UNREAD = ""


class Origin(StrEnum):
    """In which kind of place an original was found."""

    CASE = "case"
    EVIDENCE = "evidence"  # that the caller named
    SOURCE = "source"  # that the record names


@dataclass(frozen=True, slots=True)
class Original:
    """A file with the bytes that a finding was made of.

    Attributes:
        path: of the file.
        origin: in which kind of place it was found.
        remark: what is wrong with the copy of the case, a clause; "" where nothing is, or there is no case.
    """

    path: Path
    origin: Origin
    remark: str = ""

    @property
    def sentence(self) -> str:
        """Where the original came from."""
        if self.origin is Origin.CASE:
            return "original: the copy in the case"
        where = "named as evidence" if self.origin is Origin.EVIDENCE else "the place that the record names"
        return f"original: {self.path}, {where}" + (f"; {self.remark}" if self.remark else "")

    def to_record(self) -> dict[str, str]:
        """JSON values."""
        return {"origin": self.origin.value, "path": str(self.path), "remark": self.remark}


class Originals:
    """Evidence by its hash. Files are only read; none is read whose size is another."""

    def __init__(self, *, vault: Mapping[str, Path] | None, evidence: Sequence[Path], cancel: CancelToken) -> None:
        """Look nowhere yet.

        Args:
            vault: where a case keeps originals, by their hash; None without a case.
            evidence: files and folders to look in, one after the other.
            cancel: looked at between files.
        """
        self._vault = vault
        self._evidence = tuple(evidence)
        self._cancel = cancel
        self._sizes: dict[int, list[Path]] | None = None
        self._hashes: dict[Path, str] = {}

    def find(self, sha256: str, *, size_bytes: int, source: str) -> Original:
        """A file with these bytes. With a case it is the case's copy, or one that the caller named, and no other.

        Args:
            sha256: of the bytes.
            size_bytes: number of them.
            source: where they were once; looked at last, and only without a case.

        Raises:
            EvidenceError: there is none; a sentence says why.
        """
        remark = self._wrong_with_copy(sha256, size_bytes)
        if self._vault is not None and not remark:
            return Original(self._vault[sha256], Origin.CASE)
        named = next((path for path in self._of_size(size_bytes) if self._is(path, sha256, size_bytes)), None)
        if named is not None:
            return Original(named, Origin.EVIDENCE, remark)
        if remark:
            raise EvidenceError(f"{remark}; to use another copy, name it with --evidence.")
        # A report could name a share of somebody's computer, which Windows would greet with the user's password.
        is_share = source.replace("\\", "/").startswith("//")
        if source and not is_share and self._is(Path(source), sha256, size_bytes):
            return Original(Path(source), Origin.SOURCE)
        raise EvidenceError("no file with its bytes was found: name its folder with --evidence.")

    def _wrong_with_copy(self, sha256: str, size_bytes: int) -> str:
        """What is wrong with the copy of the case, a clause; "" where nothing is, or there is no case."""
        if self._vault is None:
            return ""
        kept = self._vault.get(sha256)
        if kept is None:
            return "the case has no item with its bytes"
        if _size(kept) < 0:
            return "the case's copy of the original is missing"
        if self._is(kept, sha256, size_bytes):
            return ""
        is_unread = self._hashes.get(kept) == _UNREAD
        return f"the case's copy of the original {'cannot be read' if is_unread else 'is altered'}"

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
            return _UNREAD
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
