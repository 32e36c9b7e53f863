"""Originals of the open case, known by where they are read from. No Qt; used by every thread that reads evidence."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.case import CaseItem
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.analysis import CaseDecoder
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken


@dataclass(frozen=True, slots=True)
class Kept:
    """An item, and the case that keeps it."""

    case: CaseSession
    item: CaseItem
    is_writable: bool


@dataclass(frozen=True, slots=True)
class Index:
    """Items of a case by where the vault keeps them, and by the hash of their bytes; slow to make for many.

    Attributes:
        by_path: by place.
        by_hash: by SHA-256.
    """

    by_path: dict[Path, CaseItem]
    by_hash: dict[str, CaseItem]

    @classmethod
    def of(cls, items: Iterable[CaseItem], paths: Mapping[int, Path]) -> Index:
        """Index items, whose places are known by their numbers."""
        by_path = {paths[item.id]: item for item in items}
        return cls(by_path, {item.sha256: item for item in by_path.values()})


class OpenVault:
    """The originals of the case that is open, if one is. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._case: CaseSession | None = None
        self._is_writable = False
        self._index = Index({}, {})

    def enter(self, case: CaseSession, *, is_writable: bool, index: Index) -> None:
        """Take the originals of a case, in the place of those of another one; nobody else may keep the index."""
        with self._lock:
            self._case, self._is_writable, self._index = case, is_writable, index

    def add(self, index: Index) -> None:
        """Take originals that were added to the case."""
        with self._lock:
            self._index.by_path.update(index.by_path)
            self._index.by_hash.update(index.by_hash)

    def leave(self) -> Index:
        """Forget the case.

        Returns:
            Its originals: to throw away many takes longer than a frame.
        """
        with self._lock:
            self._case = None
            index, self._index = self._index, Index({}, {})
            return index

    def at(self, path: Path) -> Kept | None:
        """The item whose original is read from `path`, or None."""
        with self._lock:
            return self._kept(self._index.by_path.get(path))

    def with_bytes(self, sha256: str) -> Kept | None:
        """The item with these bytes, or None."""
        with self._lock:
            return self._kept(self._index.by_hash.get(sha256))

    def _kept(self, item: CaseItem | None) -> Kept | None:
        if item is None or self._case is None:
            return None
        return Kept(self._case, item, self._is_writable)


class VaultDecoder:
    """A decoder that knows the case: altered bytes never become pixels, and evidence names where it came from."""

    def __init__(self, decoder: Decoder, vault: OpenVault) -> None:
        self._decoder = decoder
        self._vault = vault

    def decode(
        self,
        path: Path,
        *,
        page: int = 0,
        max_side_px: int | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodedEvidence:
        """Decode a file, or an original of the case; see the port.

        Raises:
            EvidenceAltered: it is not what was put into the vault.
            EvidenceError: it cannot be read.
            Cancelled: stopping was asked for.
        """
        kept = self._vault.at(path)
        decoder = self._decoder
        if kept is not None:
            # A thumbnail says nothing that the case should remember of its item.
            records = kept.is_writable and max_side_px is None
            decoder = CaseDecoder(self._decoder, kept.case, [kept.item], records=records)
        return decoder.decode(path, page=page, max_side_px=max_side_px, cancel=cancel)

    def close(self) -> None:
        """Stop the child process. Idempotent."""
        self._decoder.close()
