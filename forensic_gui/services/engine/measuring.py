"""Segmenters as a benchmark and a comparison need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import EvidenceError
from forensic_gui.services.engine.segmenter import EngineSegmenter, KeepEmbeddings
from forensic_gui.services.engine.segmenters import find_checkpoint, load_teacher
from forensic_gui.services.engine.translation import KINDS, SEGMENTER_KINDS, translated
from forensic_gui.services.progress import CancelToken


def load_measurable_segmenter(
    segmenter: str, *, folders: Sequence[Path], embeddings: KeepEmbeddings | None
) -> EngineSegmenter:
    """A segmenter on the CPU to take times of; one of the true shape with random weights where it is not installed.

    Raises:
        SegmenterError: unknown, altered or unfit.
    """
    from boxprompt.teacher.checkpoints import checkpoint_of_id
    from boxprompt.teacher.measuring import random_sam  # torch: seconds

    checkpoint = checkpoint_of_id(segmenter)
    if checkpoint is None or find_checkpoint(checkpoint, folders=folders) is not None:
        return EngineSegmenter(load_teacher(segmenter, folders=folders, device="cpu"), embeddings=embeddings)
    with translated(SEGMENTER_KINDS):
        return EngineSegmenter(random_sam(segmenter, device="cpu"), embeddings=embeddings)


def encoder_macs(segmenter: str) -> int:
    """Multiply-adds in which a SAM encodes one image.

    Raises:
        SegmenterError: there is no such SAM.
    """
    from boxprompt.teacher.measuring import encoder_macs as count  # torch: seconds

    with translated(SEGMENTER_KINDS):
        return count(segmenter)


def score_segmenter(
    segmenter: str,
    folder: Path,
    *,
    folders: Sequence[Path],
    device: str,
    limit: int | None,
    read: Callable[[Path], NDArray[np.uint8]],
    on_image: Callable[..., None],
    cancel: CancelToken,
) -> Any:
    """Measure a segmenter with loose boxes against known masks; see `boxprompt.evaluation.segmenters`.

    Args:
        segmenter: id.
        folder: with `images/` and `masks/`.
        folders: where checkpoints lie.
        device: "auto", "cpu", "cuda" or "mps".
        limit: at most so many images, spread evenly; None for all.
        read: pixels of an image, uint8 (H, W, 3), as stored; EvidenceError where it cannot be read.
        on_image: called with `done`, `total`, `item` and `failure` after every image.
        cancel: looked at before every image and by the segmenter.

    Returns:
        `boxprompt.evaluation.segmenters.SegmenterScores`.

    Raises:
        SegmenterError: unknown, not installed, altered or unfit.
        RequestError: the folder holds no such images.
        Cancelled: stopping was asked for.
    """
    from boxprompt.data.datasets import UnreadableImageError  # OpenCV: tenths
    from boxprompt.evaluation.segmenters import evaluate_segmenter

    def read_or_name(path: Path) -> NDArray[np.uint8]:
        try:
            return read(path)
        except EvidenceError as error:
            raise UnreadableImageError(str(error)) from error

    teacher = load_teacher(segmenter, folders=folders, device=device)
    with translated(KINDS):
        return evaluate_segmenter(
            teacher,
            folder,
            limit=limit,
            read=read_or_name,
            progress=on_image,
            should_stop=lambda: cancel.is_cancelled,
        )
