"""Compare every segmenter that can run here, by loose boxes against known masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import SegmenterError
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.segmenting.offers import KnownSegmenter

COMPARISON_SCHEMA = "forensic-gui.segmenters/1"


class ScoreSegmenter(Protocol):
    """Measures one segmenter on a folder; see `engine.score_segmenter`."""

    def __call__(
        self,
        segmenter: str,
        folder: Path,
        *,
        limit: int | None,
        read: Callable[[Path], NDArray[np.uint8]],
        on_image: Callable[..., None],
        cancel: CancelToken,
    ) -> Any:
        """Measure."""
        ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """Segmenters on one folder.

    Attributes:
        scores: of each segmenter that ran, a `boxprompt.evaluation.segmenters.SegmenterScores`.
        failures: why others did not, a sentence by id.
    """

    scores: tuple[Any, ...]
    failures: dict[str, str]

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "schema": COMPARISON_SCHEMA,
            "segmenters": [scores.as_json() for scores in self.scores],
            "failures": self.failures,
        }


def compare(
    folder: Path,
    *,
    segmenters: Sequence[KnownSegmenter],
    decoder: Decoder,
    score: ScoreSegmenter,
    limit: int | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> Comparison:
    """Measure every installed segmenter on the same images with the same boxes.

    Images are shown as stored, as their label maps are; EXIF orientation is left aside.

    Args:
        folder: with `images/` and `masks/`.
        segmenters: those that are known; the ones that are not installed are left out.
        decoder: makes pixels of images.
        score: measures one segmenter.
        limit: at most so many images, spread evenly; None for all.
        progress: told of every image of every segmenter.
        cancel: ends the comparison.

    Raises:
        RequestError: the folder holds no such images.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    scores: list[Any] = []
    failures: dict[str, str] = {}
    for segmenter in (each for each in segmenters if each.is_installed):
        try:
            scores.append(
                score(
                    segmenter.id,
                    folder,
                    limit=limit,
                    read=lambda path: decoder.decode(path, cancel=token).pixels,
                    on_image=_teller(segmenter, progress),
                    cancel=token,
                )
            )
        except SegmenterError as error:
            failures[segmenter.id] = str(error)
    return Comparison(tuple(scores), failures)


def _teller(segmenter: KnownSegmenter, progress: ProgressSink) -> Callable[..., None]:
    failed = 0

    def tell(*, done: int, total: int, item: str, failure: str) -> None:
        nonlocal failed
        failed += bool(failure)
        kind = "failed" if failure else "finished"
        progress(ProgressEvent(done, total, failed, f"{segmenter.name}: {item}", kind, failure))  # type: ignore[arg-type]

    return tell
