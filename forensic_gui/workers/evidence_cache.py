"""Evidence read a moment ago, kept for going back and forth; used on the thread of one lane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken

CAPACITY_BYTES = 160 << 20
_Fingerprint = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    fingerprint: _Fingerprint
    decoded: DecodedEvidence


class EvidenceCache:
    """Reads evidence through a decoder of its own and keeps the pixels of the last few files.

    A file is taken from memory only while its device, inode, size and time of modification are those of when it was
    read; its name alone never finds it. Not thread-safe.
    """

    def __init__(self, open_decoder: Callable[[], Decoder], *, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._open_decoder = open_decoder
        self._decoder: Decoder | None = None
        self._capacity_bytes = capacity_bytes
        self._kept: dict[Path, _Kept] = {}

    def read(self, path: Path, *, cancel: CancelToken, anew: bool = False) -> DecodedEvidence:
        """The evidence at `path`, from memory where nothing about the file has changed.

        Args:
            path: evidence file.
            cancel: passed on to the decoder.
            anew: read and hash the file again in any case.

        Raises:
            EvidenceError: it cannot be read.
            Cancelled: stopping was asked for.
        """
        fingerprint = _fingerprint(path)
        kept = self._kept.pop(path, None)
        if not anew and kept is not None and kept.fingerprint == fingerprint:
            self._kept[path] = kept  # now the last one to go
            return kept.decoded
        if self._decoder is None:
            self._decoder = self._open_decoder()
        decoded = self._decoder.decode(path, cancel=cancel)
        if fingerprint is not None:
            self._kept[path] = _Kept(fingerprint, decoded)
            self._make_room()
        return decoded

    def close(self) -> None:
        """Forget everything and close the decoder. May be called on another thread once the lane has ended."""
        self._kept.clear()
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _make_room(self) -> None:
        total = sum(kept.decoded.pixels.nbytes for kept in self._kept.values())
        while total > self._capacity_bytes and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            total -= self._kept.pop(oldest).decoded.pixels.nbytes


def _fingerprint(path: Path) -> _Fingerprint | None:
    """What changes when a file does; None when there is no such file, which the decoder tells in its own words."""
    try:
        status = path.lstat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
