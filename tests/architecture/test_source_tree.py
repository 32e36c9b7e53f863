"""Rules about files that no linter knows."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

LONGEST_FILE_LINES = 400
PACKAGES = ("forensic_gui", "models/boxprompt")


def source_files(checkout: Path) -> list[Path]:
    folders = ("forensic_gui", "models", "tests", "packaging")
    return sorted(path for folder in folders for path in (checkout / folder).rglob("*.py"))


def test_no_source_file_is_too_long(checkout: Path) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in source_files(checkout)}
    assert lengths, "found no source at all"
    too_long = {str(path.relative_to(checkout)): n for path, n in lengths.items() if n >= LONGEST_FILE_LINES}
    assert not too_long


def test_packaging_is_a_folder_and_not_a_package(checkout: Path) -> None:
    # As a package it would shadow the distribution of that name, which pip and PyInstaller import.
    assert not list((checkout / "packaging").rglob("__init__.py"))


def test_models_is_on_the_import_path_and_not_a_package(checkout: Path) -> None:
    # A top-level package called `models` would overwrite any other distribution's.
    assert not (checkout / "models" / "__init__.py").exists()
    assert [path.name for path in (checkout / "models").iterdir() if path.is_dir() and path.name != "__pycache__"] == [
        "boxprompt"
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_source_is_a_package(package: str, checkout: Path) -> None:
    # setuptools and hatchling ship a folder without __init__.py, mypy and import-linter may not see it.
    bare = {
        str(path.parent.relative_to(checkout))
        for path in (checkout / package).rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }
    assert not bare


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_declare_that_they_are_typed(package: str, checkout: Path) -> None:
    assert (checkout / package / "py.typed").is_file()


@pytest.mark.parametrize("package", PACKAGES)
def test_libraries_never_configure_logging(package: str, checkout: Path) -> None:
    calls = [
        f"{path.relative_to(checkout)}:{node.lineno}"
        for path in (checkout / package).rglob("*.py")
        if "cli" not in path.relative_to(checkout).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"logging.basicConfig", "basicConfig"}
    ]
    assert not calls


@pytest.mark.parametrize("package", PACKAGES)
def test_checkpoints_are_never_unpickled_freely(package: str, checkout: Path) -> None:
    # A pickle runs its payload before any error: torch.load must say weights_only=True, pickle.load is not used.
    offenders = [
        f"{path.relative_to(checkout)}:{node.lineno}"
        for path in (checkout / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _loads_a_pickle(node)
    ]
    assert not offenders


def _loads_a_pickle(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if name in {"pickle.load", "pickle.loads"}:
        return True
    safely = any(
        k.arg == "weights_only" and isinstance(k.value, ast.Constant) and k.value.value is True for k in call.keywords
    )
    return name == "torch.load" and not safely


def test_no_large_or_built_file_is_tracked(checkout: Path) -> None:
    if not (checkout / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    tracked = [checkout / name for name in listed if name]
    large = [path for path in tracked if path.is_file() and path.stat().st_size > 25_000_000]
    built = [path for path in tracked if {"__pycache__", "dist", "build"} & set(path.relative_to(checkout).parts)]
    assert not large
    assert not built
