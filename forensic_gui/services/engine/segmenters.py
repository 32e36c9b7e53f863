"""Which segmenter is loaded, and from which file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from boxprompt.teacher.checkpoints import CHECKPOINTS, Checkpoint, checkpoint_of_id
from forensic_gui.domain.errors import DeviceUnavailable, SegmenterError
from forensic_gui.services.engine.segmenter import EngineSegmenter, KeepEmbeddings
from forensic_gui.services.engine.translation import SEGMENTER_KINDS, translated

if TYPE_CHECKING:
    from boxprompt.teacher.contracts import Teacher

GRABCUT_ID, GRABCUT_NAME = "grabcut", "GrabCut (no SAM)"


def load_segmenter(
    *,
    folders: Sequence[Path],
    segmenter: str | None = None,
    device: str = "auto",
    embeddings: KeepEmbeddings | None = None,
) -> EngineSegmenter:
    """Load a segmenter: seconds for SAM, because torch is imported and a checkpoint hashed.

    Where none is named, the best of the installed ones is taken: on CUDA the largest, for there the encoder takes
    tenths of a second; elsewhere the fastest, for there it is what the analyst waits for. One that cannot be used is
    passed over with a notice. GrabCut comes last.

    Args:
        folders: where checkpoints lie, first match wins.
        segmenter: id; None for the best one installed.
        device: "auto", "cpu", "cuda" or "mps".
        embeddings: keeps what SAM saw of images.

    Raises:
        SegmenterError: unknown, not installed, altered or unfit.
        DeviceUnavailable: the device is not on this machine.
    """
    if segmenter is not None:
        return EngineSegmenter(load_teacher(segmenter, folders=folders, device=device), embeddings=embeddings)
    installed = [each.id for each in CHECKPOINTS if find_checkpoint(each, folders=folders) is not None]
    notices: list[str] = []
    for id in _best_first(installed, device=device):
        try:
            teacher = load_teacher(id, folders=folders, device=device)
        except SegmenterError as error:
            notices.append(f"{error} It was passed over.")
            continue
        return EngineSegmenter(teacher, embeddings=embeddings, notices=tuple(notices))
    return EngineSegmenter(_grabcut(device), notices=tuple(notices))


def find_checkpoint(checkpoint: Checkpoint, *, folders: Sequence[Path]) -> Path | None:
    """Where a checkpoint lies, under the name it was published by; its hash is not checked."""
    return next((path for folder in folders if (path := folder / checkpoint.file_name).is_file()), None)


def _best_first(installed: Sequence[str], *, device: str) -> Sequence[str]:
    """Ids of installed checkpoints, which come light before heavy, in the order in which they are tried."""
    if not installed:
        return ()
    from boxprompt.inference.device import resolve_device  # torch: seconds

    with translated(SEGMENTER_KINDS):
        return installed[::-1] if resolve_device(device).type == "cuda" else installed


def load_teacher(id: str, *, folders: Sequence[Path], device: str) -> Teacher:
    """The teacher of an id; raises as `load_segmenter` does."""
    if id == GRABCUT_ID:
        return _grabcut(device)
    checkpoint = checkpoint_of_id(id)
    if checkpoint is None:
        known = ", ".join((GRABCUT_ID, *(each.id for each in CHECKPOINTS)))
        raise SegmenterError(f"There is no segmenter «{id}»; choose one of {known}.")
    path = find_checkpoint(checkpoint, folders=folders)
    if path is None:
        raise SegmenterError(
            f"{checkpoint.name} is not installed: run `forensic-gui weights install {id}`, or fetch "
            f"{checkpoint.address} elsewhere and run `forensic-gui weights import {checkpoint.file_name}`."
        )
    from boxprompt.teacher.sam import load_sam  # torch: seconds

    with translated(SEGMENTER_KINDS):
        return load_sam(path, id=id, device=device)


def _grabcut(device: str) -> Teacher:
    if device not in _GRABCUT_DEVICES:
        raise DeviceUnavailable(f"{GRABCUT_NAME} computes on the CPU alone; run with --device cpu or auto.")
    from boxprompt.teacher.grabcut import GrabCut  # OpenCV: tenths

    return GrabCut()


_GRABCUT_DEVICES = frozenset({"auto", "cpu"})
