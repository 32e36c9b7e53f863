"""Where weights lie, and what their bytes are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from forensic_gui.services.progress import CancelToken

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Places:
    """Where weights lie.

    Attributes:
        segmenters: the user's folder of checkpoints.
        students: the user's folder of the localizer's weights.
        shipped: folders of weights that are part of the program and never changed.
    """

    segmenters: Path
    students: Path
    shipped: tuple[Path, ...] = ()


def hash_file(path: Path, *, cancel: CancelToken) -> str:
    """SHA-256 of a file's bytes, lower-case hexadecimal.

    Raises:
        OSError: it cannot be read.
        Cancelled: stopping was asked for.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            cancel.raise_if_cancelled()
            digest.update(chunk)
    return digest.hexdigest()
