"""Which way the demo goes, and what it says of a sample case that is not whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from forensic_gui import resources
from forensic_gui.cli import demo
from forensic_gui.cli.main import main
from forensic_gui.domain.errors import InstallationError
from forensic_gui.services import bootstrap, desktop
from forensic_gui.services.sample_case import load_sample_case

DISPLAY = {"DISPLAY": ":0"}


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(desktop.has_display, "__kwdefaults__", {"platform": "linux"})
    return monkeypatch


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "offscreen", **DISPLAY}])
def test_no_display_is_an_obstacle(environment: dict[str, str], linux: pytest.MonkeyPatch) -> None:
    assert demo.obstacle_to_window(environment) == "There is no display to open a window on."


def test_missing_libraries_are_an_obstacle_that_names_their_packages(linux: pytest.MonkeyPatch) -> None:
    linux.setattr(desktop, "missing_packages", lambda environment: ("libegl1", "libxcb-cursor0"))
    obstacle = demo.obstacle_to_window(DISPLAY)
    assert obstacle is not None and obstacle.endswith("sudo apt-get install libegl1 libxcb-cursor0")


def test_a_display_with_its_libraries_is_none(linux: pytest.MonkeyPatch) -> None:
    linux.setattr(desktop, "missing_packages", lambda environment: ())
    assert demo.obstacle_to_window(DISPLAY) is None


def test_where_a_window_can_be_opened_it_shows_the_sample_case(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from forensic_gui.views import app

    opened: list[Sequence[Path]] = []
    monkeypatch.setattr(demo, "obstacle_to_window", lambda environment: None)
    monkeypatch.setattr(app, "run", lambda paths: opened.append(paths) or 0)
    assert main(["demo", "-o", "results"]) == 0
    assert opened == [[image.path for image in load_sample_case()]]
    assert "Nothing is written to results" in capfd.readouterr().err
    assert not Path("results").exists()


@pytest.fixture
def copied(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample case, which is what this program now finds."""
    folder = tmp_path / "forensic_gui" / "resources" / "sample_case"
    shutil.copytree(checkout / "resources" / "sample_case", folder)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "forensic_gui")
    return folder


def test_an_altered_photograph_is_refused(copied: Path) -> None:
    with (copied / "images" / "cat.jpg").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(InstallationError, match=r"cat\.jpg has been altered.*install Forensic GUI again"):
        load_sample_case()


def test_a_lost_mask_is_refused(copied: Path) -> None:
    (copied / "masks" / "skyline.png").unlink()
    with pytest.raises(InstallationError, match=r"skyline\.png is missing from masks"):
        load_sample_case()


def test_another_manifest_is_refused(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text())
    (copied / "manifest.json").write_text(json.dumps({**manifest, "schema": "forensic-gui.sample-case/9"}))
    with pytest.raises(InstallationError, match=r"its schema is 'forensic-gui\.sample-case/9'"):
        load_sample_case()


def test_f1_counts_pixels_of_the_two_masks() -> None:
    known = np.zeros((4, 5), dtype=np.bool_)
    known[1:3, 1:4] = True  # 6 pixels
    mask = np.zeros_like(known)
    mask[1:3, 2:5] = True  # 6, of which 4 are right
    assert bootstrap.pixel_f1(mask, known=known) == pytest.approx(8 / 12)
    assert bootstrap.pixel_f1(known, known=known) == pytest.approx(1.0)
    assert bootstrap.pixel_f1(~known, known=known) == 0.0
