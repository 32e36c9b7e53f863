"""`forensic-gui demo` where there is no display: its own process, the real decoder, the sample case that ships."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

NAMES = ("launch-pad", "skyline", "portrait", "cat", "coffee")

# Any import of Qt ends the program, as it does where system libraries are missing.
WITHOUT_QT = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "pyqtgraph"}:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
from forensic_gui.cli.main import main
sys.exit(main(["demo", *sys.argv[1:]]))
"""


def demo(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    checkout = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(checkout), str(checkout / "models")])
    inherited = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_QT, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env={**inherited, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **environment},
        check=False,
    )


def findings(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "findings.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(place: Path, untrained_weights: Path) -> subprocess.CompletedProcess[str]:
    """The demo in an empty folder, nothing named but weights of the true shape."""
    return demo("--no-window", "--weights", untrained_weights, cwd=place)


def test_it_analyzes_the_sample_case_and_says_where_the_results_are(
    told: subprocess.CompletedProcess[str], place: Path
) -> None:
    assert told.returncode == 0, told.stderr
    output = place / "forensic-gui-demo"
    assert told.stdout.splitlines()[-1].endswith(f"are in {output}")
    kinds = (".mask.png", ".heatmap.png", ".overlay.jpg")
    written = {name + kind for name in NAMES for kind in kinds} | {"findings.jsonl"}
    assert {path.name for path in output.iterdir()} == written
    assert [Path(record["path"]).stem for record in findings(output)] == list(NAMES)


def test_the_table_has_a_row_for_every_image_and_f1_only_where_something_was_done(
    told: subprocess.CompletedProcess[str],
) -> None:
    rows = {line.split()[0]: line.split()[1:] for line in told.stdout.splitlines()[:6]}
    assert list(rows) == ["image", *NAMES]
    assert rows["image"][-1] == "F1"
    assert [rows[name][0] for name in NAMES] == ["splice", "copy-move", "removal", "untouched", "untouched"]
    columns = {name: len(rows[name]) for name in NAMES}
    assert columns == {"launch-pad": 6, "skyline": 6, "portrait": 6, "cat": 5, "coffee": 5}


def test_f1_is_that_of_the_mask_written_against_the_known_one(place: Path, untrained_weights: Path) -> None:
    process = demo("--no-window", "-o", "f1", "--weights", untrained_weights, "--json", cwd=place)
    assert process.returncode == 0, process.stderr
    (record,) = map(json.loads, process.stdout.splitlines())
    assert record["findings"] == str(place / "f1" / "findings.jsonl")
    shipped = Path(record["images"][0]["path"]).parents[1] / "masks"
    for image in record["images"]:
        name = Path(image["path"]).stem
        if image["manipulation"] == "untouched":
            assert image["pixel_f1"] is None and image["known_share"] == 0
            continue
        with Image.open(place / "f1" / f"{name}.mask.png") as mask, Image.open(shipped / f"{name}.png") as known:
            found, truth = (set(np.flatnonzero(np.asarray(png.convert("L")) > 127)) for png in (mask, known))
        assert image["pixel_f1"] == pytest.approx(2 * len(found & truth) / (len(found) + len(truth)), abs=1e-6)


def test_without_a_display_it_says_so_and_analyzes_instead(place: Path, untrained_weights: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere there is always a display")
    process = demo("-o", "dark", "--weights", untrained_weights, cwd=place, QT_QPA_PLATFORM="")
    assert process.returncode == 0, process.stderr
    assert process.stderr.splitlines()[0] == "There is no display to open a window on."
    assert len(findings(place / "dark")) == len(NAMES)


def test_a_second_demo_replaces_its_files_and_adds_its_findings(place: Path, untrained_weights: Path) -> None:
    for _ in range(2):
        process = demo("--no-window", "-o", "twice", "--weights", untrained_weights, cwd=place)
        assert process.returncode == 0, process.stderr
    assert len(findings(place / "twice")) == 2 * len(NAMES)
    assert len(list((place / "twice").glob("*.mask.png"))) == len(NAMES)


def test_nothing_is_written_beside_the_sample_case(told: subprocess.CompletedProcess[str], checkout: Path) -> None:
    assert told.returncode == 0
    sample = checkout / "resources" / "sample_case"
    manifest = json.loads((sample / "manifest.json").read_text())
    images = {(sample / entry["image"]): entry["sha256"] for entry in manifest["images"]}
    assert set((sample / "images").iterdir()) == set(images)
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == sha256 for path, sha256 in images.items())


def test_an_output_folder_that_cannot_be_made_is_a_sentence(place: Path, untrained_weights: Path) -> None:
    (place / "occupied").write_text("a file")
    process = demo("--no-window", "-o", "occupied", "--weights", untrained_weights, cwd=place)
    assert process.returncode == 2
    assert "Traceback" not in process.stderr
    assert "occupied" in process.stderr.splitlines()[-1]
