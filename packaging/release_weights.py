"""Put trained weights among the resources: copy, set the threshold, write the measured scores on the card.

    python packaging/release_weights.py runs/NAME/NAME.safetensors --scores scores.json --limit "..." [--threshold best]

`scores.json` is what `forensic-gui evaluate DATASET --weights runs/NAME/NAME.safetensors -o scores.json` wrote.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from boxprompt.weights import WeightsFile, read_weights, rewrite_card

SHIPPED = Path(__file__).resolve().parent.parent / "resources" / "weights"


def main() -> None:
    """Release the weights named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="the .safetensors file of a training run")
    parser.add_argument("--scores", type=Path, required=True, help="scores.json of these weights")
    parser.add_argument("--threshold", default="best", help="a model score, or «best» on the scores' dataset")
    parser.add_argument("--limit", action="append", default=[], help="a sentence on what the weights were not made for")
    arguments = parser.parse_args()
    released = release(
        read_weights(arguments.weights),
        scores=json.loads(arguments.scores.read_text(encoding="utf-8")),
        threshold=arguments.threshold,
        limits=tuple(arguments.limit),
        folder=SHIPPED,
    )
    print(f"{released.path}: SHA-256 {released.card.sha256}, threshold {released.card.threshold:.3f}")  # noqa: T201


def release(
    weights: WeightsFile, *, scores: dict[str, Any], threshold: str, limits: tuple[str, ...], folder: Path
) -> WeightsFile:
    """Copy verified weights to `folder` and complete their card.

    Args:
        weights: as a training run exported them.
        scores: what `forensic-gui evaluate` wrote.
        threshold: a number, or "best" for the best single threshold on the scores' dataset.
        limits: sentences for the card.
        folder: where shipped weights lie.

    Raises:
        ValueError: the scores are not of these weights.
        WeightsMismatchError: the file is not the one on its card.
    """
    measured = next((one for one in scores["scores"] if one["localizer"] == weights.card.id), None)
    if measured is None:
        raise ValueError(f"the scores are not of «{weights.card.id}»")
    weights.verify()
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in (".safetensors", ".json"):
        shutil.copyfile(weights.path.with_suffix(suffix), folder / (weights.card.id + suffix))
    best = threshold == "best"
    origin = f"the best single threshold over the manipulated images of {measured['dataset']}" if best else "chosen"
    return rewrite_card(
        read_weights(folder / f"{weights.card.id}.safetensors"),
        threshold=round(float(measured["best_threshold"] if best else threshold), 4),
        threshold_origin=origin,
        scores={measured["dataset"]: measured},
        limits=limits,
    )


if __name__ == "__main__":
    main()
