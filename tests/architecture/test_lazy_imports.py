"""What must start fast or run without a screen imports neither torch nor Qt: tried with those packages blocked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

QT = ("PySide6", "shiboken6", "pyqtgraph")
TORCH = ("torch", "torchvision", "timm", "segment_anything")
# Blocking is stricter than looking at sys.modules afterwards: a guarded `try: import torch` shows too,
# for the finder records the attempt.
SCRIPT = """
import importlib, sys

class Blocked:
    attempts = []
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            self.attempts.append(name)
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

BLOCKED = set(sys.argv[2].split(","))
sys.meta_path.insert(0, Blocked())
importlib.import_module(sys.argv[1])
sys.exit(f"imported {Blocked.attempts}" if Blocked.attempts else 0)
"""


def import_with_blocked(module: str, blocked: tuple[str, ...], checkout: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(checkout), str(checkout / "models")])
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, module, ",".join(blocked)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "blocked"),
    [
        ("forensic_gui.cli.main", QT + TORCH),
        ("forensic_gui.cli.demo", QT + TORCH),
        ("forensic_gui.services.analyze", QT + TORCH),
        ("forensic_gui.services.bootstrap", QT + TORCH),
        ("forensic_gui.services.engine", QT),
        ("forensic_gui.views.app", TORCH),
        ("boxprompt", QT + TORCH),
        ("boxprompt.contracts", QT + TORCH),
        ("boxprompt.data.decode", QT + TORCH),
        ("boxprompt.network.student", QT),
        ("boxprompt.inference.localize", QT),
        ("boxprompt.training.loop", QT),
    ],
)
def test_importing_needs_none_of_the_heavy_packages(module: str, blocked: tuple[str, ...], checkout: Path) -> None:
    result = import_with_blocked(module, blocked, checkout)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("package", ["torch", "PySide6"])
def test_the_block_itself_catches_an_import(package: str, checkout: Path) -> None:
    result = import_with_blocked(package, (package,), checkout)
    assert result.returncode != 0
    assert f"{package} is blocked" in result.stderr


def test_the_block_catches_a_guarded_import(tmp_path: Path) -> None:
    (tmp_path / "guarded.py").write_text("try:\n    import torch\nexcept ImportError:\n    torch = None\n")
    result = import_with_blocked("guarded", ("torch",), tmp_path)
    assert result.returncode != 0
    assert "imported ['torch']" in result.stderr
