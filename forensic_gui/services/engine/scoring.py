"""Scores of a localizer against known masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import RequestError
from forensic_gui.services.engine.finetuning import naming_failures
from forensic_gui.services.engine.translation import translated, view_name
from forensic_gui.services.progress import CancelToken

if TYPE_CHECKING:
    from boxprompt.evaluation.folder import ScoresOf
    from forensic_gui.services.scoring import FolderScores, OnImage, ScoredLocalizer, ScoringPlan


def score_folder(
    dataset: Path,
    *,
    localizer: ScoredLocalizer,
    plan: ScoringPlan,
    read: Callable[[Path], NDArray[np.uint8]],
    on_image: OnImage,
    cancel: CancelToken,
) -> FolderScores:
    """Score a localizer, and whatever else a plan says, on a dataset; see the port `ScoreFolder`."""
    from boxprompt.evaluation import Plan, Subject, baseline_subjects, evaluate_folder  # OpenCV: tenths
    from boxprompt.evaluation.robustness import conditions

    baselines = baseline_subjects() if plan.baselines else ()
    _require_names_apart([localizer.name, *(one.name for one in baselines)], plan)
    with translated():
        return evaluate_folder(
            dataset,
            subjects=(
                Subject(name=localizer.name, localize=localizer.localize, threshold=localizer.threshold),
                *baselines,
            ),
            plan=Plan(
                predictions=plan.predictions,
                variants=tuple(variant.value for variant in plan.variants),
                cells=conditions() if plan.robustness else (),
                limit=plan.limit,
                calibrate=_scores_of(localizer) if plan.calibrate else None,
            ),
            read=naming_failures(read),
            progress=on_image,
            should_stop=lambda: cancel.is_cancelled,
        )


def _scores_of(localizer: ScoredLocalizer) -> ScoresOf:
    from boxprompt.evaluation.folder import ScoresOf

    return ScoresOf(localizer.name, localizer.weights_sha256, localizer.network_sha256, view_name(localizer.view))


def _require_names_apart(names: Sequence[str], plan: ScoringPlan) -> None:
    taken = [name for name in plan.predictions if name in names]
    if taken:
        raise RequestError(f"«{taken[0]}» is a row of the table already; give those heatmaps another name.")


def pixel_f1(mask: NDArray[np.bool_], *, known: NDArray[np.bool_]) -> float:
    """Pixel F1 in [0, 1] of a mask bool (H, W) against the known one, by the definition that evaluations use."""
    from boxprompt.metrics import pixel

    ranked = pixel.rank(mask.astype(np.float32), known)
    return float(pixel.f1(ranked.confusion(0.5)))
