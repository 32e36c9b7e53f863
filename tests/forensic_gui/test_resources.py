from __future__ import annotations

import sys
from pathlib import Path

import pytest

from forensic_gui import resources
from forensic_gui.domain.errors import InstallationError


def test_a_checkout_or_an_installation_has_its_resources() -> None:
    assert resources.resource("sample_case", "manifest.json").is_file()
    assert resources.resource().is_dir()


def test_a_frozen_program_takes_them_from_its_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources.resources_folder() == tmp_path / "resources"


def test_a_wheel_has_them_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "forensic_gui"
    (package / "resources").mkdir(parents=True)
    (package.parent / "resources").mkdir()  # another distribution's
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.resources_folder() == package / "resources"


def test_a_missing_file_is_told_in_a_sentence() -> None:
    with pytest.raises(InstallationError, match=r"no-such-file.* is missing: this installation is incomplete"):
        resources.resource("icons", "no-such-file")


def test_a_missing_folder_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "nowhere" / "forensic_gui")
    with pytest.raises(InstallationError, match="resources folder is missing"):
        resources.resource("icons")
