"""What pip would install: looked at in a wheel built from this tree."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

GOOD = [
    "forensic_gui/__init__.py",
    "forensic_gui/py.typed",
    "forensic_gui/cli/main.py",
    "forensic_gui/resources.py",
    "boxprompt/__init__.py",
    "boxprompt/py.typed",
    "forensic_gui/resources/weights/student-1.safetensors",
    "forensic_gui/resources/weights/student-1.json",
    "forensic_gui/resources/sample_case/manifest.json",
    "forensic_gui/resources/sample_case/CREDITS.md",
    "forensic_gui/resources/sample_case/images/launch-pad.jpg",
    "forensic_gui/resources/sample_case/masks/launch-pad.png",
    "forensic_gui/resources/icons/forensic-gui.svg",
    "forensic_gui-0.1.0.dist-info/METADATA",
    "forensic_gui-0.1.0.dist-info/licenses/LICENSE",
]


@pytest.fixture(scope="module")
def check_wheel(checkout: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_wheel", checkout / "packaging" / "check_wheel.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


def test_a_good_wheel_has_no_problem(check_wheel: ModuleType) -> None:
    assert check_wheel.problems(GOOD) == []


@pytest.mark.parametrize(
    "stray",
    [
        "models/__init__.py",
        "models/boxprompt/__init__.py",
        "tests/test_x.py",
        "packaging/build.py",
        "forensic_gui/views/notes.txt",
        "forensic_gui/resources/weights/student-1.pth",
        "forensic_gui/resources/__pycache__/x.pyc",
        "boxprompt/data/photo.jpg",
    ],
)
def test_a_stray_file_is_named(stray: str, check_wheel: ModuleType) -> None:
    assert check_wheel.problems([*GOOD, stray]) == [f"{stray} is not expected"]


@pytest.mark.parametrize(
    ("lost", "problem"),
    [
        ("boxprompt/py.typed", "boxprompt/py.typed is missing"),
        ("forensic_gui/resources/weights/student-1.json", "the weights student-1 have no card"),
        ("forensic_gui/resources/weights/student-1.safetensors", "there are no weights"),
        ("forensic_gui-0.1.0.dist-info/licenses/LICENSE", "the licence is missing"),
    ],
)
def test_a_lost_file_is_named(lost: str, problem: str, check_wheel: ModuleType) -> None:
    assert check_wheel.problems([name for name in GOOD if name != lost]) == [problem]


def test_the_wheel_of_this_tree_holds_what_it_should_and_nothing_else(wheel: Path, check_wheel: ModuleType) -> None:
    assert check_wheel.check(wheel) == []


def test_every_tracked_module_is_in_the_wheel(wheel: Path, checkout: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {path.relative_to(checkout).as_posix() for path in (checkout / "forensic_gui").rglob("*.py")}
    wanted |= {path.relative_to(checkout / "models").as_posix() for path in (checkout / "models").rglob("*.py")}
    assert not wanted - names


def test_an_unpacked_wheel_finds_its_own_resources(wheel: Path, tmp_path: Path) -> None:
    # The module `resources` and the folder `resources` share a name inside the package: both must be reachable.
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = "from forensic_gui.resources import resource; print(resource('sample_case', 'manifest.json'))"
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()) == tmp_path / "forensic_gui" / "resources" / "sample_case" / "manifest.json"
