"""Join trained networks in one weights file, with the rule that fuses their scores in the thorough view.

    python packaging/join_weights.py ID --part student=FILE --part trace_stem=FILE --part residual=FILE
        --weight trace_stem=1 --weight residual=0.5 [--side-weight 1] [--explained 0.7] -o FOLDER

The card keeps every part's own: its hash, recipe, code and steps. Scores, thresholds and calibrations are measured on
the joint file; `release_weights.py` puts them there.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Mapping
from pathlib import Path

from boxprompt.inference.fusion import FusionRule
from boxprompt.inference.joint import ARCHITECTURE, STUDENT, join
from boxprompt.training.run import code_commit
from boxprompt.weights import TrainingSource, WeightsFile, read_weights, write_weights


def main() -> None:
    """Join the parts named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("id", help="name of the joint weights")
    parser.add_argument("--part", action="append", required=True, metavar="NAME=FILE", help="a part's own weights")
    parser.add_argument("--weight", action="append", required=True, metavar="NAME=NUMBER", help="of its logit")
    parser.add_argument("--bias", type=float, default=0.0, help="added to the logits' sum")
    parser.add_argument("--side-weight", type=float, default=1.0, help="of the networks, on which side is the copy")
    parser.add_argument("--explained", type=float, default=0.0, help="how far a repeat weakens what else is scored")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    rule = FusionRule(
        weights={name: float(value) for name, value in map(_pair, arguments.weight)},
        bias=arguments.bias,
        side_weight=arguments.side_weight,
        explained=arguments.explained,
    )
    parts = {name: read_weights(Path(file)) for name, file in map(_pair, arguments.part)}
    joint = join_parts(arguments.id, parts, rule=rule, folder=arguments.output)
    print(f"{joint.path}: SHA-256 {joint.card.sha256}")  # noqa: T201


def join_parts(identifier: str, parts: Mapping[str, WeightsFile], *, rule: FusionRule, folder: Path) -> WeightsFile:
    """Write joint weights with their card.

    Args:
        identifier: name of the joint weights.
        parts: by name, each a file of its own.
        rule: how their scores are fused.
        folder: where to.

    Raises:
        WeightsMismatchError: a part is altered, of another architecture, or missing.
    """
    tensors, table = join(parts, rule)
    whole_view = parts[STUDENT].card
    fields = {
        "id": identifier,
        "architecture": ARCHITECTURE,
        "student": table,
        "input_mean": whole_view.input_mean,
        "input_std": whole_view.input_std,
        "threshold": 0.5,
        "threshold_origin": "not calibrated",
        "training_data": _sources(parts),
        "recipe": {"parts": {name: _origin(weights) for name, weights in parts.items()}},
        "code_commit": code_commit(),
        "steps": sum(weights.card.steps for weights in parts.values()),
        "licence": whole_view.licence,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    return write_weights(tensors, fields, folder)


def _origin(weights: WeightsFile) -> dict[str, object]:
    card = weights.card
    names = ("id", "sha256", "architecture", "recipe", "code_commit", "steps", "parent")
    return {name: getattr(card, name) for name in names}


def _sources(parts: Mapping[str, WeightsFile]) -> tuple[TrainingSource, ...]:
    """What any part was trained on, each once."""
    return tuple(dict.fromkeys(source for weights in parts.values() for source in weights.card.training_data))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SystemExit(f"«{text}» is no NAME=VALUE")
    return name, value


if __name__ == "__main__":
    main()
