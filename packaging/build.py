"""Build the frozen application in one folder.

    python packaging/build.py [--dist FOLDER]

Needs the application and its `dev` extra installed. The result is FOLDER/forensic-gui (default: dist/), which runs on
machines without Python; `packaging/smoke_test.py` tries it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from PyInstaller import __main__ as pyinstaller  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Build, and say where the result lies, how large it is and how long it took."""
    parser = argparse.ArgumentParser(description="Build the frozen application in one folder.")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="folder to put forensic-gui/ into")
    chosen = parser.parse_args(arguments)
    dist = chosen.dist.resolve()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="forensic-gui-build-") as work:
        pyinstaller.run(
            [
                str(ROOT / "packaging" / "forensic-gui.spec"),
                f"--distpath={dist}",
                f"--workpath={work}",
                "--noconfirm",
                "--log-level=WARN",
            ]
        )
    folder = dist / "forensic-gui"
    sys.stdout.write(f"{folder}: {_megabytes(folder):,.0f} MB in {time.monotonic() - started:,.0f} s\n")
    return 0


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
