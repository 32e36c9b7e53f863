"""Fail unless a wheel holds the two packages, their resources and nothing else.

python packaging/check_wheel.py dist/forensic_gui-*.whl
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Collection
from pathlib import Path

# Whatever matches none of these has no business in the wheel: a new kind of file is added here knowingly.
ALLOWED = tuple(
    re.compile(pattern)
    for pattern in (
        r"forensic_gui/(?!resources/)([a-z_0-9]+/)*[a-z_0-9]+\.py",
        r"boxprompt/([a-z_0-9]+/)*[a-z_0-9]+\.py",
        r"(forensic_gui|boxprompt)/py\.typed",
        r"forensic_gui/resources/weights/[a-z0-9.-]+\.(safetensors|json)",
        r"forensic_gui/resources/icons/[a-z0-9-]+\.(svg|png|ico|icns)",
        r"forensic_gui/resources/report/([a-z0-9_]+/)*[a-z0-9_.-]+\.(toml|css|j2)",
        r"forensic_gui/resources/fonts/[A-Za-z0-9-]+\.(ttf|txt)",
        r"forensic_gui/resources/sample_case/(CREDITS\.md|manifest\.json|images/[a-z0-9-]+\.jpg|masks/[a-z0-9-]+\.png)",
        r"forensic_gui-[^/]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)",
    )
)
REQUIRED = (
    "forensic_gui/py.typed",
    "boxprompt/py.typed",
    "forensic_gui/cli/main.py",
    "forensic_gui/resources/sample_case/manifest.json",
    "forensic_gui/resources/sample_case/CREDITS.md",
    "forensic_gui/resources/icons/forensic-gui.svg",
)
WEIGHTS = re.compile(r"forensic_gui/resources/weights/(?P<id>[a-z0-9.-]+)\.safetensors")
LARGEST_WHEEL_BYTES = 60_000_000


def problems(names: Collection[str]) -> list[str]:
    """What is wrong with the list of files in a wheel, a sentence each; empty when nothing is.

    Args:
        names: paths in the archive, folders left out.
    """
    unexpected = [f"{name} is not expected" for name in names if not any(rule.fullmatch(name) for rule in ALLOWED)]
    missing = [f"{name} is missing" for name in REQUIRED if name not in names]
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in names):
        missing.append("the licence is missing")
    return unexpected + missing + _problems_with_weights(names)


def _problems_with_weights(names: Collection[str]) -> list[str]:
    weights = [match.group("id") for name in names if (match := WEIGHTS.fullmatch(name))]
    if not weights:
        return ["there are no weights"]
    return [
        f"the weights {weights_id} have no card"
        for weights_id in weights
        if f"forensic_gui/resources/weights/{weights_id}.json" not in names
    ]


def check(wheel: Path) -> list[str]:
    """Problems of a wheel file, its size included."""
    with zipfile.ZipFile(wheel) as archive:
        found = problems([name for name in archive.namelist() if not name.endswith("/")])
    if wheel.stat().st_size > LARGEST_WHEEL_BYTES:
        found.append(f"the wheel has {wheel.stat().st_size:,} bytes, more than {LARGEST_WHEEL_BYTES:,}")
    return found


def main(arguments: list[str]) -> int:
    """Check the wheels named on the command line; 1 when any has a problem, 2 without any."""
    if not arguments:
        sys.stderr.write("usage: check_wheel.py WHEEL...\n")
        return 2
    found = [f"{wheel}: {problem}" for wheel in arguments for problem in check(Path(wheel))]
    for line in found:
        sys.stderr.write(line + "\n")
    if not found:
        sys.stdout.write(f"{len(arguments)} wheel(s) hold what they should and nothing else\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
