"""A finding that one process made is found again by another one, from the report or the case alone."""

from __future__ import annotations

import json
import os
import re
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


def test_a_case_whose_copy_was_altered_is_not_repeated_from_where_it_was_added(
    made: Path, untrained_weights: Path
) -> None:
    with CaseSession.open(made / "First.case", author="reader", read_only=True) as session:
        kept = session.original(1)
    data, mode = kept.read_bytes(), kept.stat().st_mode
    kept.chmod(0o600)
    kept.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    call = ("reproduce", made / "report.html", "--case", made / "First.case", "--weights", untrained_weights.parent)
    try:
        silent = run(*call, "--json")
        named = run(*call, "--evidence", made / "IMG_1.png")
    finally:
        kept.write_bytes(data)
        kept.chmod(mode)
    assert silent.returncode == 1
    first = record_of(silent)["items"][0]
    assert (first["outcome"], first["original"]) == ("not repeated", None)
    assert "the case's copy of the original is altered" in first["reason"]
    assert named.returncode == 0, named.stderr
    place = f"original: {made / 'IMG_1.png'}, named as evidence; the case's copy of the original is altered"
    assert place in named.stdout


def test_a_finding_that_the_reports_case_does_not_have_is_said(made: Path, untrained_weights: Path) -> None:
    page = (made / "report.html").read_text(encoding="utf-8")
    told = re.search(r'"time":"([^"]*)"', page[page.index('"finding":{') :])
    assert told is not None
    forged = made / "forged.html"
    forged.write_text(page.replace(told[1], "2020" + told[1][4:]), encoding="utf-8")
    weights = ("--weights", untrained_weights.parent)
    result = run("reproduce", forged, "--case", made / "First.case", *weights, "--json")
    assert result.returncode == 1
    assert record_of(result)["items"][0]["false_claims"] == [
        "The case has no finding that says this, so the report's own reduced heatmap was compared."
    ]
    assert "first page prints another hash" in result.stderr


def test_weights_that_are_not_here_are_named(made: Path) -> None:
    result = run("reproduce", made / "report.html", "--evidence", made)
    assert result.returncode == 1
    assert "are not on this computer" in result.stderr
