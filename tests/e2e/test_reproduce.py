"""A finding that one process made is found again by another one, from the report or the case alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.services.case import CaseSession

PROGRAM = (sys.executable, "-m", "forensic_gui.cli.main")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    checkout = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(checkout), str(checkout / "models")])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120, env=environment, check=False
    )


def record_of(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return record


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, untrained_weights: Path) -> Path:
    """A folder with a case of one analyzed photograph, another one without finding, and the case's report."""
    folder = tmp_path_factory.mktemp("reproduce")
    for number in (1, 2):
        coarse = np.random.default_rng(number).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((160, 120), Image.Resampling.BICUBIC).save(folder / f"IMG_{number}.png")
    case, one = folder / "First.case", folder / "IMG_1.png"
    assert run("case", "create", case).returncode == 0
    arguments = ("--case", case, "-o", folder / "out", "--views", "fast", "--device", "cpu", "--write", "none")
    assert run("analyze", one, *arguments, "--weights", untrained_weights).returncode == 0
    assert run("case", "add", case, folder / "IMG_2.png").returncode == 0
    assert run("report", case, "-o", folder / "report.html").returncode == 0
    return folder


def test_after_a_restart_the_same_bytes_are_found_from_the_report_alone(made: Path, untrained_weights: Path) -> None:
    one = made / "IMG_1.png"
    moved = one.rename(made / "kept elsewhere")
    try:
        missing = run("reproduce", made / "report.html", "--weights", untrained_weights.parent, "--json")
        found = run(
            "reproduce", made / "report.html", "--evidence", moved, "--weights", untrained_weights.parent, "--json"
        )
    finally:
        moved.rename(one)
    assert missing.returncode == 1
    assert "name its folder with --evidence" in missing.stderr
    assert found.returncode == 0, found.stderr
    first, second = record_of(found)["items"]
    assert (first["outcome"], second["outcome"]) == ("the same bytes", "no finding")
    assert first["comparison"]["compared"] == "coarse heatmap"
    assert first["differing"] == []


def test_after_a_restart_a_case_is_repeated_and_says_so_in_its_trail(made: Path, untrained_weights: Path) -> None:
    result = run("reproduce", made / "First.case", "--weights", untrained_weights.parent, "--author", "eve")
    assert result.returncode == 0, result.stderr
    assert "item 1 IMG_1.png: the same bytes." in result.stdout
    with CaseSession.open(made / "First.case", author="reader", read_only=True) as session:
        event = next(each for each in session.audit() if each.action == "report reproduced")
    assert event.actor == "eve"
    assert event.details["outcomes"] == {"the same bytes": 1, "no finding": 1}


def test_weights_that_are_not_here_are_named(made: Path) -> None:
    result = run("reproduce", made / "report.html", "--evidence", made)
    assert result.returncode == 1
    assert "are not on this computer" in result.stderr
