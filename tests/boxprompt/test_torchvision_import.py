"""torchvision can be imported whether or not its compiled operators fit the torch beside it."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import importlib.util, pathlib, torch
{before}
import boxprompt.torchvision_import as guarded
assert guarded.tiny_vit.TinyVit
assert torch.ops.torchvision.nms
print("declared" if guarded.DECLARED is not None else "compiled")
"""
BROKEN = """
def refuse(path):
    raise OSError("undefined symbol")
torch.ops.load_library = refuse
"""


def run(before: str) -> str:
    checked = subprocess.run(
        [sys.executable, "-c", CHECK.format(before=before)], capture_output=True, text=True, check=False, timeout=120
    )
    assert checked.returncode == 0, checked.stderr
    return checked.stdout.strip()


def test_timm_imports_with_the_torchvision_installed_here() -> None:
    assert run("") in {"declared", "compiled"}


def test_timm_imports_where_torchvisions_operators_cannot_be_loaded() -> None:
    assert run(BROKEN) == "declared"
