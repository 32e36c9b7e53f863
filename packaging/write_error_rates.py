"""Write the error rates of the shipped weights into the user guide and onto their cards, from evaluations.

    python packaging/write_error_rates.py fast.json [thorough.json]

Each file is what `forensic-gui evaluate DATASET --views VIEW --robustness -o VIEW.json` wrote. The figures are kept in
docs/results/error-rates.json; the section of docs/user-guide.md between its two marks is made of these, and the cards
of resources/weights say the same, so that reports can print them. With no file the kept figures are written again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boxprompt.evaluation.error_rates import ErrorRates
from boxprompt.weights import read_weights, rewrite_card

CHECKOUT = Path(__file__).resolve().parent.parent
GUIDE = CHECKOUT / "docs" / "user-guide.md"
RATES = CHECKOUT / "docs" / "results" / "error-rates.json"
WEIGHTS = CHECKOUT / "resources" / "weights"
BEGIN = "<!-- error rates: written by packaging/write_error_rates.py -->"
END = "<!-- end of error rates -->"


def main() -> None:
    """Write the files from the scores named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scores", type=Path, nargs="*", help="scores under degradations, a view each")
    arguments = parser.parse_args()
    if arguments.scores:
        rates = [ErrorRates.of(json.loads(path.read_text(encoding="utf-8"))) for path in arguments.scores]
        RATES.write_text(as_text([each.as_json() for each in rates]), encoding="utf-8")
    kept = json.loads(RATES.read_text(encoding="utf-8"))
    GUIDE.write_text(with_section(GUIDE.read_text(encoding="utf-8"), kept), encoding="utf-8")
    write_cards(kept, WEIGHTS)
    print(f"{GUIDE}: {sum(len(each['conditions']) for each in kept)} rows of {len(kept)} views")  # noqa: T201


def write_cards(kept: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Put onto the card of every weights in a folder what was measured of them, or nothing."""
    for path in sorted(folder.glob("*.safetensors")):
        weights = read_weights(path)
        own = [each for each in kept if each["weights_sha256"] == weights.card.sha256]
        if own != list(weights.card.error_rates):
            rewrite_card(weights, error_rates=own)


def as_text(kept: Sequence[Mapping[str, Any]]) -> str:
    """JSON for people and diffs: a line for each condition."""
    views = []
    for one in kept:
        facts = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in one.items() if name != "conditions"]
        conditions = ",\n".join(f"  {json.dumps(condition)}" for condition in one["conditions"])
        views.append("{\n" + ",\n".join([*facts, f' "conditions": [\n{conditions}\n ]']) + "\n}")
    return "[" + ", ".join(views) + "]\n"


def section(kept: Sequence[Mapping[str, Any]]) -> str:
    """What stands between the marks, of what is kept in docs/results/error-rates.json."""
    return "\n" + "\n".join(ErrorRates.from_json(each).markdown() for each in kept) + "\n"


def with_section(guide: str, kept: Sequence[Mapping[str, Any]]) -> str:
    """The guide with the section made anew.

    Raises:
        ValueError: the guide has not both marks, once each.
    """
    if guide.count(BEGIN) != 1 or guide.count(END) != 1:
        raise ValueError(f"the guide needs the marks {BEGIN} and {END}, once each")
    before, _, rest = guide.partition(BEGIN)
    return f"{before}{BEGIN}\n{section(kept)}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    main()
