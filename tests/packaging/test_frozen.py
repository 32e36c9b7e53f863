"""What the frozen application needs, as far as it can be seen without building it.

`packaging/smoke_test.py` tries a built one.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from forensic_gui.resources import resources_folder
from forensic_gui.services.decoding import WORKER_FLAG, default_command
from forensic_gui.services.doctor import PACKAGES

PACKAGE_FOLDERS = ("forensic_gui", "models/boxprompt")


@dataclass
class Build:
    """What the spec asks PyInstaller for."""

    analysis: dict[str, Any] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    programs: dict[str, bool] = field(default_factory=dict)  # name -> of the console
    bundles: list[str] = field(default_factory=list)
    used: Any = None

    @property
    def metadata(self) -> set[str]:
        return {destination for source, destination in self.analysis["datas"] if source == "metadata"}


def modules(checkout: Path, package: str) -> list[str]:
    root = (checkout / package).parent
    names = (path.relative_to(root).with_suffix("").parts for path in (checkout / package).rglob("*.py"))
    return [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in names]


def run_spec(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Run the spec with PyInstaller's names standing for recorders, so that PyInstaller need not be installed."""
    build = Build()
    own = {Path(folder).name: folder for folder in PACKAGE_FOLDERS}

    def collect_submodules(package: str) -> list[str]:
        return modules(checkout, own[package]) if package in own else [package]

    def analysis(scripts: list[str], **options: Any) -> SimpleNamespace:
        build.scripts, build.analysis = scripts, options
        return SimpleNamespace(binaries=[], datas=[], pure=[], scripts=[])

    def exe(*_: object, name: str, console: bool, **__: object) -> None:
        build.programs[name] = console

    hooks = ModuleType("PyInstaller.utils.hooks")
    hooks.__dict__.update(
        collect_submodules=collect_submodules, copy_metadata=lambda distribution: [("metadata", distribution)]
    )
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    spec = checkout / "packaging" / "forensic-gui.spec"
    names: dict[str, Any] = {
        "SPECPATH": str(spec.parent),
        "Analysis": analysis,
        "PYZ": lambda pure: None,
        "EXE": exe,
        "COLLECT": lambda *_, **__: None,
        "BUNDLE": lambda *_, name, **__: build.bundles.append(name),
    }
    exec(compile(spec.read_text(encoding="utf-8"), str(spec), "exec"), names)
    build.used = names["used"]
    return build


@pytest.fixture
def build(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    return run_spec(checkout, monkeypatch)


def imports(checkout: Path, *, inside_functions: bool) -> Iterator[str]:
    """Dotted names that the two packages import, or only those that their functions import."""
    for folder in PACKAGE_FOLDERS:
        for path in (checkout / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            roots = (
                [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] if inside_functions else [tree]
            )
            for node in (node for root in roots for node in ast.walk(root)):
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module
                    yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_of_the_two_packages_is_asked_for(build: Build, checkout: Path) -> None:
    wanted = {name for folder in PACKAGE_FOLDERS for name in modules(checkout, folder)}
    assert len(wanted) > 100
    assert not wanted - set(build.analysis["hiddenimports"])


def test_readers_that_only_functions_import_are_asked_for(build: Build, checkout: Path) -> None:
    readers = {"pi_heif", "rawpy", "tifffile"}
    assert readers <= set(imports(checkout, inside_functions=True))
    assert readers <= set(build.analysis["hiddenimports"])


def test_nothing_that_the_source_imports_is_excluded(build: Build, checkout: Path) -> None:
    excluded = set(build.analysis["excludes"])
    imported = set(imports(checkout, inside_functions=False))
    assert {"torch", "cv2", "PySide6.QtWidgets"} <= imported
    parents = {".".join(name.split(".")[:depth]) for name in imported for depth in range(1, name.count(".") + 2)}
    assert not parents & excluded


def test_help_can_be_drawn(build: Build) -> None:
    # rich imports pygments for the Markdown of help pages, and sympy its plotting when torch imports sympy.
    assert not {"rich", "pygments", "pygments.lexers", "sympy", "sympy.plotting"} & set(build.analysis["excludes"])


def test_resources_lie_where_the_program_looks_for_them(
    build: Build, checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (destination,) = [place for source, place in build.analysis["datas"] if Path(source) == checkout / "resources"]
    (tmp_path / destination).mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources_folder() == tmp_path / destination


def test_the_licence_and_every_version_that_the_doctor_names_are_taken_along(build: Build, checkout: Path) -> None:
    assert (str(checkout / "LICENSE"), ".") in build.analysis["datas"]
    assert build.metadata == {"forensic-gui", *PACKAGES}


@pytest.mark.parametrize(
    "needed",
    [
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.so",
        "torch/testing/__init__.py",
        "torchvision/_C.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platformthemes/libqxdgdesktopportal.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "libxcb-cursor.so.0",
        "libfontconfig.so.1",
        "resources/weights/boxprompt-joint.json",
        "resources/weights/boxprompt-student-224.json",
    ],
)
def test_what_is_needed_is_kept(needed: str, build: Build) -> None:
    entry = (needed, f"/site-packages/{needed}", "BINARY")
    assert build.used([entry]) == [entry]


@pytest.mark.parametrize(
    "unused",
    [
        "torch/bin/test_api",
        "torch/test/test_jit",
        "torch/lib/libtorchbind_test.so",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/plugins/tls/qopensslbackend.dll",
        "libgtk-3.so.0",
        "libcairo.so.2",
    ],
)
def test_what_is_never_loaded_is_dropped(unused: str, build: Build) -> None:
    assert build.used([(unused, f"/site-packages/{unused}", "BINARY")]) == []


@pytest.mark.parametrize(
    ("platform", "programs", "bundles"),
    [
        ("linux", {"forensic-gui": True}, []),
        ("win32", {"forensic-gui": True, "forensic-gui-window": False}, []),
        ("darwin", {"forensic-gui": True}, ["Forensic GUI.app"]),
    ],
)
def test_each_system_gets_its_programs(
    platform: str, programs: dict[str, bool], bundles: list[str], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    build = run_spec(checkout, monkeypatch)
    assert (build.programs, build.bundles) == (programs, bundles)


def enter(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the frozen program's entry with this interpreter, what is heavy blocked."""
    script = (
        "import runpy, sys\n"
        "for name in ('torch', 'PySide6', 'cv2'): sys.modules[name] = None\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    path = os.pathsep.join([str(checkout), str(checkout / "models")])
    return subprocess.run(
        [sys.executable, "-c", script, str(checkout / "packaging" / "entry.py"), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )


def test_the_spec_starts_at_the_entry(build: Build, checkout: Path) -> None:
    assert [Path(script) for script in build.scripts] == [checkout / "packaging" / "entry.py"]


def test_the_entry_is_the_decoders_worker_when_asked(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert default_command() == (sys.executable, WORKER_FLAG)
    # Without requests the worker ends in peace; a command line that knows no such option would exit 2.
    process = enter(checkout, WORKER_FLAG)
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


def test_the_worker_gets_the_arguments_after_its_flag(checkout: Path) -> None:
    process = enter(checkout, WORKER_FLAG, "surplus")
    assert process.returncode == 1
    assert "takes no arguments, got ['surplus']" in process.stderr


def test_the_entry_is_the_command_line_otherwise(checkout: Path) -> None:
    process = enter(checkout, "--version")
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("forensic-gui ")
