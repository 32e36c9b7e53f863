"""Scores before and after, as `forensic-gui evaluate` measures them, and whether something was forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forensic_gui.services import engine
from forensic_gui.services.evaluate import UprightReader, scores_of
from forensic_gui.services.finetune.control import RunControl
from forensic_gui.services.finetune.events import Comparison, FinetuneEvent, StageEvent
from forensic_gui.services.ports import Localizer, Views
from forensic_gui.services.progress import CancelToken

WORST_FALL = 0.02
"""How far a score of the retention set may fall, in F1 or AUC, before the user is warned."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores localizers on images.

    Attributes:
        reader: decodes images as evidence is decoded.
        control: asked before every image.
        cancel: looked at within an image.
        tell: told of stages.
    """

    reader: UprightReader
    control: RunControl
    cancel: CancelToken
    tell: Callable[[FinetuneEvent], None]

    def score(self, dataset: Any, localizer: Localizer, *, views: Views, threshold: float) -> dict[str, Any]:
        """Score a view of a localizer at a threshold; see `engine.score_dataset`.

        Raises:
            Cancelled: stopping was asked for.
        """
        self.tell(StageEvent(f"scoring «{localizer.info.weights_id}», {views.value} view, on {dataset.name}"))
        return engine.score_dataset(
            dataset,
            name=localizer.info.weights_id,
            localize=lambda pixels: scores_of(pixels, localizer=localizer, views=views, cancel=self.cancel),
            threshold=threshold,
            read=self.reader.read,
            control=self.control,
        )


def forgetting(comparison: Comparison) -> str | None:
    """The warning where weights got worse on images that have nothing to do with the labels; else None."""
    before, after = comparison.before, comparison.after
    pairs = (
        ("F1 at the best threshold", before.f1_at_best, after.f1_at_best),
        ("AUC", before.auc.value, after.auc.value),
    )
    falls = [
        f"{name} from {old:.3f} to {new:.3f}"
        for name, old, new in pairs
        if old is not None and new is not None and old - new > WORST_FALL
    ]
    if not falls:
        return None
    return (
        f"On {comparison.name} the new weights are worse than those they come from ({', '.join(falls)}; "
        f"more than {WORST_FALL:g} is told): they have lost some of what they knew."
    )
