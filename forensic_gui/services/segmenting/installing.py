"""Bring weights to where they are found, and take them away again. The network is used by `install` alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from forensic_gui.domain.errors import (
    ForensicError,
    OutputError,
    RequestError,
    SegmenterError,
    WeightsError,
)
from forensic_gui.services import engine
from forensic_gui.services.engine import Checkpoint
from forensic_gui.services.progress import CancelToken, ProgressSink, ignore_progress
from forensic_gui.services.segmenting.fetch import FetchError, PublishedFile, fetch
from forensic_gui.services.segmenting.places import Places, hash_file
from forensic_gui.storage.atomic import StagedFile, commit_together

Kind = Literal["segmenter", "localizer"]
_CHUNK_BYTES = 1 << 20
_STUDENT_SUFFIX = ".safetensors"


@dataclass(frozen=True, slots=True)
class Installed:
    """Weights that are in place now.

    Attributes:
        kind: of what they are.
        id: name they are chosen by.
        path: the file.
        sha256: of the file.
        was_there: whether they were in place before, and nothing was done.
    """

    kind: Kind
    id: str
    path: Path
    sha256: str
    was_there: bool = False

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "kind": self.kind,
            "id": self.id,
            "path": str(self.path),
            "sha256": self.sha256,
            "was_there": self.was_there,
        }


def install(
    checkpoint: Checkpoint,
    *,
    places: Places,
    announce: Callable[[str], None],
    address: str | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> Installed:
    """Fetch a published checkpoint from its official address, unless it is in place already.

    Args:
        checkpoint: which.
        places: where to.
        announce: told in a sentence before the network is used.
        address: where from in place of the official address; the hash is the published one all the same.
        progress: told of the megabytes.
        cancel: looked at between parts; what was fetched stays for the next time.

    Raises:
        SegmenterError: no connection, or another file than published; the sentence says how to do without a network.
        OutputError: the file system refused.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    path = places.segmenters / checkpoint.file_name
    with contextlib.suppress(OSError):
        if path.is_file() and hash_file(path, cancel=token) == checkpoint.sha256:
            return Installed("segmenter", checkpoint.id, path, checkpoint.sha256, was_there=True)
    source = address or checkpoint.address
    announce(
        f"Fetching {checkpoint.name} ({checkpoint.size_bytes / 1e6:,.0f} MB, licence {checkpoint.licence}) over the "
        f"network from {source}."
    )
    published = PublishedFile(source, checkpoint.size_bytes, checkpoint.sha256)
    try:
        fetch(published, path, progress=progress, cancel=token)
    except FetchError as error:
        raise SegmenterError(
            f"{error} Without a network here: fetch {checkpoint.address} on another computer, bring it here and run "
            f"`forensic-gui weights import {checkpoint.file_name}`."
        ) from error
    return Installed("segmenter", checkpoint.id, path, checkpoint.sha256)


def import_file(
    file: Path,
    *,
    places: Places,
    checkpoints: Sequence[Checkpoint],
    expected_id: str | None = None,
    cancel: CancelToken | None = None,
) -> Installed:
    """Copy weights to where they are found: a segmenter's checkpoint, known by its hash, or a student with its card.

    Args:
        file: a published checkpoint under any name, or a `.safetensors` file with its card beside it.
        places: where to.
        checkpoints: those that are published.
        expected_id: refuse anything else; None for whatever it is.
        cancel: looked at between parts.

    Raises:
        WeightsError: a student that its card does not fit, or whose id is taken.
        SegmenterError: no published checkpoint.
        RequestError: there is no such file, or it is another than expected.
        OutputError: the file system refused; nothing is left.
        Cancelled: stopping was asked for; nothing is left.
    """
    if not file.is_file():
        raise RequestError(f"There is no file at {file}.")
    token = cancel or CancelToken()
    if file.suffix == _STUDENT_SUFFIX:
        return _import_student(file, places=places, expected_id=expected_id, cancel=token)
    with _readable(file):
        sha256 = hash_file(file, cancel=token)
    found = next((each for each in checkpoints if each.sha256 == sha256), None)
    if found is None:
        known = ", ".join(f"{each.file_name} ({each.id})" for each in checkpoints)
        raise SegmenterError(
            f"{file} is no published checkpoint: its SHA-256 is {sha256}. Known are {known}, as published and whole; "
            f"the localizer's weights are {_STUDENT_SUFFIX} files."
        )
    _require_expected(found.id, expected_id, file)
    path = places.segmenters / found.file_name
    if not _is_same(file, path):
        commit_together([_copy(file, path, sha256=sha256, cancel=token)])
    return Installed("segmenter", found.id, path, sha256)


def remove(id: str, *, places: Places, checkpoints: Sequence[Checkpoint]) -> Path:
    """Remove weights that the user installed.

    Args:
        id: of a segmenter or of a student.
        places: where they lie.
        checkpoints: those that are published.

    Returns:
        The file that is gone.

    Raises:
        RequestError: there are none of that id, or they are part of the program.
        OutputError: the file system refused.
    """
    if id == engine.GRABCUT_ID:
        raise RequestError(f"{engine.GRABCUT_NAME} is built in and cannot be removed.")
    student = f"{id}{_STUDENT_SUFFIX}"
    if any(student == path.name for folder in places.shipped for path in folder.glob(f"*{_STUDENT_SUFFIX}")):
        raise RequestError(f"The weights {id} are part of the program and cannot be removed.")
    checkpoint = next((each for each in checkpoints if each.id == id), None)
    if checkpoint is not None:
        path = places.segmenters / checkpoint.file_name
        belonging = [path, path.with_name(path.name + ".part")]
    else:
        # Chosen from what lies there: an id is never made a path.
        found = (path for path in places.students.glob(f"*{_STUDENT_SUFFIX}") if path.name == student)
        path = next(found, places.students / "none")
        belonging = [path, path.with_suffix(".json")]
    if not any(each.is_file() for each in belonging):
        raise RequestError(f"No weights «{id}» are installed; see `forensic-gui weights list`.")
    try:
        for each in belonging:
            each.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{error.filename} could not be removed: {error.strerror}.") from error
    return path


def _import_student(file: Path, *, places: Places, expected_id: str | None, cancel: CancelToken) -> Installed:
    weights = engine.read_weights(file)
    card = weights.card
    _require_expected(card.id, expected_id, file)
    for folder in places.shipped:
        if (folder / f"{card.id}{_STUDENT_SUFFIX}").exists():
            raise WeightsError(
                f"The id «{card.id}» is that of weights which are part of the program: give them another."
            )
    path = places.students / f"{card.id}{_STUDENT_SUFFIX}"
    if path.exists() and not _is_same(file, path):
        there = engine.read_weights(path).card.sha256
        if there != card.sha256:
            raise WeightsError(
                f"Other weights of the id «{card.id}» are installed: run `forensic-gui weights remove {card.id}` first."
            )
    if _is_same(file, path):
        engine.verify_weights(weights)
        return Installed("localizer", card.id, path, card.sha256, was_there=True)
    staged = _copy(file, path, sha256=card.sha256, cancel=cancel)
    try:
        with StagedFile(path.with_suffix(".json")) as card_file:
            card_file.write(engine.card_json(card).encode())
    except ForensicError:
        staged.discard()
        raise
    commit_together([staged, card_file])
    return Installed("localizer", card.id, path, card.sha256)


def _copy(file: Path, path: Path, *, sha256: str, cancel: CancelToken) -> StagedFile:
    """A staged copy whose bytes have this hash."""
    with _readable(file), file.open("rb") as source:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path.parent} could not be made: {error.strerror}.") from error
        with StagedFile(path) as staged:
            while chunk := source.read(_CHUNK_BYTES):
                cancel.raise_if_cancelled()
                staged.write(chunk)
            if staged.sha256 != sha256:
                raise WeightsError(f"{file} has SHA-256 {staged.sha256}, not {sha256}: it is not taken.")
    return staged


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {error.strerror}.") from error


def _require_expected(found: str, expected: str | None, file: Path) -> None:
    if expected is not None and found != expected:
        raise RequestError(f"{file} is «{found}», not «{expected}».")


def _is_same(file: Path, path: Path) -> bool:
    return path.exists() and path.samefile(file)
