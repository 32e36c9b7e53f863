"""Scores of a localizer against known masks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import EvidenceError
from forensic_gui.services.engine.translation import translated
from forensic_gui.services.progress import CancelToken

if TYPE_CHECKING:
    from forensic_gui.services.evaluate import FolderScores, OnImage


def score_folder(
    folder: Path,
    *,
    name: str,
    localize: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    threshold: float,
    baselines: bool,
    limit: int | None,
    read: Callable[[Path], NDArray[np.uint8]],
    on_image: OnImage,
    cancel: CancelToken,
) -> FolderScores:
    """Score a localizer, and on request trivial baselines, on a dataset; see the port `ScoreFolder`."""
    from boxprompt.data.datasets import UnreadableImageError  # OpenCV: tenths
    from boxprompt.evaluation import Subject, baseline_subjects, evaluate_folder

    def read_or_name(path: Path) -> NDArray[np.uint8]:
        try:
            return read(path)
        except EvidenceError as error:
            raise UnreadableImageError(str(error)) from error

    with translated():
        return evaluate_folder(
            folder,
            subjects=(
                Subject(name=name, localize=localize, threshold=threshold),
                *(baseline_subjects() if baselines else ()),
            ),
            limit=limit,
            read=read_or_name,
            progress=on_image,
            should_stop=lambda: cancel.is_cancelled,
        )


def pixel_f1(mask: NDArray[np.bool_], *, known: NDArray[np.bool_]) -> float:
    """Pixel F1 in [0, 1] of a mask bool (H, W) against the known one, by the definition that evaluations use."""
    from boxprompt.metrics import pixel

    ranked = pixel.rank(mask.astype(np.float32), known)
    return float(pixel.f1(ranked.confusion(0.5)))
