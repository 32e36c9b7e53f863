"""What a fine-tuning is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TERMS_UNSTATED = "the user's own images and labels; their terms are not stated"


@dataclass(frozen=True, slots=True)
class FinetuneRequest:
    """What to learn from, what to start from, where to.

    Attributes:
        source: a dataset in any layout that has more than boxes; or a case.
        output: path of a `.safetensors` file, or an id under which the new weights are installed.
        weights: id or path of the weights to start from, a student's or joint ones, of which the student is tuned; None
            for the student's that ship.
        recipe: numbers that differ from the default recipe (`boxprompt.training.finetune_config.FinetuneRecipe`).
        held_out: share of the images that chooses nothing and is scored before and after.
        validation: share of the images that chooses the stopping step and the threshold.
        seed: of the split and of every sample.
        retain: a dataset on which the scores must not fall; None for none but the composites that are always used.
        composites: images of the set that shows what was forgotten; fewer only where time matters more.
        scribbles: of a case, learn from an image's scribbles alone where it has some, in place of its regions.
        resume: go on with the unfinished run.
        replace: write over existing weights, and over an unfinished run.
        device: "auto", "cpu", "cuda" or "mps".
        threads: of torch; 0 leaves its default.
        terms: on what terms the images may be used, for the card.
    """

    source: Path
    output: str
    weights: str | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    held_out: float = 0.25
    validation: float = 0.15
    seed: int = 0
    retain: Path | None = None
    composites: int = 64
    scribbles: bool = False
    resume: bool = False
    replace: bool = False
    device: str = "auto"
    threads: int = 0
    terms: str = TERMS_UNSTATED
