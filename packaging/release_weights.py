"""Put trained weights among the resources: copy, set thresholds, put scores, calibrations and domain on the card.

    python packaging/release_weights.py runs/NAME/NAME.safetensors --scores fast.json --calibration fast.fit.json
        [--scores thorough.json --calibration thorough.fit.json] --limit "..." [--threshold best]

Each pair of files is what `forensic-gui evaluate DATASET --weights runs/NAME/NAME.safetensors --views VIEW -o VIEW.json
--fit-calibration VIEW.fit.json` wrote for one view.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxprompt.calibration_file import calibrate_card, read_calibration
from boxprompt.card_calibration import TrainingDomain
from boxprompt.training.domain import domain_of_recipe
from boxprompt.weights import WeightsFile, read_weights, rewrite_card

SHIPPED = Path(__file__).resolve().parent.parent / "resources" / "weights"
BEST = "best"


@dataclass(frozen=True, slots=True)
class Measured:
    """What an evaluation of one view said of the weights.

    Attributes:
        view: "fast" or "thorough".
        scores: `boxprompt.evaluation.records.Scores` as JSON values.
    """

    view: str
    scores: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Under which the card keeps it."""
        dataset = str(self.scores["dataset"])
        return dataset if self.view == "fast" else f"{dataset}, {self.view} view"


def main() -> None:
    """Release the weights named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="the .safetensors file of a training run")
    parser.add_argument("--scores", type=Path, action="append", required=True, help="scores of these weights, a view")
    parser.add_argument("--calibration", type=Path, action="append", default=[], help="a calibration, a view")
    parser.add_argument("--threshold", default=BEST, help="«best» on the scores' dataset, or VIEW=NUMBER,…")
    parser.add_argument("--limit", action="append", default=[], help="a sentence on what the weights were not made for")
    parser.add_argument("--short-side", help="LOW,HIGH in pixels, where the recipe does not say what it trained on")
    parser.add_argument("--jpeg-quality", help="LOW,HIGH likewise")
    arguments = parser.parse_args()
    weights = read_weights(arguments.weights)
    released = release(
        weights,
        measured=[measured_of(weights, json.loads(path.read_text(encoding="utf-8"))) for path in arguments.scores],
        calibrations=arguments.calibration,
        threshold=arguments.threshold,
        domain=_domain(weights, short_side=arguments.short_side, jpeg_quality=arguments.jpeg_quality),
        limits=tuple(arguments.limit),
        folder=SHIPPED,
    )
    card = released.card
    print(  # noqa: T201
        f"{released.path}: SHA-256 {card.sha256}, thresholds {card.threshold_of('fast'):g} (fast) and "
        f"{card.threshold_of('thorough'):g} (thorough), calibrated: {', '.join(card.calibration) or 'no view'}"
    )


def measured_of(weights: WeightsFile, record: Mapping[str, Any]) -> Measured:
    """What an evaluation said of these weights.

    Args:
        weights: the weights.
        record: what `forensic-gui evaluate` wrote.

    Raises:
        ValueError: the scores are not of these weights.
    """
    localizer = record["localizer"]
    found = next((one for one in record["scores"] if one["localizer"] == weights.card.id), None)
    if found is None or localizer["weights_sha256"] != weights.card.sha256:
        raise ValueError(f"the scores are not of «{weights.card.id}», SHA-256 {weights.card.sha256}")
    return Measured(localizer["views"], found)


def release(
    weights: WeightsFile,
    *,
    measured: Sequence[Measured],
    calibrations: Sequence[Path] = (),
    threshold: str = BEST,
    domain: TrainingDomain | None = None,
    limits: tuple[str, ...] = (),
    folder: Path,
) -> WeightsFile:
    """Copy verified weights to `folder` and complete their card.

    Args:
        weights: as a training run exported them.
        measured: scores by view, that of the fast view among them.
        calibrations: files that evaluations wrote, one a view.
        threshold: "best" for each view's best single threshold on the scores' dataset; VIEW=NUMBER, several with commas
            between, for views where another is wanted.
        domain: which images the weights were trained on.
        limits: sentences for the card.
        folder: where shipped weights lie.

    Raises:
        ValueError: there are no scores of the fast view, or two of one view.
        CalibrationError: a calibration is not of these weights.
        WeightsMismatchError: the file is not the one on its card.
    """
    views = [one.view for one in measured]
    if "fast" not in views or len(set(views)) < len(views):
        raise ValueError(f"scores of each view are needed once, of the fast one in any case, not {views}")
    weights.verify()
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in (".safetensors", ".json"):
        shutil.copyfile(weights.path.with_suffix(suffix), folder / (weights.card.id + suffix))
    released = rewrite_card(
        read_weights(folder / f"{weights.card.id}.safetensors"),
        **_thresholds(measured, threshold),
        scores={one.name: dict(one.scores) for one in measured},
        domain=domain,
        limits=limits,
    )
    return calibrate_card(released, [read_calibration(path) for path in calibrations])


def _thresholds(measured: Sequence[Measured], threshold: str) -> dict[str, Any]:
    views = [one.view for one in measured]
    chosen = dict(_chosen(part, views) for part in threshold.split(",") if part != BEST)
    found, origins = {}, []
    for one in measured:
        if one.view in chosen:
            found[one.view] = chosen[one.view]
            origins.append(f"{one.view} view: chosen")
        else:
            found[one.view] = round(float(one.scores["best_threshold"]), 4)
            dataset = one.scores["dataset"]
            origins.append(f"{one.view} view: the best single threshold over the manipulated images of {dataset}")
    return {"threshold": found.pop("fast"), "view_thresholds": found, "threshold_origin": "; ".join(origins)}


def _chosen(text: str, views: Sequence[str]) -> tuple[str, float]:
    view, equals, number = text.partition("=")
    if not equals or view not in views:
        raise ValueError(f"a threshold is «best» or VIEW=NUMBER for one of {', '.join(views)}, not «{text}»")
    return view, float(number)


def _domain(weights: WeightsFile, *, short_side: str | None, jpeg_quality: str | None) -> TrainingDomain | None:
    recipe = domain_of_recipe(weights.card.recipe)
    if short_side is None and jpeg_quality is None:
        return recipe
    told = {} if recipe is None else recipe.model_dump()
    ranges = {"short_side_px": short_side, "jpeg_quality": jpeg_quality}
    return TrainingDomain.model_validate(told | {name: text.split(",") for name, text in ranges.items() if text})


if __name__ == "__main__":
    main()
