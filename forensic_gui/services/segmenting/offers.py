"""Which segmenters this program knows of, and which of them are installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import RequestError
from forensic_gui.services import engine
from forensic_gui.services.engine import Checkpoint
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.segmenting.places import hash_file

BUILT_IN_ID, BUILT_IN_NAME = engine.GRABCUT_ID, engine.GRABCUT_NAME


@dataclass(frozen=True, slots=True)
class KnownSegmenter:
    """A segmenter that can be chosen, or could be were it installed.

    Attributes:
        id: name it is chosen by.
        name: what people call it.
        licence: of its weights, or of the library that it is part of.
        size_bytes: of its checkpoint; 0 where it is built in.
        sha256: of its checkpoint, as published; "" where it is built in.
        address: where the checkpoint is published; "" where it is built in.
        path: where the checkpoint lies; None where it is not installed, or built in.
        built_in: whether it works without any weights.
        problem: why it cannot be used, a sentence; None where it verifies or was not verified.
    """

    id: str
    name: str
    licence: str
    size_bytes: int
    sha256: str
    address: str
    path: Path | None
    built_in: bool = False
    problem: str | None = None

    @property
    def is_installed(self) -> bool:
        """Whether it can be chosen."""
        return self.built_in or self.path is not None

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "kind": "segmenter",
            "id": self.id,
            "name": self.name,
            "installed": self.is_installed,
            "built_in": self.built_in,
            "path": None if self.path is None else str(self.path),
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "licence": self.licence,
            "address": self.address,
            "problem": self.problem,
        }


def known_segmenters(*, folders: Sequence[Path], checkpoints: Sequence[Checkpoint]) -> tuple[KnownSegmenter, ...]:
    """Every segmenter there is, the built-in one first, then from light to heavy; hashes are not checked.

    Args:
        folders: where checkpoints lie, first match wins.
        checkpoints: those that are published.
    """
    built_in = KnownSegmenter(BUILT_IN_ID, BUILT_IN_NAME, "Apache-2.0", 0, "", "", None, built_in=True)
    return (
        built_in,
        *(
            KnownSegmenter(
                id=each.id,
                name=each.name,
                licence=each.licence,
                size_bytes=each.size_bytes,
                sha256=each.sha256,
                address=each.address,
                path=engine.find_checkpoint(each, folders=folders),
            )
            for each in checkpoints
        ),
    )


def verify_segmenter(segmenter: KnownSegmenter, *, cancel: CancelToken) -> KnownSegmenter:
    """The segmenter, with its problem where its checkpoint is not the published one.

    Raises:
        Cancelled: stopping was asked for.
    """
    if segmenter.path is None:
        return segmenter
    try:
        measured = hash_file(segmenter.path, cancel=cancel)
    except OSError as error:
        return replace(segmenter, problem=f"{segmenter.path} cannot be read: {error.strerror}.")
    if measured == segmenter.sha256:
        return segmenter
    return replace(
        segmenter,
        problem=(
            f"{segmenter.path} has SHA-256 {measured}, not {segmenter.sha256} as published; it was altered or damaged "
            f"and is not used. Run `forensic-gui weights install {segmenter.id}` again."
        ),
    )


def require_published(id: str, *, checkpoints: Sequence[Checkpoint]) -> Checkpoint:
    """The published checkpoint of a segmenter's id.

    Raises:
        RequestError: there is none; the sentence names those there are.
    """
    for each in checkpoints:
        if each.id == id:
            return each
    known = ", ".join(each.id for each in checkpoints)
    raise RequestError(f"There are no weights «{id}» to fetch; published are {known}.")
